/**
 * A local cloud from its start to its end: the AWS emulator, the front before it, a folder for the engine,
 * and the program deployed into it. Everything is on loopback, and nothing is left of it afterwards.
 */
import { mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { startFront } from "../emulator/front.ts";
import { freePort, startEmulator } from "../emulator/start.ts";
import { LocalAwsError } from "../errors.ts";
import { type Progress, silent } from "../progress.ts";
import { STAND_IN_ACCOUNT_ID } from "../provider/aws-outputs.ts";
import { type ChildOutcome, type ChildRequest, upInChild } from "../provider/child.ts";
import type { StackConfig } from "../provider/stack-config.ts";
import { inWorkspace, type Workspace, writeProvider } from "../provider/workspace.ts";
import { isMade } from "./backend.ts";
import { consequenceOf } from "./not-made.ts";

export interface CloudOptions {
  /** Folder of the Pulumi program. */
  readonly program: string;
  /** Asked at each `up`. */
  readonly config: () => StackConfig;
  readonly region: string;
  /** A module with the program's own answers to data sources, as its export `dataSources`. */
  readonly answers?: string | undefined;
  /** Length of a minute: a canary of five minutes takes five of these. */
  readonly minuteMs: number;
  readonly signal: AbortSignal;
  readonly progress?: Progress;
}

export interface Cloud {
  /** Variables with which the AWS SDK, and so every command, works on this cloud. */
  readonly environment: Readonly<Record<string, string>>;
  /** Free for the caller; deleted with the cloud. */
  readonly folder: string;
  /** `pulumi up`: of the program, or of the one in another folder. */
  up(program?: string): Promise<Deployed>;
}

/** What an `up` has done. */
export interface Deployed extends Pick<ChildOutcome, "outputs" | "summary" | "madeUp"> {
  /** How many resources exist in the local cloud. */
  readonly made: number;
  /** What the engine knows and the local cloud does not make, by type. */
  readonly notMade: readonly NotMade[];
}

export interface NotMade {
  /** For example `aws:kinesis/stream:Stream`. */
  readonly type: string;
  readonly count: number;
  /** What follows for whoever uses it, as a clause. */
  readonly consequence: string;
}

/** Starts a local cloud, lets `work` use it, and takes everything away again, however `work` ends. */
export async function withCloud(
  { program: own, config, region, answers, minuteMs, signal, progress = silent }: CloudOptions,
  work: (cloud: Cloud) => Promise<void>,
): Promise<void> {
  const port = await freePort();
  progress("starting the local AWS", "starting");
  const emulator = await startEmulator({
    region,
    // Handlers reach what they call, CodeDeploy too, through the front.
    environment: { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` },
    progress,
  });
  try {
    const accountId = STAND_IN_ACCOUNT_ID;
    const front = await startFront({ upstream: emulator.url, accountId, region, minuteMs, port });
    const aws = { ...emulator.environment(accountId), AWS_ENDPOINT_URL: front.url };
    try {
      await inWorkspace(own, async (workspace) => {
        const target = withOwnProvider(workspace, aws);
        await work({
          environment: { ...aws, ...front.environment },
          folder: workspace.scratch,
          up: (program = own) =>
            up({ program, config: config(), answers, workspace: target, executable: true }, signal),
        });
      });
    } finally {
      await front.stop();
    }
  } finally {
    await emulator.stop();
  }
}

async function up(request: ChildRequest, signal: AbortSignal): Promise<Deployed> {
  const { outputs, summary, types, madeUp } = await upInChild(request, signal).catch(
    (error: unknown) => {
      if (!(error instanceof LocalAwsError)) throw error;
      throw new LocalAwsError(`pulumi up on the local cloud failed: ${error.message}`);
    },
  );
  // Components and the provider itself are nothing that a cloud could hold.
  const own = types.filter((type) => type.startsWith("aws:"));
  const notMade = [...new Set(own.filter((type) => !isMade(type)))].sort().map((type) => ({
    type,
    count: own.filter((other) => other === type).length,
    consequence: consequenceOf(type),
  }));
  return { outputs, summary, made: own.filter(isMade).length, notMade, madeUp };
}

/** The same workspace with the provider that makes resources, and where it makes them. */
function withOwnProvider(
  { scratch, state, env }: Workspace,
  aws: Readonly<Record<string, string>>,
): Pick<Workspace, "scratch" | "state" | "env"> {
  const bin = join(scratch, "bin");
  mkdirSync(bin);
  writeProvider(bin, "aws", import.meta.dirname);
  return { scratch, state, env: { ...env, ...aws, PATH: [bin, env["PATH"]].join(delimiter) } };
}
