/**
 * Calls a handler in a process of its own, without a client or a network between, and reports the CPU time of a call.
 * Arguments: module, payload bytes, sample event as JSON. Its output goes nowhere; the result is sent to the parent process.
 */
import { pathToFileURL } from "node:url";

const [, , module = "", payloadBytes = "0", sample = "{}"] = process.argv;

interface Loaded {
  readonly handler?: (event: unknown, context: object) => Promise<unknown>;
  readonly default?: Loaded;
}

const WARM_UP_MS = 1500;
const ROUND_MS = 250;
const ROUNDS = 9;

const loaded = (await import(pathToFileURL(module).href)) as Loaded;
const handler = loaded.handler ?? loaded.default?.handler;
if (!handler) throw new Error(`${module} exports no handler`);

/** Many small values, because the handler looks at each of them. */
const ITEM = { id: "8476a536", name: "an item of the payload", amount: 12.5, tags: ["a", "b"] };
const length = Math.floor(Number(payloadBytes) / JSON.stringify(ITEM).length);
const items = Array.from({ length }, () => ITEM);
// At the root, where a domain ignores what it does not know.
const payload = JSON.stringify({ ...(JSON.parse(sample) as object), items });
const context = {
  awsRequestId: "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
  functionName: "bench",
  invokedFunctionArn: "arn:aws:lambda:us-east-1:123456789012:function:bench:live",
  memoryLimitInMB: "256",
  getRemainingTimeInMillis: () => 30_000,
};

/** Calls for a while; microseconds of CPU a call, which do not depend on what else the machine does. */
async function round(durationMs: number): Promise<number> {
  const startedMs = performance.now();
  const before = process.cpuUsage();
  let calls = 0;
  let tookMs = 0;
  while (tookMs < durationMs) {
    // The runtime client parses each event again.
    for (let i = 0; i < 20; i++) await handler?.(JSON.parse(payload), context);
    calls += 20;
    // Lets sockets and streams do their work, as the wait for the next event does.
    await new Promise(setImmediate);
    tookMs = performance.now() - startedMs;
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

await round(WARM_UP_MS);
const rounds: number[] = [];
for (let i = 0; i < ROUNDS; i++) rounds.push(await round(ROUND_MS));
process.send?.(rounds, () => process.exit());
