/** `pulumi up` of a program in a process of its own. */
import { join } from "node:path";
import { execa, ExecaError } from "execa";
import { LocalAwsError } from "../errors.ts";
import type { StackConfig } from "./stack-config.ts";
import type { Workspace } from "./workspace.ts";

/** What the process is asked to do. */
export interface ChildRequest {
  /** Folder of the program. */
  readonly program: string;
  readonly config: StackConfig;
  readonly workspace: Pick<Workspace, "scratch" | "state" | "env">;
  /** A module with the program's own answers to data sources, as its export `dataSources`. */
  readonly answers?: string | undefined;
  /** Whether the AWS provider is the executable that the workspace has on its path; see `Operation`. */
  readonly executable?: boolean | undefined;
}

/** What it answers. */
export interface ChildOutcome {
  /** The stack's outputs. */
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Resources by what was done with them. */
  readonly summary: Readonly<Record<string, number>>;
  /** The type of each resource, for example `aws:sqs/queue:Queue`. */
  readonly types: readonly string[];
  readonly warnings: readonly string[];
  /** Functions whose answers are made up. */
  readonly madeUp: readonly string[];
}

const SCRIPT = join(import.meta.dirname, "run-operation.ts");

/** Time for the engine to end in good order when it is interrupted. */
const GRACE_MS = 10_000;

/** Deploys. Throws `LocalAwsError` with what the engine or the program said. */
export async function upInChild(request: ChildRequest, signal: AbortSignal): Promise<ChildOutcome> {
  const args = ["--disable-warning=ExperimentalWarning", SCRIPT];
  try {
    const { stdout } = await execa(process.execPath, args, {
      input: JSON.stringify(request),
      cwd: request.program,
      cancelSignal: signal,
      forceKillAfterDelay: GRACE_MS,
    });
    return JSON.parse(stdout) as ChildOutcome;
  } catch (error) {
    if (!(error instanceof ExecaError) || error.isCanceled) throw error;
    const said = String(error.stderr)
      .trim()
      .replace(/^error: /, "");
    throw new LocalAwsError(said || error.shortMessage, undefined, { cause: error });
  }
}
