/**
 * A local cloud from its start to its end: the AWS emulator, the front before it, a folder for the engine,
 * and the program deployed into it. Everything is on loopback, and nothing is left of it afterwards.
 */
import { mkdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { StackOutputs } from "../../infra/outputs.ts";
import { startFront } from "../emulator/front.ts";
import { freePort, startEmulator } from "../emulator/start.ts";
import { STAND_IN_ACCOUNT_ID } from "../offline/aws-outputs.ts";
import { checkConfig } from "../offline/check-config.ts";
import { withoutPlaceholder } from "../offline/stack-config.ts";
import { inWorkspace, type Workspace, writeProvider } from "../offline/workspace.ts";
import { readStackOutputs } from "../support/stack-outputs.ts";
import type { Terminal } from "../support/terminal.ts";
import { type Deployed, up } from "./up.ts";

export const ROOT = join(import.meta.dirname, "../..");

export interface CloudOptions {
  readonly stack: string;
  /** Length of a minute: a canary of five minutes takes five of these. */
  readonly minuteMs: number;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

export interface Cloud {
  /** Variables with which every command works on this cloud. */
  readonly environment: Readonly<Record<string, string>>;
  /** Free for the caller; deleted with the cloud. */
  readonly folder: string;
  /** What the last `up` has left: the stack's outputs. */
  outputs(): Promise<StackOutputs>;
  /** `pulumi up`: of this project, or of the program in another folder. */
  up(program?: string): Promise<Deployed>;
}

/** Starts a local cloud, lets `work` use it, and takes everything away again, however `work` ends. */
export async function withCloud(
  { stack, minuteMs, terminal, signal }: CloudOptions,
  work: (cloud: Cloud) => Promise<void>,
): Promise<void> {
  const config = withoutPlaceholder(checkConfig(ROOT, stack));
  const region = config.values["aws:region"] ?? "";
  const port = await freePort();
  terminal.live("starting the local AWS", "starting");
  const emulator = await startEmulator({
    region,
    // Handlers reach what they call, CodeDeploy too, through the front.
    environment: { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` },
    progress: (message) => terminal.say(message),
  });
  try {
    const accountId = STAND_IN_ACCOUNT_ID;
    const front = await startFront({ upstream: emulator.url, accountId, region, minuteMs, port });
    const aws = { ...emulator.environment(accountId), AWS_ENDPOINT_URL: front.url };
    try {
      await inWorkspace(ROOT, async (workspace) => {
        const outputsFile = join(workspace.folder, "outputs.json");
        const target = withOwnProvider(workspace, aws);
        await work({
          environment: { ...aws, ...front.environment, STACK_OUTPUTS_FILE: outputsFile },
          folder: workspace.scratch,
          outputs: () => readStackOutputs(stack, { STACK_OUTPUTS_FILE: outputsFile }),
          up: async (program = ROOT) => {
            const deployed = await up({ program, config, workspace: target }, signal);
            await writeFile(outputsFile, JSON.stringify(deployed.outputs, undefined, 2));
            return deployed;
          },
        });
      });
    } finally {
      await front.stop();
    }
  } finally {
    await emulator.stop();
  }
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
