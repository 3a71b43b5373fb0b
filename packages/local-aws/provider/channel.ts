/**
 * What the process of a run and the provider's process tell each other beside the engine's protocol, which
 * has no room for it: where the program's own answers to data sources are, and which answers were made up.
 */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { StandInOptions } from "./backend.ts";
import { checkAnswers, type OwnAnswers } from "./data-sources.ts";

const ANSWERS = "LOCAL_AWS_ANSWERS";
const MADE_UP = "LOCAL_AWS_MADE_UP";

/** The run's side: variables for the engine, and what the provider has written by the end. */
export function openChannel(
  folder: string,
  answers: string | undefined,
): {
  readonly env: Readonly<Record<string, string>>;
  /** Tokens of the functions whose answers were made up, each once. */
  readonly madeUp: () => readonly string[];
} {
  const file = path.join(folder, "made-up");
  return {
    env: { [MADE_UP]: file, ...(answers !== undefined && { [ANSWERS]: answers }) },
    madeUp: () =>
      existsSync(file)
        ? [...new Set(readFileSync(file, "utf8").split("\n").filter(Boolean))].sort()
        : [],
  };
}

/** The provider's side. Throws `LocalAwsError` for answers to functions that do not exist. */
export async function standInOptions(
  env: NodeJS.ProcessEnv = process.env,
): Promise<StandInOptions> {
  const file = env[MADE_UP];
  const answers = env[ANSWERS];
  return {
    ...(answers !== undefined && { answers: await loadAnswers(answers) }),
    ...(file !== undefined && {
      onMadeUp: (token: string) => {
        appendFileSync(file, `${token}\n`);
      },
    }),
  };
}

async function loadAnswers(file: string): Promise<OwnAnswers> {
  const { dataSources } = (await import(pathToFileURL(file).href)) as { dataSources: OwnAnswers };
  checkAnswers(dataSources);
  return dataSources;
}
