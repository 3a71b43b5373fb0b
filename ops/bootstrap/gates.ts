/**
 * GitHub's own gates, made and read back. A role's trust names an environment, so the role is only as strong as
 * what that environment and the default branch demand.
 */
import {
  environmentGaps,
  type EnvironmentRules,
  type Reviewer,
  hasReviewers,
  limitBranches,
  readEnvironment,
  requireReviewers,
} from "../github/environment.ts";
import { type Gh, GhFailure } from "../github/gh.ts";
import { makeRuleset, readRuleset, rulesetGaps } from "../github/ruleset.ts";
import { readVariable, setVariable } from "../github/variables.ts";
import { rollbackEnvironment } from "../../infra/names.ts";
import { Refused } from "../support/refused.ts";
import type { Terminal } from "../support/terminal.ts";
import type { Step } from "./steps.ts";

/** The stack that people approve before it is deployed. */
export const PROTECTED_STACK = "production";

/**
 * The variable that says how production is deployed: `after-approval` by a push, once its reviewers have approved;
 * `by-hand` only when somebody starts the workflow. Without the variable, the workflow takes it for `by-hand`.
 */
export const DEPLOY_VARIABLE = "DEPLOY_PRODUCTION";
export type DeployMode = "after-approval" | "by-hand";

export interface Gates {
  /** `owner/name`. */
  readonly repository: string;
  readonly stack: string;
  readonly branch: string;
  /** Who approves deployments of production; unused for other stacks. */
  readonly reviewers: readonly Reviewer[];
  /** Who is named in CODEOWNERS: `octocat`, or `acme/operators` for a team. */
  readonly owners: readonly string[];
  /** Approvals that a pull request needs. */
  readonly approvals: number;
  /** Go on without the gates that production should have. */
  readonly unprotected: boolean;
}

/** What doctor holds a repository to, which does not know what bootstrap was asked for. */
export const DEFAULT_GATES = {
  // Any will do.
  reviewers: [{ type: "User", id: 0 }],
  owners: [],
  approvals: 0,
  unprotected: false,
} as const satisfies Partial<Gates>;

const environmentsOf = ({ stack, branch, reviewers }: Gates): readonly EnvironmentRules[] => [
  { name: stack, branch, reviewers: stack === PROTECTED_STACK ? reviewers : [] },
  { name: rollbackEnvironment(stack), branch, reviewers: [] },
];

/** Everything that does not hold, each as one clause; empty when all does. */
export async function gateGaps(gates: Gates, run: Gh): Promise<readonly string[]> {
  const gaps: string[] = [];
  for (const rules of environmentsOf(gates)) {
    gaps.push(...environmentGaps(await readEnvironment(gates.repository, rules.name, run), rules));
  }
  try {
    gaps.push(...rulesetGaps(await readRuleset(gates.repository, run), gates));
  } catch (error) {
    gaps.push(`rulesets are not available: ${sayOf(error)}`);
  }
  return gaps;
}

/** Makes the gates, reads them back, and sets how production is deployed. The last step refuses where they do not hold. */
export function gateSteps(gates: Gates, terminal: Terminal, run: Gh): readonly Step[] {
  const { repository, stack } = gates;
  const refusals: string[] = [];
  /** GitHub refuses some rules on some plans; the others are made all the same, and what is missing is said at the end. */
  const trying = (make: () => Promise<void>) => () =>
    make().catch((error: unknown) => {
      refusals.push(sayOf(error));
      return "not possible" as const;
    });
  const environments = environmentsOf(gates).flatMap((rules): readonly Step[] => [
    {
      what: `GitHub environment ${rules.name}, for ${rules.branch} only`,
      isDone: async () => {
        const found = await readEnvironment(repository, rules.name, run);
        return environmentGaps(found, { ...rules, reviewers: [] }).length === 0;
      },
      make: trying(() => limitBranches(repository, rules, run)),
    },
    ...(rules.reviewers.length === 0
      ? []
      : [
          {
            what: `GitHub environment ${rules.name} asks for an approval`,
            isDone: async () => {
              const found = await readEnvironment(repository, rules.name, run);
              return hasReviewers(found, rules.reviewers) && found?.adminsBypass === false;
            },
            make: trying(() => requireReviewers(repository, rules, run)),
          },
        ]),
  ]);
  const readBack: Step = {
    what: `the gates of ${stack}, read back from GitHub`,
    isDone: async () => (await gateGaps(gates, run)).length === 0,
    make: async () => {
      const gaps = await gateGaps(gates, run);
      if (stack === PROTECTED_STACK && !gates.unprotected) {
        throw new Refused(
          [`${stack} is not protected: ${gaps.join(", ")}`, ...new Set(refusals)].join(
            ". GitHub says: ",
          ),
          `nothing of AWS was changed; get a plan that has these gates, or go on without them by --unprotected: ${consequence(gates)}`,
        );
      }
      terminal.say(`warning: ${stack} is not protected: ${gaps.join(", ")}; ${consequence(gates)}`);
      return "not possible";
    },
  };
  const ruleset: Step = {
    what: "GitHub ruleset of the default branch",
    isDone: async () => {
      try {
        return rulesetGaps(await readRuleset(repository, run), gates).length === 0;
      } catch {
        return false;
      }
    },
    make: trying(() => makeRuleset(repository, gates, run)),
  };
  return [
    ...environments,
    ruleset,
    readBack,
    ...(stack === PROTECTED_STACK ? [deployModeStep(gates, run)] : []),
  ];
}

/** What follows where a gate is missing, for whoever decides to go on. */
const consequence = ({ repository, stack, branch }: Gates): string =>
  stack === PROTECTED_STACK
    ? `${stack} is then deployed only when somebody starts the workflow deploy by hand, without a second person, and whoever may push to ${repository} may be able to take its deploy role`
    : `whoever may push to ${repository} may be able to deploy ${stack} from a branch other than ${branch}`;

/** A push deploys production only while somebody has to approve it. */
function deployModeStep(gates: Gates, run: Gh): Step {
  const { repository, stack } = gates;
  const mode = async (): Promise<DeployMode> => {
    const found = await readEnvironment(repository, stack, run);
    return found !== undefined && found.reviewers.length > 0 ? "after-approval" : "by-hand";
  };
  return {
    what: `GitHub variable ${DEPLOY_VARIABLE}`,
    isDone: async () =>
      (await readVariable(repository, { name: DEPLOY_VARIABLE }, run)) === (await mode()),
    make: async () => {
      await run(setVariable(repository, { name: DEPLOY_VARIABLE, value: await mode() }));
    },
  };
}

/** What GitHub says of a refusal. Anything else is thrown again. */
function sayOf(error: unknown): string {
  if (error instanceof GhFailure && [403, 404, 422].includes(error.status ?? 0)) {
    return error.message.replace(/^gh: /, "");
  }
  throw error;
}
