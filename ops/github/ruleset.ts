/** The rules of the default branch: what is on it has been reviewed and has passed its checks. */
import { get, type Gh, includes, send } from "./gh.ts";

/** The ruleset that bootstrap makes; one of this name is taken for its own. */
export const RULESET_NAME = "default branch";

/** Names of the jobs of the workflow pull-request that must pass; each runs for every pull request. */
export const REQUIRED_CHECKS = [
  "Check and test",
  "Compare the contract",
  "Plan staging",
  "Plan production",
] as const;

/** Id of the GitHub app that is GitHub Actions: no other app, and no person's token, can report the checks. */
const GITHUB_ACTIONS_APP_ID = 15_368;

export interface BranchRules {
  /** Approvals that a pull request needs: 0 to 6, where 0 asks for a pull request and its checks alone. */
  readonly approvals: number;
}

interface RuleAnswer {
  readonly type: string;
  readonly parameters?: {
    readonly required_approving_review_count?: number;
    readonly require_code_owner_review?: boolean;
    readonly dismiss_stale_reviews_on_push?: boolean;
    readonly required_status_checks?: readonly { readonly context: string }[];
  };
}

/** GitHub's answer about one ruleset, as far as it is used here. */
export interface RulesetAnswer {
  readonly id: number;
  readonly name: string;
  readonly target?: string;
  readonly enforcement: string;
  /** Absent where GitHub does not show it to whoever asks. */
  readonly bypass_actors?: readonly unknown[];
  readonly conditions?: {
    readonly ref_name?: {
      readonly include?: readonly string[];
      readonly exclude?: readonly string[];
    };
  };
  readonly rules?: readonly RuleAnswer[];
}

/** The ruleset of ours; undefined where there is none. Throws `GhFailure`: with status 403 on plans without rulesets. */
export async function readRuleset(repository: string, run: Gh): Promise<RulesetAnswer | undefined> {
  // The list has no rules in it.
  const path = `repos/${repository}/rulesets`;
  const list = await get<readonly RulesetAnswer[]>(run, `${path}?per_page=100`);
  const own = list.find(({ name }) => name === RULESET_NAME);
  return own && get<RulesetAnswer>(run, `${path}/${own.id}`);
}

/** What the ruleset does not demand although it should, each as one clause; empty when all holds. Pure. */
export function rulesetGaps(
  found: RulesetAnswer | undefined,
  { approvals }: BranchRules,
): readonly string[] {
  if (found === undefined) return ["no ruleset protects the default branch"];
  if (found.enforcement !== "active") return [`ruleset ${RULESET_NAME} is ${found.enforcement}`];
  const gaps: string[] = [];
  const { include = [], exclude = [] } = found.conditions?.ref_name ?? {};
  if (found.target === "tag" || !include.includes("~DEFAULT_BRANCH") || exclude.length > 0) {
    gaps.push(`ruleset ${RULESET_NAME} does not cover the default branch`);
  }
  if (found.bypass_actors !== undefined && found.bypass_actors.length > 0) {
    gaps.push(`ruleset ${RULESET_NAME} lets somebody bypass it`);
  }
  const rule = (type: string) => found.rules?.find((one) => one.type === type);
  if (!rule("non_fast_forward")) gaps.push("the default branch takes forced pushes");
  if (!rule("deletion")) gaps.push("the default branch can be deleted");
  const pulls = rule("pull_request");
  const given = pulls?.parameters?.required_approving_review_count ?? 0;
  if (!pulls) gaps.push("the default branch takes pushes without a pull request");
  else if (given < approvals) gaps.push(`pull requests need ${given} of ${approvals} approvals`);
  else if (approvals > 0 && !includes(pulls.parameters, REVIEW)) {
    gaps.push("approvals outlast later pushes, or the owners of code are not asked");
  }
  const contexts = rule("required_status_checks")?.parameters?.required_status_checks ?? [];
  const missing = REQUIRED_CHECKS.filter(
    (name) => !contexts.some(({ context }) => context === name),
  );
  if (missing.length > 0) gaps.push(`pull requests can merge without ${missing.join(", ")}`);
  return gaps;
}

const REVIEW = { require_code_owner_review: true, dismiss_stale_reviews_on_push: true };

/** Makes the ruleset, or sets it again. Throws `GhFailure`. */
export async function makeRuleset(repository: string, rules: BranchRules, run: Gh): Promise<void> {
  const path = `repos/${repository}/rulesets`;
  const found = await readRuleset(repository, run);
  if (found) await send(run, "PUT", `${path}/${found.id}`, rulesetBody(rules));
  else await send(run, "POST", path, rulesetBody(rules));
}

/** The ruleset as GitHub's API takes it. */
export const rulesetBody = ({ approvals }: BranchRules): object => ({
  name: RULESET_NAME,
  target: "branch",
  enforcement: "active",
  bypass_actors: [],
  conditions: { ref_name: { include: ["~DEFAULT_BRANCH"], exclude: [] } },
  rules: [
    { type: "deletion" },
    { type: "non_fast_forward" },
    {
      type: "pull_request",
      parameters: {
        required_approving_review_count: approvals,
        dismiss_stale_reviews_on_push: true,
        // Alone, nobody else could give it.
        require_code_owner_review: approvals > 0,
        require_last_push_approval: approvals > 0,
        required_review_thread_resolution: false,
      },
    },
    {
      type: "required_status_checks",
      parameters: {
        // Two changes that pass only apart are found by the merge queue, or by the deploy's own tests.
        strict_required_status_checks_policy: false,
        required_status_checks: REQUIRED_CHECKS.map((context) => ({
          context,
          integration_id: GITHUB_ACTIONS_APP_ID,
        })),
      },
    },
  ],
});
