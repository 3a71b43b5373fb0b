/**
 * The flow of one request, from whatever came in to a response or a failed invocation.
 * Put here: the order of the steps, and what is logged and counted. Nothing of what the steps do.
 */
import type { Context } from "aws-lambda";
import { withDeadline } from "./platform/deadline.ts";
import type { Call, Domain } from "./platform/domain.ts";
import { RefusedError } from "./platform/errors.ts";
import { decide } from "./platform/failure.ts";
import { readRequest } from "./platform/request.ts";
import { type HttpResponse, success } from "./platform/response.ts";
import { isSmoke } from "./platform/smoke.ts";
import { structureFaults } from "./platform/structure.ts";
import type { Telemetry } from "./platform/telemetry.ts";
import type { Tracer } from "./platform/tracing.ts";

export interface Dependencies<Event, Result extends object> extends Telemetry {
  readonly tracer: Tracer;
  readonly domain: Domain<Event, Result>;
  readonly now: () => Date;
  /** Whether the first invocation is a cold start: not under provisioned concurrency. */
  readonly startsCold: boolean;
}

export type Handler = (input: unknown, context: Context) => Promise<HttpResponse>;

/** Builds the handler once; it keeps nothing from one invocation to the next but that it has started. */
export function createHandler<Event, Result extends object>(
  dependencies: Dependencies<Event, Result>,
): Handler {
  const { logger, metrics, tracer, domain } = dependencies;
  let cold = dependencies.startsCold;

  return async (input, context) => {
    const startedMs = performance.now();
    const request = readRequest(input, context.awsRequestId);
    const { correlationId } = request;
    const trace = tracer.begin("handler");
    trace.annotate("cold_start", cold);
    if (cold) metrics.addMetric("ColdStart", "Count", 1);
    cold = false;
    metrics.addMetadata("correlation_id", correlationId);
    logger.addContext(context);
    logger.setCorrelationId(correlationId);
    const labels: Record<string, unknown> = {};
    const annotate: Call["annotate"] = (key, value) => {
      labels[key] = value;
      trace.annotate(key, value);
    };
    let failure: unknown;
    try {
      const payload = request.payload();
      const event = await trace.step("validate", () => accept(payload));
      logger.debug("Event accepted", { event });
      const result = await withDeadline(context.getRemainingTimeInMillis(), (signal) =>
        domain.handle(event, {
          signal,
          correlationId,
          now: dependencies.now(),
          // Lambda retries an event under the same request id.
          newId: context.awsRequestId,
          annotate,
          trace,
        }),
      );
      const durationMs = performance.now() - startedMs;
      metrics.addMetric("SuccessCount", "Count", 1);
      if (!isSmoke(payload)) {
        metrics.addMetric("ProcessedEvents", "Count", 1);
        metrics.addMetric("ProcessingDuration", "Milliseconds", durationMs);
      }
      logger.info("Event processed", { ...labels, durationMs });
      return success(result, correlationId);
    } catch (error) {
      failure = error ?? new Error(`${error} was thrown`);
      const outcome = decide(error, request);
      metrics.addMetric("ErrorCount", "Count", 1);
      metrics.addMetadata("outcome", outcome.kind);
      if (error instanceof RefusedError)
        logger.warn("Event refused", { ...labels, faults: [...error.faults] });
      else logFailure(failure, labels);
      if (outcome.kind === "failed") throw outcome.error;
      return outcome.response;
    } finally {
      trace.annotate("success", failure === undefined);
      trace.end(failure);
      metrics.publishStoredMetrics();
      logger.resetKeys();
    }
  };

  /** What no domain has to think of comes first: its size, its depth and the keys that attack objects. */
  function accept(payload: unknown): Event {
    const faults = structureFaults(payload);
    if (faults.length > 0) throw new RefusedError(faults);
    return domain.parse(payload);
  }

  /** All of the error, for us. Some errors cannot be written (their causes form a ring): that must not hide them. */
  function logFailure(error: unknown, labels: Readonly<Record<string, unknown>>): void {
    try {
      logger.error("Event failed", { ...labels, error });
    } catch {
      logger.error("Event failed with an error that cannot be written", {
        ...labels,
        type: typeof error,
      });
    }
  }
}
