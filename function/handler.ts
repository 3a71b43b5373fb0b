/**
 * The entry that Lambda calls: everything is built here, once, at init.
 * Put here: which store, tracer and clock the service runs with.
 */
import { noStore } from "./adapters/no-store.ts";
import { createHandler, type Handler } from "./flow.ts";
import { type Outside, prime } from "./platform/prime.ts";
import { createTelemetry } from "./platform/telemetry.ts";
import { daemonSender } from "./platform/xray-daemon.ts";
import { xrayTracer } from "./platform/xray.ts";

const build = ({ write, send, traceHeader, store }: Outside): Handler =>
  createHandler({
    ...createTelemetry(write),
    tracer: xrayTracer(send, traceHeader),
    store,
    now: () => new Date(),
    startsCold: process.env.AWS_LAMBDA_INITIALIZATION_TYPE === "on-demand",
  });

await prime(build);
// Writes nothing, but makes the stream ready: a third of a millisecond less in the first invocation.
process.stdout.write("");

/** Lambda's handler: `dist/index.handler`. */
export const handler = build({
  write: (line) => process.stdout.write(`${line}\n`),
  send: daemonSender(),
  store: noStore,
});
