/** `pulumi up` of the program, or of a changed copy of it, on the local cloud. */
import { join } from "node:path";
import { execa, ExecaError } from "execa";
import type { StackOutputs } from "../../infra/outputs.ts";
import type { StackConfig } from "../offline/stack-config.ts";
import type { Workspace } from "../offline/workspace.ts";
import { Refused } from "../support/command.ts";

/** What `run-up.ts` is asked to do. */
export interface UpRequest {
  /** Folder of the program. */
  readonly program: string;
  readonly config: StackConfig;
  readonly workspace: Pick<Workspace, "scratch" | "state" | "env">;
}

/** What it answers. */
export interface UpOutcome {
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Resources by what was done with them. */
  readonly summary: Readonly<Record<string, number>>;
  /** Resources that exist in the local cloud. */
  readonly made: number;
  /** Resources that the engine knows and the local cloud has no use for. */
  readonly standIns: number;
}

export interface Deployed extends Omit<UpOutcome, "outputs"> {
  readonly outputs: StackOutputs;
}

const SCRIPT = join(import.meta.dirname, "run-up.ts");

/** Deploys. Throws `Refused` with what engine, program or local cloud said. */
export async function up(request: UpRequest, signal: AbortSignal): Promise<Deployed> {
  const args = ["--disable-warning=ExperimentalWarning", SCRIPT];
  try {
    const { stdout } = await execa(process.execPath, args, {
      input: JSON.stringify(request),
      cwd: request.program,
      cancelSignal: signal,
      // Time to end the engine in good order.
      forceKillAfterDelay: 10_000,
    });
    const outcome = JSON.parse(stdout) as UpOutcome;
    return { ...outcome, outputs: outcome.outputs as unknown as StackOutputs };
  } catch (error) {
    if (!(error instanceof ExecaError) || error.isCanceled) throw error;
    const said = String(error.stderr)
      .trim()
      .replace(/^error: /, "");
    throw new Refused(`pulumi up on the local cloud failed: ${said || error.shortMessage}`);
  }
}
