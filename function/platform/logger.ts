/**
 * The log: Powertools' Logger, with lines that are written here.
 * Put here: what the flow may log with, and levels. What a value looks like stands in log-value.ts.
 */
import {
  type LogItem,
  Logger as Powertools,
  LogLevelThreshold,
} from "@aws-lambda-powertools/logger";
import type { Context } from "aws-lambda";
import { logValue } from "./log-value.ts";
import { printThrough, type Write } from "./sink.ts";

export type Attributes = Readonly<Record<string, unknown>>;

/** The part of Powertools' Logger that the flow uses. */
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

type Level = keyof typeof LogLevelThreshold;

// Powertools ignores a level in small letters, as the stack writes it. Lambda says FATAL for CRITICAL.
function levelNamed(name = ""): Level | undefined {
  const upper = name.toUpperCase().replace("FATAL", "CRITICAL");
  const isLevel = (text: string): text is Level => Object.hasOwn(LogLevelThreshold, text);
  return isLevel(upper) ? upper : undefined;
}

/** Reads its settings from the environment, under Powertools' and Lambda's own names. */
export function lineLogger(
  write: Write,
  serviceName: string,
  isSecret: (key: string) => boolean,
): Logger {
  const { env } = process;
  const logLevel = levelNamed(env.POWERTOOLS_LOG_LEVEL) ?? "INFO";
  // The quieter of the two: what Lambda filters out need not be written, and its filter may never be above INFO,
  // because metrics are lines without a level.
  const threshold = Math.max(
    LogLevelThreshold[logLevel],
    LogLevelThreshold[levelNamed(env.AWS_LAMBDA_LOG_LEVEL) ?? "TRACE"],
  );

  class LineLogger extends Powertools {
    // Under JSON logging Powertools follows Lambda's level alone, so ours is applied here.
    protected override processLogItem(...args: Parameters<Powertools["processLogItem"]>): void {
      if (args[0] >= threshold) super.processLogItem(...args);
    }
    protected override printLog(_severity: number, item: LogItem): void {
      item.prepareForPrint();
      write(JSON.stringify(logValue(item.getAttributes(), isSecret)));
    }
  }

  printThrough(LineLogger, write);
  const logger = new LineLogger({
    serviceName,
    // Asked for a level beside Lambda's own, Powertools warns at every cold start.
    ...(!env.AWS_LAMBDA_LOG_LEVEL && { logLevel }),
  });
  // Powertools takes an error apart by itself, and is lost in one whose causes form a ring.
  const plain = ({ error, ...attributes }: Attributes = {}): Record<string, unknown> =>
    error === undefined ? attributes : { ...attributes, error: logValue(error, isSecret) };
  return {
    addContext: (context) => logger.addContext(context),
    setCorrelationId: (id) => logger.setCorrelationId(id),
    getLogEvent: () => logger.getLogEvent(),
    debug: (message, attributes) => logger.debug(message, plain(attributes)),
    info: (message, attributes) => logger.info(message, plain(attributes)),
    warn: (message, attributes) => logger.warn(message, plain(attributes)),
    error: (message, attributes) => logger.error(message, plain(attributes)),
    resetKeys: () => logger.resetKeys(),
  };
}
