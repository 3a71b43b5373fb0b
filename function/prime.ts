/**
 * Runs the flow a few times at init, on instances that are thrown away and write nowhere.
 * Lambda throttles the CPU of an invocation but not that of init, so code that has run once here is
 * compiled where it is cheap: docs/handler.md has the figures.
 * Put here: one sample of each kind of event that is worth it.
 */
import type { Context } from "aws-lambda";
import type { Handler } from "./flow.ts";

const ROUNDS = 3;

const SAMPLES: readonly unknown[] = [
  { action: "create", data: { name: "prime" }, source: "prime" },
  { action: "update", data: { id: "prime" } },
  { action: "delete", data: { id: "prime" } },
  { requestContext: { http: {} }, headers: {}, body: "{}" },
];

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
export async function prime(handler: Handler): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    for (const sample of SAMPLES) await handler(sample, context).catch(() => {});
  }
}
