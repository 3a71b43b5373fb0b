/** `npm run invoke`: runs the built handler on this machine, without an account. */
import { join } from "node:path";
import { InvalidArgumentError } from "commander";
import { renderReport } from "./invoke/report.ts";
import { eventFile, readEvent, samplesOf } from "./invoke/event.ts";
import { describeFunction, runOnce } from "./invoke/run.ts";
import { nextChange } from "./invoke/watch.ts";
import { localSecrets, SECRETS_OPTION } from "./secrets/values.ts";
import { withServedSecrets } from "./secrets/server.ts";
import { hasDatabase } from "../infra/database/settings.ts";
import type { OwnFunction } from "../infra/functions/own-function.ts";
import { parseSettings } from "../infra/settings/parse.ts";
import { checkConfig } from "../ops/support/check-config.ts";
import { interruptible } from "../ops/support/interrupt.ts";
import { type Installed, installRuntimeClient } from "local-aws/lambda/install.ts";
import {
  type FunctionOptions,
  namedFunction,
  withFunction,
} from "../ops/support/function-outputs.ts";
import { command, type CommonOptions, run } from "../ops/support/command.ts";
import { rawSettings, type StackConfig } from "../ops/support/stack-config.ts";
import { isRefusal } from "../ops/support/refused.ts";
import { openTerminal, type Terminal } from "../ops/support/terminal.ts";

const ROOT = join(import.meta.dirname, "..");

interface InvokeOptions extends CommonOptions, FunctionOptions {
  readonly watch?: true;
  readonly env: Readonly<Record<string, string>>;
  readonly secrets?: string;
}

/** `NAME=value`, or `NAME` for the value that this shell has. */
function variable(
  text: string,
  others: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const [, name, value] = /^([A-Za-z_]\w*)(?:=([^]*))?$/.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError("must be NAME=value or NAME");
  return { ...others, [name]: value ?? process.env[name] ?? "" };
}

async function invoke(
  nameOrFile: string,
  options: InvokeOptions,
  signal: AbortSignal,
): Promise<void> {
  const terminal = openTerminal();
  const own = namedFunction(options.function);
  const samples = samplesOf(own);
  const file = await eventFile(nameOrFile, samples);
  const event = await readEvent(file, samples);
  const config = checkConfig(ROOT, options.stack);
  for (const note of config.notes) terminal.say(`note: ${note}`);
  const settings = parseSettings(rawSettings(config));
  const { secrets } = settings;
  if (own === undefined && hasDatabase(settings) && !("TABLE_NAME" in options.env)) {
    terminal.say(
      "note: nothing is kept here; npm run cloud has a table, and --env TABLE_NAME=… with credentials uses one in AWS",
    );
  }
  // The secrets of config are the service's own function's.
  const values = await localSecrets(own === undefined ? secrets : {}, options.secrets);
  const client = await installRuntimeClient((message) => terminal.live(message, message));
  terminal.quiet();
  if (!client.ok) terminal.say(`${client.reason}: a plain Node process runs the handler instead`);

  const runs = { event, file, own, config, client, options, signal, terminal };
  await withServedSecrets(values, (variables) => runAll(runs, variables));
}

interface Runs {
  readonly event: string;
  readonly file: string;
  readonly own: OwnFunction | undefined;
  readonly config: StackConfig;
  readonly client: Installed;
  readonly options: InvokeOptions;
  readonly signal: AbortSignal;
  readonly terminal: Terminal;
}

/** Once, or at every change. `variables` are for the function, beside its own. */
async function runAll(
  { event, file, own, config, client, options, signal, terminal }: Runs,
  variables: Readonly<Record<string, string>>,
): Promise<void> {
  const once = async (event: string): Promise<void> => {
    const report = await runOnce(describeFunction(config, own), event, client, {
      variables: { ...variables, ...options.env },
      signal,
    });
    if (signal.aborted) return;
    console.log(options.json ? JSON.stringify(report, undefined, 2) : renderReport(report));
    process.exitCode = report.outcome === "response" ? 0 : 1;
  };
  if (!options.watch) return once(event);

  while (!signal.aborted) {
    const changed = nextChange(join(ROOT, "function"), file, signal);
    await readEvent(file)
      .then(once)
      .catch((error: unknown) => {
        // While one edits, most runs fail to build; the next change may fix it.
        if (!isRefusal(error)) throw error;
        terminal.say(`error: ${error.message}`);
      });
    terminal.say("Waiting for a change of function/ or of the event; Ctrl-C ends");
    await changed;
  }
}

await run(
  withFunction(
    command(
      "invoke",
      "Run the built handler on this machine, as a stack configures it: no account is needed.",
      "npm run invoke -- create --stack production",
    ),
  )
    .argument(
      "<event>",
      "name of a sample in function/domain/events/, such as create or bad/no-id, or a file with the event as JSON",
    )
    .option(
      "--env <variable>",
      "add NAME=value, or NAME of this shell, to the function's environment; repeatable",
      variable,
      {},
    )
    .option(...SECRETS_OPTION)
    .option("--watch", "build and run again whenever the handler or the event changes")
    .action((event: string, options: InvokeOptions) =>
      interruptible((signal) => invoke(event, options, signal)),
    ),
);
