/** What GitHub knows of the repository, asked by its own CLI, which is signed in where the administrator works. */
import { execa } from "execa";
import { Refused } from "../support/refused.ts";
import type { Step } from "./steps.ts";

/** Runs `gh` and returns what it printed. Throws `GhFailure`. */
export type Gh = (...args: readonly string[]) => Promise<string>;

export class GhFailure extends Error {
  override readonly name = "GhFailure";
}

const TIMEOUT_MS = 30_000;

export const gh: Gh = async (...args) => {
  const result = await execa("gh", args, { reject: false, timeout: TIMEOUT_MS, stdin: "ignore" });
  if (result.failed) throw new GhFailure(result.stderr.split("\n")[0] || result.shortMessage);
  return result.stdout;
};

/** Whether `gh` is there and signed in. */
export const ghIsReady = (run: Gh): Promise<boolean> =>
  run("auth", "status").then(
    () => true,
    () => false,
  );

/** What the roles' trust is made of. */
export interface Repository {
  /** `owner/name`, in the case that GitHub's tokens have. */
  readonly fullName: string;
  readonly id: string | undefined;
  /** Set where GitHub's tokens begin with ids; undefined for the classic form. */
  readonly subjectPrefix: string | undefined;
  readonly defaultBranch: string | undefined;
}

interface RepositoryAnswer {
  readonly id: number;
  readonly full_name: string;
  readonly default_branch: string;
}

interface SubjectAnswer {
  readonly use_default?: boolean;
  readonly include_claim_keys?: readonly string[];
  readonly sub_claim_prefix?: string;
}

/** Asks GitHub for the repository and for the form of its tokens' subject. Throws `Refused`. */
export async function readRepository(name: string, run: Gh): Promise<Repository> {
  try {
    const repository = JSON.parse(await run("api", `repos/${name}`)) as RepositoryAnswer;
    const path = `repos/${repository.full_name}/actions/oidc/customization/sub`;
    return understand(repository, JSON.parse(await run("api", path)) as SubjectAnswer);
  } catch (error) {
    if (!(error instanceof GhFailure)) throw error;
    throw new Refused(
      `gh cannot read ${name}: ${error.message}; check the name and: gh auth status`,
    );
  }
}

/** What GitHub's two answers mean for the trust. Throws `Refused` for subjects that no exact trust could name. */
export function understand(repository: RepositoryAnswer, subject: SubjectAnswer): Repository {
  const { full_name: fullName, id, default_branch: defaultBranch } = repository;
  const keys = subject.include_claim_keys ?? [];
  const usual = keys.length === 0 || keys.join() === "repo,context";
  if (subject.use_default === false && !usual) {
    throw new Refused(
      `${fullName} has a subject of its own (${keys.join(", ")}), which names no environment as the roles expect; go back to the default with: gh api --method PUT repos/${fullName}/actions/oidc/customization/sub -F use_default=true`,
    );
  }
  const classic = `repo:${fullName}`;
  const prefix = subject.sub_claim_prefix?.replace(/:$/, "") ?? classic;
  return {
    fullName,
    id: String(id),
    subjectPrefix: prefix === classic ? undefined : prefix,
    defaultBranch,
  };
}

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

/** Makes the environment and sets the variables. */
export function githubSteps(
  repository: string,
  environment: string,
  variables: readonly Variable[],
  run: Gh,
): readonly Step[] {
  const environmentPath = `repos/${repository}/environments/${environment}`;
  const known = async ({ environment }: Variable): Promise<readonly Variable[]> => {
    try {
      const scope = environment ? ["--env", environment] : [];
      const list = await run(
        "variable",
        "list",
        "--repo",
        repository,
        ...scope,
        "--json",
        "name,value",
      );
      return JSON.parse(list) as Variable[];
    } catch (error) {
      // An environment that is not there yet has none.
      if (error instanceof GhFailure) return [];
      throw error;
    }
  };
  return [
    {
      what: `GitHub environment ${environment}`,
      isDone: () =>
        run("api", environmentPath).then(
          () => true,
          () => false,
        ),
      make: async () => {
        await run("api", "--method", "PUT", environmentPath);
      },
    },
    ...variables.map((variable) => ({
      what: `GitHub variable ${variable.name}${variable.environment ? ` of environment ${variable.environment}` : ""}`,
      isDone: async () =>
        (await known(variable)).some(
          ({ name, value }) => name === variable.name && value === variable.value,
        ),
      make: async () => {
        await run(...setVariable(repository, variable));
      },
    })),
  ];
}

/** Whether an environment asks for anybody's approval; undefined where GitHub does not tell. */
export async function isProtected(
  repository: string,
  environment: string,
  run: Gh,
): Promise<boolean | undefined> {
  try {
    const answer = JSON.parse(
      await run("api", `repos/${repository}/environments/${environment}`),
    ) as { protection_rules?: readonly { type?: string }[] };
    return answer.protection_rules?.some(({ type }) => type === "required_reviewers") === true;
  } catch (error) {
    if (error instanceof GhFailure) return undefined;
    throw error;
  }
}
