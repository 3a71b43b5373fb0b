/**
 * How an invocation ends that did not succeed.
 *
 * Lambda sees only invocations that fail: retries, dead-letter queues and Lambda's own error metric hang on it.
 * - Where somebody reads the answer (HTTP; a direct caller, when the setting says so), the caller's fault is
 *   answered with 4xx, and ours with 500 for HTTP.
 * - Where nobody does (asynchronous invocations, queues, streams, buses, schedules), both fail the invocation,
 *   with an error that says nothing of the service or of what the event holds.
 *
 * Put here: this decision, and nothing else. Both kinds are counted whichever way they end.
 */
import {
  InternalError,
  RefusedError,
  RefusedInvocationError,
  typeOf,
  UnhandledSourceError,
} from "./errors.ts";
import type { Request } from "./request.ts";
import type { HttpResponse } from "./response.ts";

export type Outcome =
  | { readonly kind: "answered"; readonly response: HttpResponse }
  | { readonly kind: "failed"; readonly error: Error };

type Reader = Pick<Request, "refusalIsRead" | "failureIsRead" | "correlationId" | "respond">;

/** Decides by the error and by who reads the answer. */
export function decide(error: unknown, reader: Reader): Outcome {
  const { refusalIsRead, failureIsRead, correlationId, respond } = reader;
  if (error instanceof RefusedError) {
    const { statusCode, message, faults } = error;
    return refusalIsRead
      ? { kind: "answered", response: respond(statusCode, { message, faults, correlationId }) }
      : { kind: "failed", error: new RefusedInvocationError(error, correlationId) };
  }
  if (error instanceof UnhandledSourceError) return { kind: "failed", error };
  if (!failureIsRead) {
    return { kind: "failed", error: new InternalError(correlationId, typeOf(error)) };
  }
  const { message } = new InternalError(correlationId);
  return { kind: "answered", response: respond(500, { message, correlationId }) };
}
