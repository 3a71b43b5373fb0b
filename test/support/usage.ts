/**
 * What commands answer to arguments that end them before they begin, such as `--help`. Asked in one process: each
 * in one of its own would load the SDK again, which is all that it would do.
 */
import { fileURLToPath } from "node:url";
import { PROJECT_ROOT } from "../../ops/support/project.ts";
import { type Ended, startNode } from "./command.ts";

/** A script of this project, relative to its folder, and its arguments. */
export type Question = readonly [script: string, ...args: string[]];

export type Answer = Pick<Ended, "exitCode" | "stdout" | "stderr">;

const ASKER = fileURLToPath(new URL("usage-asker.ts", import.meta.url));

/** The answers, in the order of the questions. */
export async function ask(questions: readonly Question[]): Promise<readonly Answer[]> {
  const { exitCode, stdout, all } = await startNode([ASKER, JSON.stringify(questions)], {
    cwd: PROJECT_ROOT,
  });
  if (exitCode !== 0) throw new Error(all);
  return JSON.parse(stdout) as readonly Answer[];
}
