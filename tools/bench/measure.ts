/** The measurements. All variants take turns, so that whatever else the machine does hits them alike. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDomain } from "../../function/domain/index.ts";
import { residentMb } from "../../local/invoke/run.ts";
import { type FunctionDescription, sandboxEnvironment } from "local-aws/lambda/environment.ts";
import { Sandbox } from "local-aws/lambda/sandbox.ts";
import { XrayDaemon } from "local-aws/lambda/xray-daemon.ts";
import { cpuShare, type Throttle } from "./throttle.ts";
import type { Variant } from "./variants.ts";

/** Medians of one variant at one memory size. */
export interface Cold {
  readonly variant: string;
  readonly memoryMb: number;
  /** Without the time that it waited for a CPU which others had. */
  readonly initMs: number;
  readonly firstMs: number;
  /** Init and first invocation. */
  readonly coldMs: number;
  /** Of `coldMs` to the first variant's in the same turn: what slows a whole turn down cancels out. */
  readonly ratio: number;
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

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
};

/**
 * Cold starts of all variants, the first one being what the ratios refer to: a new process each time,
 * unthrottled while it loads, throttled from its first invocation on.
 */
export async function measureCold(options: ColdOptions): Promise<Cold[]> {
  const { variants, memoryMb, runs, progress } = options;
  const samples = variants.map((): Sample[] => []);
  // The first run fills the disk cache and is not counted.
  for (let run = 0; run <= runs; run++) {
    progress(`cold starts at ${memoryMb} MB: ${run} of ${runs}`);
    for (const [index, variant] of variants.entries()) {
      const sample = await coldStart(variant, options);
      if (run > 0) samples[index]?.push(sample);
    }
  }
  return variants.map(({ name }, index) => {
    const own = samples[index] ?? [];
    const resident = own.flatMap((sample) => sample.residentMb ?? []);
    return {
      variant: name,
      memoryMb,
      initMs: median(own.map(({ initMs }) => initMs)),
      firstMs: median(own.map(({ firstMs }) => firstMs)),
      coldMs: median(own.map(coldMs)),
      ratio: median(own.map((sample, turn) => coldMs(sample) / coldMs(samples[0]?.[turn]))),
      residentMb: resident.length > 0 ? median(resident) : undefined,
    };
  });
}

interface Sample {
  readonly initMs: number;
  readonly firstMs: number;
  readonly residentMb: number | undefined;
}

/** How long a process was ready and had no CPU, because others had it: no cost of its own. Only Linux tells. */
const waitedForCpuMs = (pid: number): Promise<number> =>
  readFile(`/proc/${pid}/schedstat`, "utf8").then(
    (text) => Number(text.split(" ")[1]) / 1e6 || 0,
    () => 0,
  );

const coldMs = (sample: Sample | undefined): number =>
  sample ? sample.initMs + sample.firstMs : Number.NaN;

async function coldStart(
  variant: Variant,
  { memoryMb, clientEntry, throttle }: ColdOptions,
): Promise<Sample> {
  const sandbox = await Sandbox.start({ ...variant, description: describe(memoryMb), clientEntry });
  try {
    const waitedMs = await waitedForCpuMs(sandbox.pid);
    const lift = throttle.limit(sandbox.pid, cpuShare(memoryMb));
    const outcome = await sandbox.invoke(EVENT);
    lift();
    if (outcome.kind !== "response") throw new Error(JSON.stringify(outcome));
    return {
      initMs: sandbox.initMs - waitedMs,
      firstMs: outcome.durationMs,
      residentMb: await residentMb(sandbox.pid),
    };
  } finally {
    await sandbox.stop();
  }
}

/** Microseconds of a warm call, in a process without a client, with every call traced. */
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
    // The quickest round: what slows a round down is the machine, not the handler.
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
