/**
 * The flow of one request, from whatever came in to a response or a failed invocation.
 * Put here: the order of the steps, and what is logged and counted. Nothing of what the steps do.
 */
import type { Context } from "aws-lambda";
import { withDeadline } from "./platform/deadline.ts";
import { RefusedError } from "./platform/errors.ts";
import { type LambdaEvent, parseEvent, SMOKE_SOURCE } from "./domain/event.ts";
import { decide } from "./platform/failure.ts";
import { type ProcessResult, processEvent } from "./domain/process-event.ts";
import { readRequest } from "./platform/request.ts";
import { type HttpResponse, success } from "./platform/response.ts";
import type { Call, Store } from "./domain/store.ts";
import type { Telemetry } from "./platform/telemetry.ts";
import type { Trace, Tracer } from "./platform/tracing.ts";

export interface Dependencies extends Telemetry {
  readonly tracer: Tracer;
  readonly store: Store;
  readonly now: () => Date;
  /** Whether the first invocation is a cold start: not under provisioned concurrency. */
  readonly startsCold: boolean;
}

export type Handler = (input: unknown, context: Context) => Promise<HttpResponse>;

/** Builds the handler once; it keeps nothing from one invocation to the next but that it has started. */
export function createHandler(dependencies: Dependencies): Handler {
  const { logger, metrics, tracer } = dependencies;
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
    let failure: unknown;
    try {
      const event = await trace.step("validate", () => parseEvent(request.payload()));
      trace.annotate("action", event.action);
      logger.debug("Event accepted", { event: { ...event } });
      const result = await withDeadline(context.getRemainingTimeInMillis(), (signal) =>
        carryOut(event, context, { signal, correlationId }, trace),
      );
      const durationMs = performance.now() - startedMs;
      metrics.addMetric("SuccessCount", "Count", 1);
      if (event.source !== SMOKE_SOURCE) {
        metrics.addMetric("ProcessedEvents", "Count", 1);
        metrics.addMetric("ProcessingDuration", "Milliseconds", durationMs);
      }
      logger.info("Event processed", { action: event.action, id: result.id, durationMs });
      return success(result, correlationId);
    } catch (error) {
      failure = error ?? new Error(`${error} was thrown`);
      const outcome = decide(error, request);
      metrics.addMetric("ErrorCount", "Count", 1);
      metrics.addMetadata("outcome", outcome.kind);
      if (error instanceof RefusedError)
        logger.warn("Event refused", { faults: [...error.faults] });
      else logFailure(failure);
      if (outcome.kind === "failed") throw outcome.error;
      return outcome.response;
    } finally {
      trace.annotate("success", failure === undefined);
      trace.end(failure);
      metrics.publishStoredMetrics();
      logger.resetKeys();
    }
  };

  /** Decides, then lets the outside know. */
  async function carryOut(
    event: LambdaEvent,
    { awsRequestId }: Context,
    call: Call,
    trace: Trace,
  ): Promise<ProcessResult> {
    const { store, now } = dependencies;
    // Lambda retries an event under the same request id, so that a retry makes the same record, not a second one.
    const facts = { now: now(), newId: awsRequestId };
    const result = await trace.step("logic", () => processEvent(event, facts));
    await trace.step(store.name, () => store.apply({ result, data: event.data }, call));
    return result;
  }

  /** All of the error, for us. Some errors cannot be written (their causes form a ring): that must not hide them. */
  function logFailure(error: unknown): void {
    try {
      logger.error("Event failed", { error });
    } catch {
      logger.error("Event failed with an error that cannot be written", { type: typeof error });
    }
  }
}
