/** The variables of GitHub Actions, of the repository and of its environments. */
import type { Step } from "../bootstrap/steps.ts";
import { type Gh, GhFailure } from "./gh.ts";

/** One variable of the repository, or of one of its environments. */
export interface Variable {
  readonly name: string;
  readonly value: string;
  /** The GitHub environment that it belongs to; absent for the whole repository. */
  readonly environment?: string;
}

/** The words after `gh` that set a variable. */
export const setVariable = (
  repository: string,
  { name, value, environment }: Variable,
): readonly string[] => [
  "variable",
  "set",
  name,
  "--repo",
  repository,
  ...(environment ? ["--env", environment] : []),
  "--body",
  value,
];

/** The value of a variable; undefined where it is not set. Throws `GhFailure` where GitHub does not tell. */
export async function readVariable(
  repository: string,
  { name, environment }: Pick<Variable, "name" | "environment">,
  run: Gh,
): Promise<string | undefined> {
  try {
    const scope = environment ? ["--env", environment] : [];
    const command = ["variable", "list", "--repo", repository, "--json", "name,value"];
    const list = await run([...command, ...scope]);
    return (JSON.parse(list) as Variable[]).find((one) => one.name === name)?.value;
  } catch (error) {
    // An environment that is not there yet has none.
    if (error instanceof GhFailure && error.status === 404) return undefined;
    throw error;
  }
}

/** Sets one variable. */
export const variableStep = (repository: string, variable: Variable, run: Gh): Step => ({
  what: `GitHub variable ${variable.name}${variable.environment ? ` of environment ${variable.environment}` : ""}`,
  isDone: async () => (await readVariable(repository, variable, run)) === variable.value,
  make: async () => {
    await run(setVariable(repository, variable));
  },
});
