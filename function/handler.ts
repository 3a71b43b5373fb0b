/**
 * The entry that Lambda calls: everything is built here, once, at init.
 * Put here: which adapters, tracer and clock the service runs with.
 */
import { createDomain } from "./domain/index.ts";
import { createHandler, type Handler } from "./flow.ts";
import { callerSettings } from "./platform/environment.ts";
import { type Outside, prime } from "./platform/prime.ts";
import { writeLine } from "./platform/sink.ts";
import { createTelemetry } from "./platform/telemetry.ts";
import { daemonSender } from "./platform/xray-daemon.ts";
import { xrayTracer } from "./platform/xray.ts";

const callers = callerSettings(process.env);

type Service = ReturnType<typeof createDomain>;

const build = (domain: Service, { write, send, traceHeader }: Outside): Handler =>
  createHandler({
    ...createTelemetry(write, domain.secretKeys),
    tracer: xrayTracer(send, traceHeader),
    domain,
    now: () => new Date(),
    startsCold: process.env.AWS_LAMBDA_INITIALIZATION_TYPE === "on-demand",
    callers,
  });

// Without adapters: nothing outside is reached before the first invocation, whatever the service uses.
const unconnected = createDomain();
await prime((outside) => build(unconnected, outside), unconnected.sample);

/** Lambda's handler: `dist/index.handler`. Adapters are passed to `createDomain` here. */
export const handler = build(createDomain(), {
  write: writeLine,
  send: daemonSender(),
});
