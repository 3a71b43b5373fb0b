/** `npm run bench`: what the handler costs, against an empty one and against other tools' defaults. */
import { writeFile } from "node:fs/promises";
import { constants, cpus, loadavg, setPriority } from "node:os";
import { join } from "node:path";
import { InvalidArgumentError } from "commander";
import { type Cold, measureCold, measureRow, measureWarm } from "./measure.ts";
import { installPeers } from "./peers/install.ts";
import { renderPicture } from "./picture.ts";
import { openStandIn } from "./stand-in.ts";
import { judge, renderText, type Results } from "./report.ts";
import { openThrottle } from "./throttle.ts";
import { buildVariants, OURS, type Variant } from "./variants.ts";
import { interruptible } from "../../ops/support/interrupt.ts";
import { installRuntimeClient } from "local-aws/lambda/install.ts";
import { command, run } from "../../ops/support/command.ts";
import { Refused } from "../../ops/support/refused.ts";
import { openTerminal } from "../../ops/support/terminal.ts";

const PICTURE = join(import.meta.dirname, "bench.svg");

const MEMORIES_MB = [256, 512];
const PAYLOAD_BYTES = [0, 1_000, 10_000, 100_000, 500_000];
const ROW_CALLS = [1, 10, 100, 1000];

interface BenchOptions {
  readonly runs: number;
  readonly save?: true;
  readonly json?: true;
}

async function bench({ runs, save, json }: BenchOptions, signal: AbortSignal): Promise<void> {
  const terminal = openTerminal();
  const progress = (message: string) => {
    // Called before every measurement, so this is where Ctrl-C takes effect.
    signal.throwIfAborted();
    terminal.live(message, message.split(":")[0] ?? "");
  };
  const client = await installRuntimeClient(progress);
  if (!client.ok) throw new Refused(`${client.reason}; the benchmark needs it`);
  const peers = await installPeers(progress);
  const table = await openStandIn();
  let results: Results;
  try {
    const given = { table: table.variables, peers };
    results = await measure(runs, client.entry, given, progress);
  } finally {
    await table.close();
  }
  terminal.quiet();
  console.log(
    json ? JSON.stringify({ ...results, bars: judge(results) }, undefined, 2) : renderText(results),
  );
  if (judge(results).some(({ verdict }) => verdict === "missed")) process.exitCode = 1;
  if (!save) return;
  await writeFile(PICTURE, renderPicture(results));
  terminal.say("Wrote tools/bench/bench.svg");
}

async function measure(
  runs: number,
  clientEntry: string,
  { table, peers }: { readonly table: Variant["variables"]; readonly peers: string },
  progress: (message: string) => void,
): Promise<Results> {
  progress("building");
  preferThis();
  const variants = await buildVariants(table, peers);
  const ours = variants.filter(({ name }) => name === OURS);
  const throttle = openThrottle();
  const conditions = [
    `${cpus()[0]?.model ?? "unknown processor"}, ${cpus().length} CPUs, load ${loadavg()[0]?.toFixed(1)}`,
    `Node ${process.version}, ${throttle.method}, medians of ${runs} shuffled runs, ${new Date().toISOString().slice(0, 10)}`,
  ];
  const cold: Cold[] = [];
  try {
    for (const memoryMb of MEMORIES_MB) {
      cold.push(
        ...(await measureCold({ variants, memoryMb, runs, clientEntry, throttle, progress })),
      );
    }
  } finally {
    throttle.close();
  }
  const warm: [string, number][] = [];
  for (const variant of variants) {
    progress(`warm calls: ${variant.name}`);
    warm.push([variant.name, await measureWarm(variant)]);
  }
  const payload = await each(ours, PAYLOAD_BYTES, async (variant, bytes) => {
    progress(`payloads: ${bytes} bytes`);
    return { bytes, micros: await measureWarm(variant, bytes) };
  });
  const rows = await each(ours, ROW_CALLS, async (variant, calls) => {
    progress(`calls in a row: ${calls}`);
    return { calls, ms: await measureRow(variant, calls, clientEntry) };
  });
  return {
    conditions,
    cold,
    warmMicros: Object.fromEntries(warm),
    zipBytes: Object.fromEntries(variants.map(({ name, zipBytes }) => [name, zipBytes])),
    payload,
    rows,
  };
}

/** Ahead of whatever else the machine does, where that may be asked for. */
function preferThis(): void {
  try {
    setPriority(constants.priority.PRIORITY_HIGHEST);
  } catch {
    // An ordinary user may not: then the medians have to do.
  }
}

/** One after the other: measurements must not share the processor. */
async function each<T, R>(
  variants: readonly Variant[],
  values: readonly T[],
  run: (variant: Variant, value: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  for (const variant of variants) {
    for (const value of values) results.push(await run(variant, value));
  }
  return results;
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("must be 1 or more");
  return value;
}

await run(
  command(
    "bench",
    "Measure the handler against an empty one and against other tools' default bundles.",
    "npm run bench -- --runs 25 --save",
  )
    .option("--runs <number>", "cold starts of each variant and memory size", positiveInteger, 15)
    .option("--save", "write the picture to tools/bench/bench.svg")
    .action((options: BenchOptions) => interruptible((signal) => bench(options, signal))),
);
