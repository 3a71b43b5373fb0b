/**
 * Logger and metrics, configured by the environment variables that the stack sets.
 * Put here: what both are made with. What is logged and counted stands in flow.ts.
 */
import { type Logger, lineLogger } from "./logger.ts";
import { emfMetrics, type Metrics } from "./metrics.ts";
import { secretKeys } from "./redact.ts";
import type { Write } from "./sink.ts";

export interface Telemetry {
  readonly service: string;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Builds both over one sink: priming must be mute, and tests read what is written. */
export function createTelemetry(write: Write, ownSecretKeys?: readonly string[]): Telemetry {
  const { env } = process;
  const service = env.POWERTOOLS_SERVICE_NAME || "local";
  return {
    service,
    logger: lineLogger(write, service, secretKeys(ownSecretKeys)),
    metrics: emfMetrics({
      namespace: env.POWERTOOLS_METRICS_NAMESPACE || service,
      dimensions: { service, environment: env.ENVIRONMENT || "local" },
      version: env.AWS_LAMBDA_FUNCTION_VERSION || "local",
      write,
    }),
  };
}
