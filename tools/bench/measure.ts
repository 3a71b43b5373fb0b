/** The measurements. All variants take turns, so that whatever else the machine does hits them alike. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDomain } from "../../function/domain/index.ts";
import { residentMb } from "../../local/invoke/run.ts";
import { type FunctionDescription, sandboxEnvironment } from "local-aws/lambda/environment.ts";
import { Sandbox } from "local-aws/lambda/sandbox.ts";
import { XrayDaemon } from "local-aws/lambda/xray-daemon.ts";
import { cpuShare, type Throttle } from "./throttle.ts";
import type { Variant } from "./variants.ts";

/** What a sample of values is like. */
export interface Spread {
  readonly median: number;
  /** A quarter of the values are below the first, a quarter above the second. */
  readonly quartiles: readonly [number, number];
}

/** One variant at one memory size: init and first invocation. */
export interface Cold {
  readonly variant: string;
  readonly memoryMb: number;
  /** Medians, without the time that it waited for a CPU which others had. */
  readonly initMs: number;
  readonly firstMs: number;
  /** Time on the wall, of init and first invocation, to the first variant's in the same turn. */
  readonly ratio: Spread;
  /** CPU time of all threads, to the first variant's: it hardly depends on what else the machine does. */
  readonly cpuRatio: Spread;
  readonly cpuMs: number;
  /** Share of its time that it waited for a CPU which others had, 0 to 1. */
  readonly waited: number;
  readonly residentMb: number | undefined;
}

export interface ColdOptions {
  readonly variants: readonly Variant[];
  readonly memoryMb: number;
  readonly runs: number;
  readonly clientEntry: string;
  readonly throttle: Throttle;
  readonly progress: (message: string) => void;
}

/** The event that the domain says most callers send. */
export const SAMPLE = createDomain().sample;
const EVENT = JSON.stringify(SAMPLE);

const describe = (memoryMb: number): FunctionDescription => ({
  functionName: "bench",
  region: "us-east-1",
  memoryMb,
  timeoutSeconds: 30,
  runtime: "nodejs22.x",
  lambdaLogLevel: "INFO",
  variables: {
    ENVIRONMENT: "bench",
    LOG_LEVEL: "info",
    POWERTOOLS_SERVICE_NAME: "bench",
    POWERTOOLS_METRICS_NAMESPACE: "bench",
    POWERTOOLS_LOG_LEVEL: "INFO",
  },
});

/** The value below which `share` of the values lie, between neighbours in proportion. */
const quantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const [lower = Number.NaN, upper = lower] = sorted.slice(Math.floor(at), Math.floor(at) + 2);
  return lower + (upper - lower) * (at % 1);
};

export const median = (values: readonly number[]): number => quantile(values, 0.5);

export const spread = (values: readonly number[]): Spread => ({
  median: median(values),
  quartiles: [quantile(values, 0.25), quantile(values, 0.75)],
});

/** The same values in an order by chance. */
function shuffled<T>(values: readonly T[]): T[] {
  const keyed = values.map((value) => ({ value, key: Math.random() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ value }) => value);
}

/**
 * Cold starts of all variants, the first one being what the ratios refer to: a new process each time,
 * unthrottled while it loads, throttled from its first invocation on. Each turn has an order of its own.
 */
export async function measureCold(options: ColdOptions): Promise<Cold[]> {
  const { variants, memoryMb, runs, progress } = options;
  const samples = new Map(variants.map((variant): [Variant, Sample[]] => [variant, []]));
  // The first run fills the disk cache and is not counted.
  for (let run = 0; run <= runs; run++) {
    progress(`cold starts at ${memoryMb} MB: ${run} of ${runs}`);
    for (const variant of shuffled(variants)) {
      const sample = await coldStart(variant, options);
      if (run > 0) samples.get(variant)?.push(sample);
    }
  }
  const [baseline = []] = samples.values();
  return [...samples].map(([{ name }, own]) => {
    const of = (value: (sample: Sample) => number): number => median(own.map(value));
    const ratios = (value: (sample: Sample) => number): Spread =>
      spread(own.map((sample, turn) => value(sample) / valueOf(baseline[turn], value)));
    const resident = own.flatMap((sample) => sample.residentMb ?? []);
    return {
      variant: name,
      memoryMb,
      initMs: of(({ initMs }) => initMs),
      firstMs: of(({ firstMs }) => firstMs),
      ratio: ratios(coldMs),
      cpuRatio: quantileRatios(own.map(cpuMs), baseline.map(cpuMs)),
      cpuMs: of(cpuMs),
      waited: of((sample) => sample.waitedMs / (coldMs(sample) + sample.waitedMs)),
      residentMb: resident.length > 0 ? median(resident) : undefined,
    };
  });
}

