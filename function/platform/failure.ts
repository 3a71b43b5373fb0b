/**
 * How an invocation ends that did not succeed.
 *
 * Lambda sees only invocations that fail: alarms, canary, retries and dead-letter queue all hang on it.
 * - The caller's fault is answered with 4xx: a retry would change nothing, and nothing of ours is broken.
 * - A failure of ours is a 500 response only for an HTTP front, which has a person waiting for an answer
 *   and counts 5xx itself.
 * - Everywhere else it fails the invocation, with an error that tells the caller nothing but where to look.
 *
 * Put here: this decision, and nothing else.
 */
import { InternalError, RefusedError, typeOf } from "./errors.ts";
import type { Request } from "./request.ts";
import { failure, type HttpResponse, refusal } from "./response.ts";

export type Outcome =
  | { readonly kind: "refused"; readonly response: HttpResponse }
  | { readonly kind: "answered"; readonly response: HttpResponse }
  | { readonly kind: "failed"; readonly error: InternalError };

/** Decides by the error and by who is calling. */
export function decide(
  error: unknown,
  { front, correlationId }: Pick<Request, "front" | "correlationId">,
): Outcome {
  if (error instanceof RefusedError) {
    return { kind: "refused", response: refusal(error, correlationId) };
  }
  return front === "http"
    ? { kind: "answered", response: failure(new InternalError(correlationId), correlationId) }
    : { kind: "failed", error: new InternalError(correlationId, typeOf(error)) };
}
