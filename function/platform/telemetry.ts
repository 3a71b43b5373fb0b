/**
 * Logger and metrics, configured by the environment variables that the stack sets.
 * Put here: how lines are written; what is logged and counted stands in flow.ts. Metric dimensions stay
 * bounded, service and environment: each further value is a metric of its own on the bill.
 */
import { type LogItem, Logger, LogLevelThreshold } from "@aws-lambda-powertools/logger";
import { Metrics } from "@aws-lambda-powertools/metrics";
import { redact } from "./redact.ts";

/** Takes one line of JSON, without its end. */
export type Write = (line: string) => void;

export interface Telemetry {
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/**
 * Builds both over one sink, in place of the Consoles that Powertools makes: priming must be mute,
 * and tests read what is written.
 */
export function createTelemetry(write: Write): Telemetry {
  const logLevel = levelNamed(process.env.POWERTOOLS_LOG_LEVEL);

  class LineLogger extends Logger {
    // Under JSON logging Powertools follows Lambda's level alone, and that one may never be above INFO,
    // because metrics are lines without a level. So ours is applied here.
    protected override processLogItem(...args: Parameters<Logger["processLogItem"]>): void {
      if (args[0] >= LogLevelThreshold[logLevel]) super.processLogItem(...args);
    }
    protected override printLog(_severity: number, item: LogItem): void {
      item.prepareForPrint();
      write(JSON.stringify(item.getAttributes(), this.getJsonReplacer()));
    }
  }

  class LineMetrics extends Metrics {
    override publishStoredMetrics(): this {
      if (this.hasStoredMetrics() && !this.isDisabled()) {
        write(JSON.stringify(this.serializeMetrics()));
      }
      this.clearMetrics();
      this.clearDimensions();
      this.clearMetadata();
      return this;
    }
  }

  const environment = process.env.ENVIRONMENT || "local";
  return {
    logger: new LineLogger({
      // Asked for a level beside Lambda's own, Powertools warns at every cold start.
      ...(!process.env.AWS_LAMBDA_LOG_LEVEL && { logLevel }),
      jsonReplacerFn: redact,
    }),
    metrics: new LineMetrics({ defaultDimensions: { environment } }),
  };
}

type Level = keyof typeof LogLevelThreshold;

// Powertools ignores a level in small letters, as the stack writes it.
function levelNamed(name = ""): Level {
  const upper = name.toUpperCase();
  const isLevel = (text: string): text is Level => Object.hasOwn(LogLevelThreshold, text);
  return isLevel(upper) ? upper : "INFO";
}