const valueOf = (sample: Sample | undefined, value: (sample: Sample) => number): number =>
  sample ? value(sample) : Number.NaN;

interface Sample {
  readonly initMs: number;
  readonly firstMs: number;
  readonly cpuMs: number;
  readonly waitedMs: number;
  readonly residentMb: number | undefined;
}

const cpuMs = (sample: Sample): number => sample.cpuMs;

/**
 * The medians' ratio, and the range of those of the quartiles: single turns differ more than whole samples,
 * because a busy CPU does less.
 */
function quantileRatios(own: readonly number[], baseline: readonly number[]): Spread {
  const ratio = (share: number): number => quantile(own, share) / quantile(baseline, share);
  const ratios = [0.25, 0.5, 0.75].map(ratio);
  return { median: ratio(0.5), quartiles: [Math.min(...ratios), Math.max(...ratios)] };
}

const coldMs = ({ initMs, firstMs }: Sample): number => initMs + firstMs;

/** What the scheduler knows of all threads of a process. Only Linux tells, in nanoseconds. */
async function scheduled(pid: number): Promise<{ cpuMs: number; waitedMs: number }> {
  const total = { cpuMs: 0, waitedMs: 0 };
  for (const thread of await readdir(`/proc/${pid}/task`).catch(() => [])) {
    const path = `/proc/${pid}/task/${thread}/schedstat`;
    const [cpu = "0", waited = "0"] = (await readFile(path, "utf8").catch(() => "")).split(" ");
    total.cpuMs += Number(cpu) / 1e6;
    total.waitedMs += Number(waited) / 1e6;
  }
  return total;
}

/** How long the main thread was ready and had no CPU: no cost of its own. */
const mainWaitedMs = (pid: number): Promise<number> =>
  readFile(`/proc/${pid}/schedstat`, "utf8").then(
    (text) => Number(text.split(" ")[1]) / 1e6 || 0,
    () => 0,
  );

async function coldStart(
  variant: Variant,
  { memoryMb, clientEntry, throttle }: ColdOptions,
): Promise<Sample> {
  const sandbox = await Sandbox.start({ ...variant, description: describe(memoryMb), clientEntry });
  try {
    const initWaitedMs = await mainWaitedMs(sandbox.pid);
    const lift = throttle.limit(sandbox.pid, cpuShare(memoryMb));
    const outcome = await sandbox.invoke(EVENT);
    lift();
    if (outcome.kind !== "response") throw new Error(JSON.stringify(outcome));
    return {
      initMs: sandbox.initMs - initWaitedMs,
      firstMs: outcome.durationMs,
      ...(await scheduled(sandbox.pid)),
      residentMb: await residentMb(sandbox.pid),
    };
  } finally {
    await sandbox.stop();
  }
}

/** Microseconds of CPU of a warm call, in a process without a client, with every call traced. */
export async function measureWarm(variant: Variant, payloadBytes = 0): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "bench-"));
  const daemon = await XrayDaemon.start();
  try {
    const module = join(folder, variant.fileName);
    const files = { ...variant.extraFiles, [variant.fileName]: variant.code };
    for (const [name, content] of Object.entries(files))
      await writeFile(join(folder, name), content);
    const addresses = { runtimeApi: "", xrayDaemon: daemon.address, taskRoot: folder };
    const child = fork(
      join(import.meta.dirname, "warm-process.ts"),
      [module, String(payloadBytes), EVENT],
      {
        execArgv: ["--no-warnings"],
        stdio: ["ignore", "ignore", "inherit", "ipc"],
        env: {
          ...sandboxEnvironment(describe(256), addresses),
          ...variant.variables,
          _X_AMZN_TRACE_ID:
            "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
        },
      },
    );
    const [rounds] = (await Promise.race([
      once(child, "message"),
      once(child, "exit").then(() => {
        throw new Error(`the warm process of ${variant.name} ended early`);
      }),
    ])) as [number[]];
    // The cheapest round: what makes a round dearer is the machine, not the handler.
    return Math.min(...rounds);
  } finally {
    await daemon.close();
    await rm(folder, { recursive: true });
  }
}

/** Milliseconds a call of so many calls in a row through the client, from the first one on. */
export async function measureRow(
  variant: Variant,
  calls: number,
  clientEntry: string,
): Promise<number> {
  const sandbox = await Sandbox.start({ ...variant, description: describe(256), clientEntry });
  try {
    let totalMs = 0;
    for (let call = 0; call < calls; call++) {
      const outcome = await sandbox.invoke(EVENT);
      if (outcome.kind !== "response") throw new Error(JSON.stringify(outcome));
      totalMs += outcome.durationMs;
    }
    return totalMs / calls;
  } finally {
    await sandbox.stop();
  }
}
