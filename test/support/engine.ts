/**
 * The real engine for tests, offline: found or fetched by the first test that needs it. Programs are run in
 * this process; each operation has a workspace of its own, so that tests neither wait for nor see one another.
 */
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type Engine, resolveEngine } from "local-aws/engine/resolve.ts";
import { type OperationKind, type Outcome, runOperation } from "local-aws/provider/operation.ts";
import { PROJECT_ROOT } from "../../ops/support/project.ts";
import { inWorkspace, type Workspace } from "local-aws/provider/workspace.ts";
import { LocalAwsError } from "local-aws/errors.ts";
import { openTerminal } from "../../ops/support/terminal.ts";
import "./short-traces.ts";
import { copyProjectTo } from "./project.ts";
import { testConfig, type Value } from "./settings.ts";

export { PROJECT_ROOT };

/** A build from source takes about five minutes on two cores. */
const FETCH_TIMEOUT_MS = 30 * 60_000;

let resolving: Promise<Engine> | undefined;

/**
 * Makes sure that the enclosing suite has an engine. Call it in `describe`, before other hooks.
 * Where none can be had the suite is skipped and says why; in CI that is a failure.
 */
export function useEngine(): void {
  before(async function () {
    this.timeout(FETCH_TIMEOUT_MS);
    try {
      await engine();
    } catch (error) {
      if (!(error instanceof LocalAwsError) || process.env["CI"]) throw error;
      console.log(`  skipped: ${this.test?.parent?.fullTitle()}: ${error.message}`);
      this.skip();
    }
  });
}

const engine = (): Promise<Engine> =>
  (resolving ??= resolveEngine({ progress: openTerminal().progress }));

export interface RunOptions {
  /** Config keys of the project that differ from those of the tests' own stack. */
  readonly config?: Readonly<Record<string, Value>>;
  /** Folder of another program than this project's. */
  readonly program?: string;
}

/** Operations on one stack, one after the other on the same state. */
export interface OfflineStack {
  readonly workspace: Workspace;
  run(kind: OperationKind, options?: RunOptions): Promise<Outcome>;
}

export interface StackOptions {
  /** Default `staging`. */
  readonly stack?: string;
  /** Default: this project. */
  readonly program?: string;
  /** State to begin with: that of another stack's workspace. Default: none, everything is to be created. */
  readonly from?: OfflineStack;
}

/** Gives `work` a stack that is gone afterwards. */
export const withStack = <T>(
  work: (stack: OfflineStack) => Promise<T>,
  { stack = "staging", program = PROJECT_ROOT, from }: StackOptions = {},
): Promise<T> =>
  inWorkspace(PROJECT_ROOT, async (workspace) => {
    if (from !== undefined) {
      cpSync(from.workspace.state, workspace.state, { recursive: true });
    }
    return work({
      workspace,
      run: async (kind, options = {}) => {
        const folder = options.program ?? program;
        return runOperation({
          kind,
          engine: await engine(),
          workspace,
          program: folder,
          config: testConfig(stack, options.config),
        });
      },
    });
  });

/** Copies this project into the workspace, to change it there; returns its folder. */
export function copyProject({ scratch }: Workspace): string {
  const folder = path.join(scratch, "project");
  copyProjectTo(folder);
  return folder;
}

/** Writes a program of its own into the workspace: one file, with a project and a stack `staging`. */
export function writeProgram({ scratch }: Workspace, source: string): string {
  const folder = path.join(scratch, "program");
  mkdirSync(folder);
  const project = [
    "name: fixture",
    "runtime: { name: nodejs, options: { typescript: false } }",
    "config: { aws:region: eu-west-1 }",
  ];
  writeFileSync(path.join(folder, "Pulumi.yaml"), project.join("\n"));
  writeFileSync(path.join(folder, "package.json"), '{ "type": "module" }\n');
  writeFileSync(path.join(folder, "index.ts"), source);
  return folder;
}
