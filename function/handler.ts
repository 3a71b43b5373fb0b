/**
 * The entry that Lambda calls. Put here: the order of the steps, nothing of what they do.
 */
import type { Context } from "aws-lambda";
import { parseEvent } from "./event.ts";
import { processEvent } from "./process-event.ts";
import { type HttpResponse, refusal, success } from "./response.ts";
import { logger, metrics } from "./telemetry.ts";

/** A smoke call runs everything and counts in no business metric. */
const SMOKE_SOURCE = "smoke";

export async function handler(input: unknown, context: Context): Promise<HttpResponse> {
  const startedMs = performance.now();
  const correlationId = context.awsRequestId;
  logger.addContext(context);
  logger.setCorrelationId(correlationId);
  try {
    const parsed = parseEvent(input);
    if (!parsed.ok) {
      metrics.addMetric("ErrorCount", "Count", 1);
      logger.warn("Event refused", { faults: [...parsed.faults] });
      return refusal(parsed.faults, correlationId);
    }
    const { event } = parsed;
    const result = processEvent(event, { now: new Date(), newId: context.awsRequestId });
    metrics.addMetric("SuccessCount", "Count", 1);
    if (event.source !== SMOKE_SOURCE) {
      metrics.addMetric("ProcessedEvents", "Count", 1);
      metrics.addMetric("ProcessingDuration", "Milliseconds", performance.now() - startedMs);
    }
    logger.info("Event processed", { action: event.action, status: result.status });
    return success(result, correlationId);
  } catch (error) {
    metrics.addMetric("ErrorCount", "Count", 1);
    logger.error("Event failed", { error });
    // Rethrown without its message: the runtime hands it to the caller. Lambda counts, retries and dead-letters it.
    const failure = new Error(`Internal error; correlation id ${correlationId}`);
    failure.name = "InternalError";
    failure.stack = `${failure.name}: ${failure.message}`;
    throw failure;
  } finally {
    metrics.publishStoredMetrics();
    logger.resetKeys();
  }
}
