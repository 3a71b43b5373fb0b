/**
 * The entry that Lambda calls: everything is built here, once, at init.
 * Put here: which store, tracer and clock the service runs with.
 */
import { noStore } from "./adapters/no-store.ts";
import { createHandler, type Handler } from "./flow.ts";
import { prime } from "./prime.ts";
import { createTelemetry, type Write } from "./telemetry.ts";
import { daemonSender } from "./xray-daemon.ts";
import { type Send, xrayTracer } from "./xray.ts";

const build = (write: Write, send: Send, traceHeader?: () => string): Handler =>
  createHandler({
    ...createTelemetry(write),
    tracer: xrayTracer(send, traceHeader),
    store: noStore,
    now: () => new Date(),
    startsCold: process.env.AWS_LAMBDA_INITIALIZATION_TYPE === "on-demand",
  });

const mute = () => {};
await prime(build(mute, mute, () => "Root=prime;Parent=prime;Sampled=1"));

/** Lambda's handler: `dist/index.handler`. */
export const handler = build((line) => process.stdout.write(`${line}\n`), daemonSender());
