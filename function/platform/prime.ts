/**
 * Runs the flow once at init, on instances that are thrown away and write nowhere.
 * Lambda throttles the CPU of an invocation but not that of init, so code that has run here is compiled
 * where it is cheap. One event is enough: more rounds cost more at init than they save, and what lies
 * between the actions is small. docs/handler.md has the figures.
 * Put here: the event that most callers send.
 */
import type { Context } from "aws-lambda";
import { noStore } from "../adapters/no-store.ts";
import type { Handler } from "../flow.ts";
import type { Store } from "../domain/store.ts";
import type { Write } from "./telemetry.ts";
import type { Send } from "./xray.ts";

/** All that the handler reaches beside its own memory. While priming that is nothing, whatever the service uses. */
export interface Outside {
  readonly write: Write;
  readonly send: Send;
  /** Value of Lambda's trace header. Default: of the environment. */
  readonly traceHeader?: () => string;
  readonly store: Store;
}

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

const nothing: Outside = {
  write: () => {},
  send: () => {},
  traceHeader: () => "Root=prime;Parent=prime;Sampled=1",
  store: noStore,
};

/** Never fails: what is wrong shows in the first invocation, where it is logged and counted. */
export const prime = (build: (outside: Outside) => Handler): Promise<unknown> =>
  build(nothing)(SAMPLE, context).catch(() => undefined);
