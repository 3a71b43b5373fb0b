/** `npm run logs`: the service's log lines, readable, oldest first. */
import { setTimeout as sleep } from "node:timers/promises";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { InvalidArgumentError, Option } from "commander";
import { type Level, levelOf, LEVELS } from "./logs/levels.ts";
import { type LogLine, selected, type Selection } from "./logs/lines.ts";
import {
  nothingFound,
  type Output,
  type Printed,
  printFollowed,
  printLines,
} from "./logs/print.ts";
import { followLines, readCall, readLines } from "./logs/read.ts";
import { explaining, openStackAccount } from "./support/aws.ts";
import { command, type CommonOptions, run } from "./support/command.ts";
import {
  type FunctionOptions,
  readFunctionOutputs,
  withFunction,
} from "./support/function-outputs.ts";
import { refuseEmptySpan, time, TIME_FORMS } from "./support/time-argument.ts";

interface Options extends CommonOptions, FunctionOptions {
  readonly since?: number;
  readonly until?: number;
  readonly level: Level;
  readonly id?: string;
  readonly all?: true;
  readonly follow?: true;
}

const FIFTEEN_MINUTES_MS = 15 * 60_000;

/** Between two polls when following, in ms. */
const POLL_MS = 2_000;

const logs = withFunction(
  command(
    "logs",
    "Show the service's log lines, oldest first. They can hold customers' data: only people have the right to read them.",
    "npm run logs -- --stack production --since 2h --level ERROR",
  ),
)
  .addOption(
    new Option("--since <time>", `from then on: ${TIME_FORMS}`)
      .argParser(time)
      .default(undefined, "15m before the end"),
  )
  .addOption(
    new Option("--until <time>", "only before then").argParser(time).default(undefined, "now"),
  )
  .addOption(
    new Option("--level <level>", `least severe level: ${LEVELS.join(", ")}`)
      .argParser(level)
      .default("TRACE", "all"),
  )
  .option("--id <id>", "only lines of one call, by its correlation id or request id")
  .option(
    "--all",
    "Lambda's own lines and the metrics' too; those of failed calls are shown anyway",
  )
  .addOption(
    new Option("--follow", "go on with what comes, until Ctrl-C").conflicts(["json", "until"]),
  )
  .action(explaining(show));

function level(text: string): Level {
  const found = levelOf(text);
  if (found) return found;
  throw new InvalidArgumentError(`must be one of ${LEVELS.join(", ")}`);
}

async function show({ stack, function: name, json, follow, ...options }: Options): Promise<void> {
  const now = Date.now();
  const { until } = options;
  const since = options.since ?? (until ?? now) - FIFTEEN_MINUTES_MS;
  refuseEmptySpan(logs, { since, until }, now);

  const { logGroupName, ...outputs } = await readFunctionOutputs(stack, name);
  await openStackAccount(outputs);
  const client = new CloudWatchLogsClient({ region: outputs.region });
  const span = { logGroupName, sinceMs: since, untilMs: until };
  const selection: Selection = options;
  if (follow) {
    await printFollowed(
      followLines(client, { ...span, text: options.id }, nextPoll),
      selection,
      OUTPUT,
    );
    return;
  }
  const lines =
    options.id === undefined ? readLines(client, span) : await readCall(client, span, options.id);
  // Which lines are of the call was found out above: Lambda's own know only one of its ids.
  const rest: Selection = { ...selection, id: undefined };
  let printed: Printed;
  if (json) {
    const all: LogLine[] = [];
    for await (const line of lines) all.push(line);
    const shown = all.filter((line) => selected(line, rest));
    console.log(JSON.stringify(shown, undefined, 2));
    printed = { shown: shown.length, leftOut: all.length - shown.length };
  } else {
    printed = await printLines(lines, rest, OUTPUT);
  }
  if (printed.shown === 0) {
    OUTPUT.say(nothingFound(printed, selection, { sinceMs: since, untilMs: until ?? now }));
  }
}

const OUTPUT: Output = {
  print: (text) => {
    console.log(text);
  },
  say: (text) => {
    console.error(text);
  },
};

/** Following ends with the process, on Ctrl-C. */
const nextPoll = async (): Promise<true> => {
  await sleep(POLL_MS);
  return true;
};

await run(logs);
