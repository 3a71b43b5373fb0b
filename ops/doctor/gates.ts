/** The part of the doctor that asks GitHub whether its gates hold: environments, ruleset, owners of code. */
import { DEFAULT_GATES, DEPLOY_VARIABLE, gateGaps, PROTECTED_STACK } from "../bootstrap/gates.ts";
import { PLACEHOLDER_OWNER, readCodeOwners } from "../github/code-owners.ts";
import { readEnvironment } from "../github/environment.ts";
import { get, gh, type Gh, GhFailure, ghIsReady } from "../github/gh.ts";
import { readRepository } from "../github/repository.ts";
import { readVariable } from "../github/variables.ts";
import type { Check, DoctorContext, Finding } from "./check.ts";

export const gatesCheck: Check = {
  name: "gates",
  run: (context) => checkGates(context, gh),
};

/** Every gate of GitHub's that does not hold. */
export async function checkGates(context: DoctorContext, run: Gh): Promise<readonly Finding[]> {
  const { settings, root, stack } = context;
  if (!(await ghIsReady(run))) {
    return [warning("gh is not signed in, so GitHub's gates were not checked", "gh auth login")];
  }
  try {
    const { fullName, defaultBranch = "main" } = await readRepository(
      settings.githubRepository,
      run,
    );
    return [
      ...branchFindings(settings.githubDefaultBranch, defaultBranch),
      ...(await gapFindings(fullName, stack, defaultBranch, run)),
      ...(await ownerFindings(fullName, root, run)),
    ];
  } catch (error) {
    if (!(error instanceof GhFailure)) throw error;
    return [
      warning(
        `GitHub does not show its gates to you: ${error.message}`,
        "ask an administrator of the repository to run this",
      ),
    ];
  }
}

const branchFindings = (configured: string, actual: string): readonly Finding[] =>
  configured === actual
    ? []
    : [
        {
          severity: "error",
          problem: `the default branch is ${actual} on GitHub, and githubDefaultBranch is ${configured}: the plan role trusts the wrong branch`,
          remedy: BOOTSTRAP,
        },
      ];

const BOOTSTRAP = "as an administrator, run: npm run bootstrap";

async function gapFindings(
  repository: string,
  stack: string,
  branch: string,
  run: Gh,
): Promise<readonly Finding[]> {
  const gates = { ...DEFAULT_GATES, repository, stack, branch };
  const gaps = await gateGaps(gates, run);
  const findings = gaps.map((problem) => warning(problem, BOOTSTRAP));
  if (stack !== PROTECTED_STACK) return findings;
  const environment = await readEnvironment(repository, stack, run);
  if (environment !== undefined && environment.reviewers.length > 0) {
    return environment.adminsBypass
      ? [
          ...findings,
          warning(`administrators can pass environment ${stack} without an approval`, BOOTSTRAP),
        ]
      : findings;
  }
  const mode = await readVariable(repository, { name: DEPLOY_VARIABLE }, run);
  // By hand, no push deploys it: that is what somebody has decided. By a push, nobody would be asked.
  return mode === "after-approval"
    ? [
        ...findings,
        {
          severity: "error",
          problem: `${DEPLOY_VARIABLE} is ${mode}, and environment ${stack} asks for nobody's approval: every push deploys it`,
          remedy: BOOTSTRAP,
        },
      ]
    : findings;
}

async function ownerFindings(
  repository: string,
  root: string,
  run: Gh,
): Promise<readonly Finding[]> {
  const text = await readCodeOwners(root);
  if (text === undefined) {
    return [
      warning(".github/CODEOWNERS is gone, so no owner is asked about the roles", "put it back"),
    ];
  }
  if (text.includes(PLACEHOLDER_OWNER)) {
    return [warning(`.github/CODEOWNERS names ${PLACEHOLDER_OWNER}, which is nobody`, BOOTSTRAP)];
  }
  const { errors } = await get<{ errors: readonly { line: number; message: string }[] }>(
    run,
    `repos/${repository}/codeowners/errors`,
  );
  return errors.map(({ line, message }) =>
    warning(
      `GitHub ignores line ${line} of .github/CODEOWNERS: ${message.split("\n")[0]}`,
      "name people and teams that may write to the repository",
    ),
  );
}

const warning = (problem: string, remedy: string): Finding => ({
  severity: "warning",
  problem,
  remedy,
});
