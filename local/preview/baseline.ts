/** Another git revision of this project, brought up offline: the state that a plan is compared with. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { LocalAwsError } from "local-aws/errors.ts";
import { upInChild } from "local-aws/provider/child.ts";
import { answersOf } from "../answers.ts";
import { type Git, gitIn } from "../git.ts";
import { Refused } from "../../ops/support/refused.ts";
import {
  readStackConfig,
  type StackConfig,
  withoutPlaceholder,
} from "../../ops/support/stack-config.ts";
import { assumeUnknown } from "../../ops/support/unknown-config.ts";
import type { Workspace } from "local-aws/provider/workspace.ts";

export interface BaselineOptions {
  /** The repository. */
  readonly root: string;
  /** Anything that git resolves to a commit. */
  readonly revision: string;
  readonly stack: string;
  /** Where the state is left. */
  readonly workspace: Workspace;
  readonly signal: AbortSignal;
}

export interface Baseline {
  readonly revision: string;
  /** Abbreviated hash. */
  readonly commit: string;
  /** Whether it locks the packages of this tree, which it was brought up with. */
  readonly samePackages: boolean;
}

/**
 * Takes the revision's own tree out of git and brings its program up offline. Throws `Refused`, in one line,
 * when there is no such revision, when it has no program for this stack, or when its program fails.
 */
export async function bringUp(options: BaselineOptions): Promise<Baseline> {
  const { root, revision, stack, workspace, signal } = options;
  const git = gitIn(root, signal);
  const commit = await git("rev-parse", "--verify", "--quiet", `${revision}^{commit}`).catch(() => {
    throw new Refused(
      `--against ${revision}: git knows no such revision`,
      "name a branch, tag or commit that is fetched, for example origin/main",
    );
  });
  const program = await extract(git, commit, workspace.scratch);
  const config = readBaselineConfig(program, stack, revision);
  const request = {
    program,
    config: withoutPlaceholder(config),
    workspace: { scratch: workspace.scratch, state: workspace.state, env: workspace.env },
    answers: answersOf(program),
  };
  await upInChild(request, signal).catch((error: unknown) => {
    if (!(error instanceof LocalAwsError)) throw error;
    const [line = "it gave no reason"] = error.message.split("\n").filter((text) => text !== "");
    throw new Refused(`--against ${revision}: its program cannot be brought up offline: ${line}`);
  });
  const [ours, theirs] = [root, program].map(lockfileOf);
  return { revision, commit: commit.slice(0, 7), samePackages: ours === theirs };
}

/**
 * Puts the revision's tree of the project into a folder of its own, where its imports find the packages of
 * this tree. No worktree: an interrupted run would leave it in the repository.
 */
export async function extract(git: Git, commit: string, scratch: string): Promise<string> {
  // The project may be a folder of a bigger repository; git archives a folder from the top alone.
  const top = await git("rev-parse", "--show-toplevel");
  const prefix = await git("rev-parse", "--show-prefix");
  const folder = path.join(scratch, "baseline");
  const archive = path.join(scratch, "baseline.tar");
  mkdirSync(folder);
  const tree = `${commit}:${prefix}`;
  await git("-C", top, "archive", "--format=tar", `--output=${archive}`, tree);
  await execa("tar", ["-xf", archive, "-C", folder]);
  return folder;
}

function lockfileOf(folder: string): string | undefined {
  const file = path.join(folder, "package-lock.json");
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

function readBaselineConfig(program: string, stack: string, revision: string): StackConfig {
  if (
    !existsSync(path.join(program, "index.ts")) ||
    !existsSync(path.join(program, "Pulumi.yaml"))
  ) {
    throw new Refused(
      `--against ${revision}: it holds no Pulumi program (index.ts and Pulumi.yaml)`,
      "leave out --against to plan from nothing",
    );
  }
  try {
    return assumeUnknown(readStackConfig(program, stack)).config;
  } catch (error) {
    if (error instanceof Refused) throw new Refused(`--against ${revision}: ${error.message}`);
    throw error;
  }
}
