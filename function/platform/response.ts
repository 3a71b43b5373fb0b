/**
 * Results and refusals as HTTP responses, in the shape that API Gateway, function URLs and load balancers take.
 * Put here: status codes, headers and bodies. Nothing else decides what a caller gets to see.
 */
import type { InternalError, RefusedError } from "./errors.ts";

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

export const success = (result: object, correlationId: string): HttpResponse =>
  json(200, correlationId, result);

/** The caller's fault: says everything that is wrong. */
export const refusal = (
  { statusCode, message, faults }: RefusedError,
  correlationId: string,
): HttpResponse => json(statusCode, correlationId, { message, faults, correlationId });

/** Our fault: takes an error that is scrubbed already, so that no other can get here. */
export const failure = ({ message }: InternalError, correlationId: string): HttpResponse =>
  json(500, correlationId, { message, correlationId });
