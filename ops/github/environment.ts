/** A deployment environment's rules: which branch may use it, and who approves. */
import { find, get, type Gh, send } from "./gh.ts";

/** A person or a team, as GitHub's API names one. */
export interface Reviewer {
  readonly type: "User" | "Team";
  readonly id: number;
}

/** What an environment is to demand of a job that names it. */
export interface EnvironmentRules {
  readonly name: string;
  /** The only branch whose jobs may use it. */
  readonly branch: string;
  /** Who may approve a deployment; empty for nobody's approval. GitHub takes at most six, and one approval is enough. */
  readonly reviewers: readonly Reviewer[];
}

/** GitHub's answer about one environment, as far as it is used here. */
export interface EnvironmentAnswer {
  readonly protection_rules?: readonly {
    readonly type: string;
    readonly wait_timer?: number;
    readonly prevent_self_review?: boolean;
    readonly reviewers?: readonly {
      readonly type: Reviewer["type"];
      readonly reviewer: { readonly id: number };
    }[];
  }[];
  readonly deployment_branch_policy?: {
    readonly protected_branches: boolean;
    readonly custom_branch_policies: boolean;
  } | null;
  readonly can_admins_bypass?: boolean;
}

/** An environment as GitHub has it. */
export interface Environment {
  readonly reviewers: readonly Reviewer[];
  readonly preventSelfReview: boolean;
  readonly waitMinutes: number;
  readonly adminsBypass: boolean;
  /** Patterns of the branches and tags that may use it; undefined where all may. */
  readonly branches: readonly string[] | undefined;
}

const pathOf = (repository: string, name: string): string =>
  `repos/${repository}/environments/${encodeURIComponent(name)}`;

/** The environment; undefined where there is none. Throws `GhFailure`. */
export async function readEnvironment(
  repository: string,
  name: string,
  run: Gh,
): Promise<Environment | undefined> {
  const path = pathOf(repository, name);
  const answer = await find<EnvironmentAnswer>(run, path);
  if (answer === undefined) return undefined;
  const rule = (type: string) => answer.protection_rules?.find((one) => one.type === type);
  const approval = rule("required_reviewers");
  return {
    reviewers: (approval?.reviewers ?? []).map(({ type, reviewer }) => ({ type, id: reviewer.id })),
    preventSelfReview: approval?.prevent_self_review === true,
    waitMinutes: rule("wait_timer")?.wait_timer ?? 0,
    adminsBypass: answer.can_admins_bypass !== false,
    branches: await branchesOf(answer, path, run),
  };
}

async function branchesOf(
  { deployment_branch_policy: policy }: EnvironmentAnswer,
  path: string,
  run: Gh,
): Promise<readonly string[] | undefined> {
  if (!policy) return undefined;
  if (policy.protected_branches) return ["every protected branch"];
  const { branch_policies: list } = await get<{ branch_policies: readonly { name: string }[] }>(
    run,
    `${path}/deployment-branch-policies`,
  );
  return list.map(({ name }) => name);
}

/** What an environment does not demand although it should, each as one clause; empty when all holds. Pure. */
export function environmentGaps(
  found: Environment | undefined,
  { name, branch, reviewers }: EnvironmentRules,
): readonly string[] {
  if (found === undefined) return [`environment ${name} does not exist`];
  const gaps: string[] = [];
  if (found.branches === undefined) {
    gaps.push(`environment ${name} takes jobs of every branch`);
  } else {
    const others = found.branches.filter((one) => one !== branch);
    if (others.length > 0) gaps.push(`environment ${name} takes jobs of ${others.join(", ")} too`);
    if (!found.branches.includes(branch)) {
      gaps.push(`environment ${name} takes no job of ${branch}`);
    }
  }
  if (reviewers.length > 0 && found.reviewers.length === 0) {
    gaps.push(`environment ${name} asks for nobody's approval`);
  }
  return gaps;
}

/** Whether the environment's approvals are given by exactly these. */
export const hasReviewers = (
  found: Environment | undefined,
  reviewers: readonly Reviewer[],
): boolean => {
  const keys = (list: readonly Reviewer[]) => list.map(({ type, id }) => `${type} ${id}`).sort();
  return keys(found?.reviewers ?? []).join() === keys(reviewers).join();
};

/**
 * Limits the environment to one branch, and makes it where it is not there. What else people have set stays:
 * GitHub replaces all rules at once, so those that are there are sent again. Throws `GhFailure`.
 */
export async function limitBranches(
  repository: string,
  { name, branch }: EnvironmentRules,
  run: Gh,
): Promise<void> {
  const path = pathOf(repository, name);
  const found = await readEnvironment(repository, name, run);
  await send(run, "PUT", path, {
    ...approvalOf(found),
    deployment_branch_policy: { protected_branches: false, custom_branch_policies: true },
  });
  const { branches = [] } = (await readEnvironment(repository, name, run)) ?? {};
  if (!branches.includes(branch)) {
    await send(run, "POST", `${path}/deployment-branch-policies`, { name: branch });
  }
}

/** Demands an approval of one of these people and teams. Throws `GhFailure`, also where GitHub's plan has no approvals. */
export async function requireReviewers(
  repository: string,
  { name, reviewers }: EnvironmentRules,
  run: Gh,
): Promise<void> {
  const found = await readEnvironment(repository, name, run);
  await send(run, "PUT", pathOf(repository, name), {
    wait_timer: found?.waitMinutes ?? 0,
    // Alone, whoever deploys must be able to approve; with others, somebody else looks.
    prevent_self_review: found?.preventSelfReview === true || reviewers.length > 1,
    reviewers,
    can_admins_bypass: false,
    deployment_branch_policy:
      found?.branches === undefined
        ? null
        : { protected_branches: false, custom_branch_policies: true },
  });
}

/** The plan-bound fields, only where something is set: GitHub refuses them, empty ones too, on plans without them. */
function approvalOf(found: Environment | undefined): object {
  if (!found || (found.reviewers.length === 0 && found.waitMinutes === 0)) return {};
  return {
    wait_timer: found.waitMinutes,
    reviewers: found.reviewers,
    prevent_self_review: found.preventSelfReview,
    can_admins_bypass: found.adminsBypass,
  };
}
