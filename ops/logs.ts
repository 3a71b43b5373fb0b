/** `npm run logs`: the service's log lines, readable, oldest first. */
import { setTimeout as sleep } from "node:timers/promises";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { Option } from "commander";
import { formatLine, type Level, LEVELS, type LogLine, selected } from "./logs/lines.ts";
import { followLines, readLines } from "./logs/read.ts";
import { explaining, openStackAccount } from "./support/aws.ts";
import { command, type CommonOptions, run } from "./support/command.ts";
import { readStackOutputs } from "./support/stack-outputs.ts";
import { time } from "./support/time-argument.ts";

interface Options extends CommonOptions {
  readonly since: number;
  readonly until?: number;
  readonly level: Level;
  readonly id?: string;
  readonly all?: true;
  readonly follow?: true;
}

const FIFTEEN_MINUTES_MS = 15 * 60_000;

/** Between two looks when following, in ms. */
const LOOK_MS = 2_000;

const logs = command(
  "logs",
  "Show the service's log lines, oldest first. They can hold customers' data: only people have the right to read them.",
  "npm run logs -- --stack production --since 2h --level ERROR",
)
  .addOption(
    new Option("--since <time>", "from then on: an age such as 90m, 2h, 7d, or a date")
      .argParser(time)
      .default(Date.now() - FIFTEEN_MINUTES_MS, "15m"),
  )
  .addOption(new Option("--until <time>", "only before then").argParser(time))
  .addOption(
    new Option("--level <level>", "least severe level").choices(LEVELS).default("TRACE", "all"),
  )
  .option("--id <id>", "only lines of one call, by its correlation id or request id")
  .option("--all", "Lambda's own lines and the metrics' too")
  .addOption(
    new Option("--follow", "go on with what comes, until Ctrl-C").conflicts(["json", "until"]),
  )
  .action(
    explaining(async ({ stack, json, follow, ...options }: Options) => {
      const { logGroupName, ...outputs } = await readStackOutputs(stack);
      await openStackAccount(outputs);
      const client = new CloudWatchLogsClient({ region: outputs.region });
      const span = {
        logGroupName,
        sinceMs: options.since,
        untilMs: options.until,
        text: options.id,
      };
      const found: LogLine[] = [];
      for await (const line of follow
        ? followLines(client, span, nextPoll)
        : readLines(client, span)) {
        if (!selected(line, options)) continue;
        if (json) found.push(line);
        else console.log(formatLine(line));
      }
      if (json) console.log(JSON.stringify(found, undefined, 2));
    }),
  );

/** Following ends with the process, on Ctrl-C. */
const nextPoll = async (): Promise<true> => {
  await sleep(LOOK_MS);
  return true;
};

await run(logs);
