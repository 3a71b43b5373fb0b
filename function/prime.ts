/**
 * Runs the flow once at init, on instances that are thrown away and write nowhere.
 * Lambda throttles the CPU of an invocation but not that of init, so code that has run here is compiled
 * where it is cheap. One event is enough: more rounds cost more at init than they save, and what lies
 * between the actions is small. docs/handler.md has the figures.
 * Put here: the event that most callers send.
 */
import type { Context } from "aws-lambda";
import type { Handler } from "./flow.ts";

const SAMPLE = { action: "create", data: { name: "prime" } };

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

/** Never fails: what is wrong shows in the first invocation, where it is logged and counted. */
export const prime = (handler: Handler): Promise<unknown> =>
  handler(SAMPLE, context).catch(() => undefined);
