/**
 * Results and refusals as HTTP responses, in the shape that API Gateway, function URLs and load balancers take.
 * Put here: status codes, headers and bodies. Nothing else decides what a caller gets to see.
 */
import type { Fault } from "./event.ts";
import type { ProcessResult } from "./process-event.ts";

export interface HttpResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text. */
  readonly body: string;
}

const json = (statusCode: number, correlationId: string, body: object): HttpResponse => ({
  statusCode,
  headers: { "content-type": "application/json", "x-correlation-id": correlationId },
  body: JSON.stringify(body),
});

export const success = (result: ProcessResult, correlationId: string): HttpResponse =>
  json(200, correlationId, result);

/** The caller's fault: says everything that is wrong. */
export const refusal = (faults: readonly Fault[], correlationId: string): HttpResponse =>
  json(400, correlationId, { message: "Invalid event", faults, correlationId });
