/**
 * The log: one line of JSON a message, with the keys that Powertools' Logger writes.
 * Put here: levels, keys and their order. What a value looks like stands in log-value.ts. The methods are called as
 * in Powertools, a test holds the lines to its lines, and docs/decisions/0301-own-telemetry.md says why it is not here.
 */
import type { Context } from "aws-lambda";
import { logValue } from "./log-value.ts";
import type { Write } from "./metrics.ts";

export type Attributes = Readonly<Record<string, unknown>>;

export interface Logger {
  addContext(context: Context): void;
  setCorrelationId(id: string): void;
  /** Whether whole events may be logged, which are somebody else's data. */
  getLogEvent(): boolean;
  debug(message: string, attributes?: Attributes): void;
  info(message: string, attributes?: Attributes): void;
  warn(message: string, attributes?: Attributes): void;
  error(message: string, attributes?: Attributes): void;
  /** Forgets what belongs to one invocation. */
  resetKeys(): void;
}

/** Powertools' levels and their order; Lambda says FATAL for CRITICAL. */
const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "CRITICAL", "SILENT"];

const rank = (level = ""): number =>
  LEVELS.indexOf(level.toUpperCase().replace("FATAL", "CRITICAL"));

/** Keys of the line itself, which no attribute may replace. */
const RESERVED = new Set(["level", "message", "timestamp", "service"]);

/** Reads its settings from the environment, under Powertools' and Lambda's own names. */
export function lineLogger(
  write: Write,
  service: string,
  isSecret: (key: string) => boolean,
): Logger {
  const { env } = process;
  // The quieter of the two: what Lambda filters out need not be written, and its filter may never be above INFO,
  // because metrics are lines without a level.
  const ours = rank(env.POWERTOOLS_LOG_LEVEL);
  const threshold = Math.max(ours < 0 ? rank("INFO") : ours, rank(env.AWS_LAMBDA_LOG_LEVEL));
  const logsEvents = /^(1|y|yes|t|true|on)$/i.test(env.POWERTOOLS_LOGGER_LOG_EVENT ?? "");
  let cold = env.AWS_LAMBDA_INITIALIZATION_TYPE === "on-demand";
  let context: Attributes = {};
  let keys: Attributes = {};

  const print =
    (level: string) =>
    (message: string, attributes: Attributes = {}): void => {
      if (rank(level) < threshold) return;
      const further = Object.entries({ ...keys, ...attributes });
      const line = {
        level,
        message,
        timestamp: new Date(),
        service,
        ...context,
        xray_trace_id: /Root=([^;]+)/.exec(env._X_AMZN_TRACE_ID ?? "")?.[1],
        ...Object.fromEntries(further.filter(([key]) => !RESERVED.has(key))),
      };
      write(JSON.stringify(logValue(line, isSecret)));
    };

  return {
    addContext(of) {
      context = {
        cold_start: cold,
        function_arn: of.invokedFunctionArn,
        function_memory_size: of.memoryLimitInMB,
        function_name: of.functionName,
        function_request_id: of.awsRequestId,
      };
      cold = false;
    },
    setCorrelationId(id) {
      keys = { correlation_id: id };
    },
    getLogEvent: () => logsEvents,
    debug: print("DEBUG"),
    info: print("INFO"),
    warn: print("WARN"),
    error: print("ERROR"),
    resetKeys() {
      keys = {};
    },
  };
}
