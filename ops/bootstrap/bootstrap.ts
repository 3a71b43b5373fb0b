/** What `npm run bootstrap` does, in order. */
import { checkConfig } from "../support/check-config.ts";
import { confirmed, openTerminal, type Terminal } from "../support/terminal.ts";
import { type AwsClients, awsClients } from "./clients.ts";
import { deploy, openPulumi, type Pulumi, type PulumiOptions, stackStep } from "./engine.ts";
import { codeOwnersStep } from "../github/code-owners.ts";
import { readEnvironment, type Reviewer } from "../github/environment.ts";
import { type Gh, gh, ghIsReady } from "../github/gh.ts";
import { resolveReviewers } from "../github/reviewers.ts";
import { setVariable, variableStep } from "../github/variables.ts";
import { Refused } from "../support/refused.ts";
import { type Gates, gateSteps, PROTECTED_STACK } from "./gates.ts";
import { type BootstrapOptions, DEFAULT_APPROVALS } from "./options.ts";
import { prepare, type Setup } from "./setup.ts";
import { loggingRoleStep } from "../identity/logging-role.ts";
import { stackFileStep } from "./stack-file.ts";
import { secretsKeySteps, stateBucketSteps } from "./state-backend.ts";
import { type Done, makeAll, type Step, survey } from "./steps.ts";

/** What the command works with; tests bring their own. */
export interface Tools {
  readonly clients: (region: string) => AwsClients;
  readonly gh: Gh;
  readonly openPulumi: (options: PulumiOptions) => Promise<Pulumi>;
  readonly terminal: Terminal;
  /** Writes the result. */
  readonly print: (text: string) => void;
}

export const machineTools = (): Tools => ({
  clients: awsClients,
  gh,
  openPulumi,
  terminal: openTerminal(),
  print: (text) => console.log(text),
});

/** Connects repository, account and stack; `root` is the project's folder. Throws `Refused`. */
export async function bootstrap(
  root: string,
  options: BootstrapOptions,
  tools = machineTools(),
): Promise<void> {
  const { terminal } = tools;
  const { stack } = options;
  const hasGh = await ghIsReady(tools.gh);
  if (!hasGh && stack === PROTECTED_STACK && !options.unprotected && !options.dryRun) {
    throw new Refused(
      `the gates of ${stack} cannot be made and read back without gh`,
      "sign in with: gh auth login; or add --unprotected, and set them by hand as docs/workflows.md says",
    );
  }
  const setup = await prepare(root, options, tools.clients, hasGh ? tools.gh : undefined);
  for (const line of setup.facts) terminal.say(line);

  const { backendUrl, secretsProvider, location, scope } = setup;
  const fetch = !options.dryRun;
  const pulumi = await tools.openPulumi({ root, backendUrl, fetch, terminal });
  const where = backendUrl ?? "the backend that pulumi is signed in to";
  const { s3, kms } = setup.clients;
  const gates = hasGh ? await gatesOf(setup, options, tools.gh) : undefined;
  const before = [
    // First of all: a role that its gates do not guard is never made.
    ...(gates ? gateSteps(gates, terminal, tools.gh) : []),
    ...(options.backend === "s3"
      ? [...stateBucketSteps(s3, location, scope), ...secretsKeySteps(kms, scope)]
      : []),
    stackFileStep(root, setup.project, stack, setup.change),
    ...(gates ? [codeOwnersStep(root, gates.owners)] : []),
    ...(setup.needsLoggingRole ? [loggingRoleStep(setup.clients, location)] : []),
    stackStep(pulumi, { root, stack, where, secretsProvider }),
  ];
  const after = hasGh
    ? setup.variables.map((variable) => variableStep(setup.repository.fullName, variable, tools.gh))
    : [];
  const up: Step = {
    what: `pulumi up of ${stack}`,
    // Whether there is anything to do, only Pulumi knows.
    isDone: async () => false,
    make: async () => {
      checkConfig(root, stack);
      await deploy(pulumi, stack);
    },
  };
  const steps = [...before, up, ...after];
  const found = await survey(steps);
  if (options.dryRun) {
    tools.print(report(options, setup, found, hasGh));
    return;
  }
  for (const { what, outcome } of found) {
    if (outcome !== "was there") terminal.say(`  to do: ${what}`);
  }
  await confirmed(`Go on in account ${location.accountId}, ${location.region}?`, options.yes);
  const done: Done[] = [];
  try {
    await makeAll(steps, terminal, (one) => done.push(one));
  } catch (error) {
    // What is done stays done, so it is said before the error.
    for (const { what, outcome } of done) terminal.say(`  ${outcome}: ${what}`);
    throw error;
  }
  tools.print(report(options, setup, done, hasGh));
}

/** The gates of this run. Who approves already is kept, unless others are named. Throws `Refused`. */
async function gatesOf(
  { repository }: Setup,
  { stack, reviewer = [], approvals = DEFAULT_APPROVALS, unprotected }: BootstrapOptions,
  run: Gh,
): Promise<Gates> {
  const { fullName, defaultBranch = "main" } = repository;
  const named = await resolveReviewers(reviewer, run);
  return {
    repository: fullName,
    stack,
    branch: defaultBranch,
    owners: named.map(({ name }) => name),
    reviewers: reviewer.length > 0 ? named : await keptReviewers(fullName, stack, named, run),
    approvals,
    unprotected: unprotected === true,
  };
}

function report(
  { stack, dryRun, json }: BootstrapOptions,
  { location, repository, variables, facts, backendUrl }: Setup,
  steps: readonly Done[],
  hasGh: boolean,
): string {
  const commands = hasGh
    ? []
    : variables.map((variable) =>
        ["gh", ...setVariable(repository.fullName, variable)].map(quoted).join(" "),
      );
  if (json) {
    const document = {
      ...location,
      stack,
      repository,
      dryRun: dryRun === true,
      facts,
      steps,
      commands,
    };
    return JSON.stringify(document, undefined, 2);
  }
  return [
    ...steps.map(({ what, outcome }) => `${outcome.padEnd(13)} ${what}`),
    "",
    ...(commands.length > 0
      ? [
          `Make the environment ${stack} on GitHub, then set its variables with:`,
          "",
          ...commands,
          "",
        ]
      : []),
    ...(backendUrl === undefined
      ? []
      : [
          `Commands on this machine find the state with: export PULUMI_BACKEND_URL='${backendUrl}'`,
        ]),
    dryRun
      ? "Nothing was changed."
      : `${repository.fullName} can deploy ${stack} to account ${location.accountId}. Bring Pulumi.${stack}.yaml and .github/CODEOWNERS to ${repository.defaultBranch ?? "the default branch"} by a pull request, and check with: npm run doctor -- --stack ${stack}`,
  ].join("\n");
}

async function keptReviewers(
  repository: string,
  stack: string,
  otherwise: readonly Reviewer[],
  run: Gh,
): Promise<readonly Reviewer[]> {
  const { reviewers = [] } = (await readEnvironment(repository, stack, run)) ?? {};
  return reviewers.length > 0 ? reviewers : otherwise;
}

const quoted = (word: string): string => (/^[\w./:@=-]+$/.test(word) ? word : `'${word}'`);
