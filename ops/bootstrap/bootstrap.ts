/** What `npm run bootstrap` does, in order. */
import { checkConfig } from "../support/check-config.ts";
import { confirmed, openTerminal, type Terminal } from "../support/terminal.ts";
import { type AwsClients, awsClients } from "./clients.ts";
import { deploy, openPulumi, type Pulumi, type PulumiOptions, stackStep } from "./engine.ts";
import { type Gh, gh, ghIsReady, githubSteps, isProtected, setVariable } from "./github.ts";
import type { BootstrapOptions } from "./options.ts";
import { prepare, type Setup } from "./setup.ts";
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
  const setup = await prepare(root, options, tools.clients, hasGh ? tools.gh : undefined);
  for (const line of setup.facts) terminal.say(line);

  const { backendUrl, secretsProvider, location, scope } = setup;
  const fetch = !options.dryRun;
  const pulumi = await tools.openPulumi({ root, backendUrl, fetch, terminal });
  const where = backendUrl ?? "the backend that pulumi is signed in to";
  const { s3, kms } = setup.clients;
  const before = [
    ...(options.backend === "s3"
      ? [...stateBucketSteps(s3, location, scope), ...secretsKeySteps(kms, scope)]
      : []),
    stackFileStep(root, setup.project, stack, setup.change),
    stackStep(pulumi, { root, stack, where, secretsProvider }),
  ];
  const after = hasGh
    ? githubSteps(setup.repository.fullName, stack, setup.variables, tools.gh)
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
  if (hasGh) await warnWhenUnprotected(setup, stack, tools);
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
      : `${repository.fullName} can deploy ${stack} to account ${location.accountId}. Commit Pulumi.${stack}.yaml, and check with: npm run doctor -- --stack ${stack}`,
  ].join("\n");
}

/** A deploy role is only as strong as the rules of its environment on GitHub. */
async function warnWhenUnprotected(
  { repository }: Setup,
  stack: string,
  { gh, terminal }: Tools,
): Promise<void> {
  if (stack !== "production") return;
  if ((await isProtected(repository.fullName, stack, gh)) !== false) return;
  terminal.say(
    `warning: environment ${stack} of ${repository.fullName} asks nobody's approval; add reviewers in the repository's settings, under Environments`,
  );
}

const quoted = (word: string): string => (/^[\w./:@=-]+$/.test(word) ? word : `'${word}'`);
