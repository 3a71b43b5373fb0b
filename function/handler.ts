/**
 * The entry that Lambda calls: everything is built here, once, at init.
 * Put here: which adapters, tracer and clock the service runs with.
 */
import { openTable } from "./adapters/open-table.ts";
import { createDomain } from "./domain/index.ts";
import { createHandler, type Handler } from "./flow.ts";
import type { Domain } from "./platform/domain.ts";
import { callerSettings } from "./platform/environment.ts";
import { type Outside, prime } from "./platform/prime.ts";
import { sampleCall } from "./platform/router.ts";
import { writeLine } from "./platform/sink.ts";
import { createTelemetry } from "./platform/telemetry.ts";
import { daemonSender } from "./platform/xray-daemon.ts";
import { xrayTracer } from "./platform/xray.ts";

const callers = callerSettings(process.env);

const build = <Event>(
  domain: Domain<Event, object>,
  { write, send, traceHeader }: Outside,
  httpFronts = callers.httpFronts,
): Handler =>
  createHandler({
    ...createTelemetry(write, domain.secretKeys),
    tracer: xrayTracer(send, traceHeader),
    domain,
    now: () => new Date(),
    startsCold: process.env.AWS_LAMBDA_INITIALIZATION_TYPE === "on-demand",
    callers: FEATURES.api ? { ...callers, httpFronts } : callers,
    ...(FEATURES.database && { outbox: table?.outbox }),
  });

// In the bundle where config has a table, and used where the environment names one.
const table = FEATURES.database ? openTable(process.env) : undefined;
const opened = FEATURES.database ? table?.open() : undefined;

/** The domain on the table, where there is one. */
const onTable = <Event>(domain: Domain<Event, object>): Domain<Event, object> =>
  FEATURES.database ? (table?.serve(domain) ?? domain) : domain;
const rehearsed = <Event>(domain: Domain<Event, object>): Domain<Event, object> =>
  FEATURES.database ? (table?.rehearse(domain) ?? domain) : domain;

// Without adapters: nothing outside is reached before the first invocation, but the connection that `open` makes.
const unconnected = createDomain();
// Where there is an API, through its routes: a first call over HTTP takes 2.3 ms of CPU then, and 4.1 without.
await prime(
  (outside) => build(rehearsed(unconnected), outside, ["*"]),
  FEATURES.api ? (sampleCall(unconnected.routes) ?? unconnected.sample) : unconnected.sample,
);
if (FEATURES.database) await opened;

/** Lambda's handler: `dist/index.handler`. Adapters are passed to `createDomain` here. */
export const handler = build(onTable(createDomain()), {
  write: writeLine,
  send: daemonSender(),
});
