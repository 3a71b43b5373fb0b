/** `npm run cloud`: the service on this machine, in an AWS of its own. */
import { once } from "node:events";
import { createInterface } from "node:readline";
import { InvalidArgumentError } from "commander";
import { localApi } from "./cloud/api.ts";
import { playDemo } from "./cloud/demo.ts";
import { ENV_FILE, refuseSecondCloud, removeEnvFile, writeEnvFile } from "./cloud/env-file.ts";
import { type ServiceCloud, withServiceCloud } from "./cloud/open.ts";
import { localQueue } from "./cloud/queue.ts";
import type { Trial } from "./cloud/trial.ts";
import { SECRETS_OPTION } from "./secrets/values.ts";
import { notMadeLines } from "./cloud/not-made.ts";
import type { StackOutputs } from "../infra/outputs.ts";
import { resolveEngine } from "local-aws/engine/resolve.ts";
import { interruptible } from "../ops/support/interrupt.ts";
import { command, type CommonOptions, run } from "../ops/support/command.ts";
import { openTerminal, type Terminal } from "../ops/support/terminal.ts";
import { type Changes, setOption } from "./with-settings.ts";

interface CloudOptions extends CommonOptions {
  /** Seconds. */
  readonly minute: number;
  readonly demo?: true;
  readonly variables: string;
  readonly secrets?: string;
  readonly set?: Changes;
}

/** A canary of five minutes in ten seconds: long enough to watch, short enough to wait for. */
const DEFAULT_MINUTE_SECONDS = 2;

async function cloud(options: CloudOptions): Promise<void> {
  const { stack } = options;
  const terminal = openTerminal();
  await refuseSecondCloud(options.variables);
  await resolveEngine({ progress: terminal.progress });
  const state = { ready: false };
  await interruptible((signal) =>
    withServiceCloud(
      {
        stack,
        minuteMs: options.minute * 1000,
        terminal,
        signal,
        secrets: options.secrets,
        set: options.set,
      },
      async (running) => {
        const trials = options.demo ? [] : await deploy(running, terminal, stack);
        await write(options, running, trials);
        try {
          if (options.demo) {
            terminal.say(watching(options));
            await playDemo({ cloud: running, stack, terminal, signal });
            return;
          }
          const environment = withTrials(running, trials);
          if (options.json) console.log(JSON.stringify(environment, undefined, 2));
          else say(terminal, options, trials);
          state.ready = true;
          const known = new Set(trials.map(({ curl }) => curl));
          await untilInterrupted(signal, async () => {
            const next = await deploy(running, terminal, stack);
            await write(options, running, next);
            // A shell that has the variables does not know of what was not there, or wanted something else.
            const added = next.filter(({ curl }) => !known.has(curl));
            if (added.length > 0) terminal.say(linesOf(options, added));
            for (const { curl } of added) known.add(curl);
          });
        } finally {
          await removeEnvFile(options.variables);
        }
      },
    ),
  );
  terminal.say("the local cloud is gone; nothing of it is left");
  // Ctrl-C is how it ends when all is well.
  if (state.ready) process.exitCode = 0;
}

/** How shells reach the cloud, and the ways into the service. */
const withTrials = (
  { environment }: ServiceCloud,
  trials: readonly Trial[],
): Readonly<Record<string, string>> =>
  Object.assign({}, environment, ...trials.map(({ variables }) => variables));

const write = (
  { variables }: CloudOptions,
  running: ServiceCloud,
  trials: readonly Trial[],
): Promise<void> => writeEnvFile(variables, withTrials(running, trials));

/** Deploys this folder, and says what has come of it. Returns the ways into the service. */
async function deploy(
  running: ServiceCloud,
  terminal: Terminal,
  stack: string,
): Promise<readonly Trial[]> {
  const begun = performance.now();
  terminal.live(`deploying stack ${stack} with the real engine`, "deploying");
  const { summary, settings, outputs, made, notMade, madeUp } = await running.up();
  const done = Object.entries(summary).map(([op, count]) => `${count} ${op}`);
  const seconds = ((performance.now() - begun) / 1000).toFixed(0);
  terminal.say(
    `pulumi up of stack ${stack} in ${seconds} s: ${done.join(", ")}; ${made} resources in the local cloud; version ${outputs.functionVersion} is published${versionsOf(outputs)}`,
  );
  for (const line of notMadeLines({ notMade, madeUp })) terminal.say(line);
  const api = await localApi(running.environment, settings, outputs);
  if (api) terminal.say(`the API answers at ${api.variables["API_URL"]}`);
  return [api, localQueue(outputs)].filter((trial) => trial !== undefined);
}

const linesOf = ({ variables }: CloudOptions, trials: readonly Trial[]): string =>
  [`source ${variables}`, ...trials.map(({ curl }) => curl)].map((line) => `  ${line}`).join("\n");

/** What is published of the functions beside the service's own; empty where there are none. */
const versionsOf = ({ functions = {} }: StackOutputs): string =>
  Object.entries(functions)
    .map(([name, { functionVersion }]) => `, version ${functionVersion} of --function ${name}`)
    .join("");

const watching = ({ stack, variables }: CloudOptions): string =>
  `To watch it in a browser, in another terminal, once the first version is deployed:
  source ${variables}; npm run dashboard -- --stack ${stack} --live`;

function say(terminal: Terminal, options: CloudOptions, trials: readonly Trial[]): void {
  const { stack, minute } = options;
  terminal.say(`
In another terminal, in this folder:

${linesOf(options, trials)}
  npm run release -- --stack ${stack}
  npm run smoke -- --stack ${stack}
  npm run rollback -- --stack ${stack} --reason "trying it out"
  npm run replay -- --stack ${stack}
  npm run doctor -- --stack ${stack}
  npm run logs -- --stack ${stack} --follow
  npm run dashboard -- --stack ${stack} --live
  npm run prune -- --stack ${stack}

A minute takes ${minute} s here. Enter deploys this folder again, as it is then; Ctrl-C ends everything.`);
}

/** Deploys again at every Enter. */
async function untilInterrupted(signal: AbortSignal, again: () => Promise<void>): Promise<void> {
  if (process.stdin.isTTY) {
    const lines = createInterface({ input: process.stdin, signal });
    for await (const _line of lines) {
      await again().catch((error: unknown) => {
        if (signal.aborted) return;
        console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
      });
    }
  }
  if (!signal.aborted) await once(signal, "abort");
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value >= 0.05 && value <= 60)) {
    throw new InvalidArgumentError("must be a number of seconds from 0.05 to 60");
  }
  return value;
}

const program = command(
  "cloud",
  "Run the service in an AWS of its own on this machine: deployed by the real Pulumi engine, with releases, canaries, rollbacks and replays to try. Nothing leaves this machine, and no account is needed.",
  "npm run cloud -- --demo",
)
  .option(
    "--minute <seconds>",
    "how long a minute takes, for canaries and alarms",
    seconds,
    DEFAULT_MINUTE_SECONDS,
  )
  .option("--variables <file>", "where the variables for a shell are written", ENV_FILE)
  .option(...SECRETS_OPTION)
  .addOption(setOption("deploy with another value of a config key, such as api=http"))
  .option("--demo", "play the story of a bad build: canary, alarm, rollback, replay")
  .action(cloud);
// A canary is what there is to see, and only production has one.
program.options.find(({ long }) => long === "--stack")?.default("production");
program.setOptionValueWithSource("stack", "production", "default");

await run(program);
