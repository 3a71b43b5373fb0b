/**
 * Logger and metrics, configured by the environment variables that the stack sets.
 * Put here: how lines are written; what is logged and counted stands in flow.ts.
 */
import { writeSync } from "node:fs";
import { type Logger, lineLogger } from "./logger.ts";
import { emfMetrics, type Metrics, type Write } from "./metrics.ts";
import { secretKeys } from "./redact.ts";

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

/** Milliseconds that a full pipe is waited for. */
const MAX_WAIT_MS = 1000;

/** Writes a line to the log at once: `process.stdout` costs more at its first line than all others together. */
export function writeLine(line: string): void {
  const bytes = Buffer.from(`${line}\n`);
  for (let at = 0, waitedMs = 0; at < bytes.length && waitedMs < MAX_WAIT_MS; ) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      // A full pipe is read from in a moment. A line that cannot be written is no reason to fail an event.
      if (!isFull(error)) return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
      waitedMs += 1;
    }
  }
}

const isFull = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "EAGAIN";
