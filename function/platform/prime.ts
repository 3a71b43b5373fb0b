/**
 * Runs the flow once at init, on instances that are thrown away and write nowhere.
 * Lambda throttles the CPU of an invocation but not that of init, so code that has run here is compiled
 * where it is cheap. One event is enough: more rounds cost more at init than they save, and what lies
 * between the actions is small. docs/handler.md has the figures.
 * Put here: how init warms the code up. The event is the domain's.
 */
import type { Context } from "aws-lambda";
import type { Handler } from "../flow.ts";
import type { Write } from "./sink.ts";
import type { Send } from "./xray.ts";

/** All that the flow reaches beside its own memory. While priming that is nothing. */
export interface Outside {
  readonly write: Write;
  readonly send: Send;
  /** Value of Lambda's trace header. Default: of the environment. */
  readonly traceHeader?: () => string;
}

const context: Context = {
  awsRequestId: "prime",
  functionName: "prime",
  functionVersion: "0",
  invokedFunctionArn: "prime",
  memoryLimitInMB: "0",
  logGroupName: "prime",
  logStreamName: "prime",
  callbackWaitsForEmptyEventLoop: false,
  getRemainingTimeInMillis: () => 1000,
  done: () => {},
  fail: () => {},
  succeed: () => {},
};

const nothing: Outside = {
  write: () => {},
  send: () => {},
  traceHeader: () => "Root=prime;Parent=prime;Sampled=1",
};

/** Never fails: what is wrong shows in the first invocation, where it is logged and counted. */
export const prime = (build: (outside: Outside) => Handler, sample: unknown): Promise<unknown> =>
  build(nothing)(sample, context).catch(() => undefined);
