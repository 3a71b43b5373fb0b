/** `npm run tune`: which memory size a service needs, from what Lambda reports of its calls. */
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { GetFunctionConfigurationCommand } from "@aws-sdk/client-lambda";
import { InvalidArgumentError, Option } from "commander";
import { PRICES } from "../infra/observability/prices.ts";
import { explaining } from "./support/aws.ts";
import { command, type CommonOptions, run } from "./support/command.ts";
import { interruptible } from "./support/interrupt.ts";
import { Refused } from "./support/refused.ts";
import { type FunctionOptions, withFunction } from "./support/function-outputs.ts";
import { openSession } from "./support/session.ts";
import { refuseEmptySpan, time, TIME_FORMS } from "./support/time-argument.ts";
import { readReports } from "./tune/read.ts";
import { type Goal, GOALS, missingCalls, sampleSize, tune } from "./tune/recommend.ts";
import { renderTuning, scanUsd } from "./tune/render.ts";
import { sizesOf } from "./tune/sizes.ts";

interface Options extends CommonOptions, FunctionOptions {
  readonly since?: number;
  readonly calls: number;
  readonly goal: Goal;
}

const SEVEN_DAYS_MS = 7 * 86_400_000;
const DEFAULT_CALLS = 20_000;

const tuneCommand = withFunction(
  command(
    "tune",
    `Say which memory size a service needs: duration, memory and price of a million calls at each size, from Lambda's reports in the log. It only reads. CloudWatch Logs Insights charges $${PRICES.logsScanned.usd} for each GB of the log that it scans.`,
    "npm run tune -- --stack production --since 14d --goal price",
  ),
)
  .addOption(
    new Option("--since <time>", `reports from then on: ${TIME_FORMS}`)
      .argParser(time)
      .default(undefined, "7d"),
  )
  .option(
    "--calls <count>",
    "most reports that are read, spread over the span",
    count,
    DEFAULT_CALLS,
  )
  .addOption(new Option("--goal <goal>", "what to look for").choices([...GOALS]).default(GOALS[0]))
  .action(explaining((options: Options) => interruptible((signal) => show(options, signal))));

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw new InvalidArgumentError("must be a whole number, 1 or more");
  }
  return value;
}

async function show(options: Options, signal: AbortSignal): Promise<void> {
  const { stack, json, calls, goal } = options;
  const now = Date.now();
  const since = options.since ?? now - SEVEN_DAYS_MS;
  refuseEmptySpan(tuneCommand, { since }, now);

  const { clients, outputs, terminal } = await openSession(stack, {
    deaf: true,
    function: options.function,
  });
  const { logGroupName, region, functionName, aliasName, durationAlarmMs } = outputs;
  const current = await clients.lambda.send(
    new GetFunctionConfigurationCommand({ FunctionName: functionName, Qualifier: aliasName }),
  );
  const client = new CloudWatchLogsClient({ region });
  const { reports, scannedBytes } = await readReports(client, {
    logGroupName,
    sinceMs: since,
    untilMs: now,
    most: calls,
    signal,
    progress: (read, parts) => {
      terminal.live(`reading reports: part ${read + 1} of ${parts}`, "reading reports");
    },
  });
  terminal.quiet();
  const span = `from ${new Date(since).toISOString()} on`;
  const sizes = sizesOf(reports);
  const missing = missingCalls(sizes);
  if (missing === undefined || missing > 0) {
    const seen = sampleSize(sizes);
    throw new Refused(
      `${seen === 0 ? "no" : `only ${seen}`} warm calls that succeeded are in ${logGroupName} ${span}${missing === undefined ? "" : `; ${missing} more at one size are needed to know the average within a tenth`}`,
      "take an earlier --since, or send calls like those of your users",
      { reason: "too few" },
    );
  }
  const tuning = tune(sizes, {
    currentMb: current.MemorySize ?? 128,
    architecture: current.Architectures?.[0] === "arm64" ? "arm64" : "x86_64",
    limitMs: durationAlarmMs,
    goal,
  });
  const sinceText = new Date(since).toISOString();
  console.log(
    json
      ? JSON.stringify(
          {
            stack,
            region,
            since: sinceText,
            goal,
            scannedBytes,
            scanUsd: scanUsd(scannedBytes),
            ...tuning,
          },
          undefined,
          2,
        )
      : renderTuning(tuning, { stack, span, region, scannedBytes }),
  );
}

await run(tuneCommand);
