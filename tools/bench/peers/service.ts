/**
 * The same service as teams write it from the documentation of Powertools: its Logger and Metrics, with or
 * without its Tracer, the same validation and logic, nothing tuned.
 */
import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics } from "@aws-lambda-powertools/metrics";
import type { Context } from "aws-lambda";
import { RefusedError } from "../../../function/platform/errors.ts";
import { createDomain } from "../../../function/domain/index.ts";
import { type Step, unsampled } from "../../../function/platform/tracing.ts";
import { json } from "../../../function/platform/response.ts";

const logger = new Logger();
const metrics = new Metrics({ defaultDimensions: { environment: process.env.ENVIRONMENT ?? "" } });
const domain = createDomain();

/** A segment of the X-Ray SDK, as far as it is used here. */
export interface Segment {
  addNewSubsegment(name: string): Segment;
  addError(error: Error): void;
  close(): void;
}

/** Powertools' Tracer, as far as it is used here. */
export interface Tracer {
  getSegment(): Segment | undefined;
  setSegment(segment: Segment): void;
  annotateColdStart(): void;
  putAnnotation(key: string, value: string | number | boolean): void;
}

export const makeHandler = (tracer?: Tracer) => async (input: unknown, context: Context) => {
  const startedMs = performance.now();
  const correlationId = context.awsRequestId;
  logger.addContext(context);
  logger.setCorrelationId(correlationId);
  metrics.captureColdStartMetric();
  const parent = tracer?.getSegment();
  const own = parent?.addNewSubsegment("## handler");
  if (own) tracer?.setSegment(own);
  tracer?.annotateColdStart();
  const step = async <T>(name: string, run: (step: Step) => T | Promise<T>): Promise<T> => {
    const subsegment = own?.addNewSubsegment(name);
    try {
      return await run(unsampled());
    } catch (error) {
      subsegment?.addError(error as Error);
      throw error;
    } finally {
      subsegment?.close();
    }
  };
  try {
    const event = await step("validate", () => domain.parse(input));
    const labels: Record<string, unknown> = {};
    const result = await domain.handle(event, {
      signal: AbortSignal.timeout(context.getRemainingTimeInMillis()),
      correlationId,
      source: "direct",
      now: new Date(),
      newId: context.awsRequestId,
      annotate(key, value) {
        labels[key] = value;
        tracer?.putAnnotation(key, value);
      },
      log: {
        debug: (message, attributes = {}) => logger.debug(message, attributes),
        info: (message, attributes = {}) => logger.info(message, attributes),
        warn: (message, attributes = {}) => logger.warn(message, attributes),
        error: (message, attributes = {}) => logger.error(message, attributes),
      },
      count: (name, value = 1, unit = "Count") => void metrics.addMetric(name, unit, value),
      trace: { ...unsampled(), step },
    });
    metrics.addMetric("SuccessCount", "Count", 1);
    metrics.addMetric("ProcessedEvents", "Count", 1);
    metrics.addMetric("ProcessingDuration", "Milliseconds", performance.now() - startedMs);
    logger.info("Event processed", labels);
    return json(200, correlationId, result);
  } catch (error) {
    metrics.addMetric("ErrorCount", "Count", 1);
    logger.error("Event failed", error as Error);
    if (error instanceof RefusedError) {
      const { statusCode, message, faults } = error;
      return json(statusCode, correlationId, { message, faults });
    }
    throw error;
  } finally {
    own?.close();
    if (parent) tracer?.setSegment(parent);
    metrics.publishStoredMetrics();
  }
};
