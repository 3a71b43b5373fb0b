/** What a live page says above the picture: who serves, what is red, what waits, and the last lines of the log. */
import { DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { setTimeout as sleep } from "node:timers/promises";
import type { StackOutputs } from "../../../infra/outputs.ts";
import { type LogLine, requestId, selected } from "../../../ops/logs/lines.ts";
import { canaryAlarmPrefix } from "../../../ops/release/canary-alarms.ts";
import { followLines } from "../../../ops/logs/read.ts";
import { readAlias } from "../../../ops/support/alias.ts";
import type { AwsClients } from "../../../ops/support/aws.ts";

/** What is true now, or why it is not known. */
export interface Status {
  readonly atMs: number;
  /** The versions that the alias sends calls to, with their shares in percent. */
  readonly serving: readonly { readonly version: string; readonly percent: number }[];
  /** Names of the red alarms of this service that tell somebody, and of those that judge a canary. */
  readonly red: readonly string[];
  /** Messages in the dead-letter queue. */
  readonly deadLetters: number | undefined;
  readonly problem?: string;
}

/** A line of the log as the page shows it. */
export interface ShownLine {
  readonly timeMs: number;
  readonly level: string;
  readonly message: string;
  /** Correlation id or request id. */
  readonly id: string;
}

export type StatusClients = Pick<AwsClients, "cloudWatch" | "lambda" | "sqs">;

/** Reads it; what goes wrong is said in it. */
export async function readStatus(clients: StatusClients, outputs: StackOutputs): Promise<Status> {
  const { cloudWatch, sqs } = clients;
  const atMs = Date.now();
  try {
    const [alias, red, queue] = await Promise.all([
      readAlias(clients, outputs),
      redAlarms(cloudWatch, outputs),
      sqs.send(
        new GetQueueAttributesCommand({
          QueueUrl: outputs.deadLetterQueueUrl,
          AttributeNames: ["ApproximateNumberOfMessages"],
        }),
      ),
    ]);
    return {
      atMs,
      serving: shares(alias),
      red,
      deadLetters: Number(queue.Attributes?.["ApproximateNumberOfMessages"] ?? 0),
    };
  } catch (error) {
    return { atMs, serving: [], red: [], deadLetters: undefined, problem: firstLine(error) };
  }
}

export const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message || error.name : String(error)).split("\n", 1)[0] ?? "";

/** An alias's versions with their shares; its weights are those of the others. */
export function shares({
  version,
  weights,
}: {
  readonly version: string;
  readonly weights: Readonly<Record<string, number>>;
}): Status["serving"] {
  const others = Object.entries(weights).map(([other, weight]) => ({
    version: other,
    percent: Math.round(weight * 1000) / 10,
  }));
  const rest = others.reduce((sum, { percent }) => sum + percent, 0);
  return [{ version, percent: Math.round((100 - rest) * 10) / 10 }, ...others];
}

/** By prefix and not by the stack's own list: the alarms of a canary come with its release. */
async function redAlarms(
  cloudWatch: StatusClients["cloudWatch"],
  { serviceName, environment }: StackOutputs,
): Promise<string[]> {
  const { MetricAlarms = [], CompositeAlarms = [] } = await cloudWatch.send(
    new DescribeAlarmsCommand({
      AlarmNamePrefix: `${serviceName}-`,
      AlarmTypes: ["MetricAlarm", "CompositeAlarm"],
      StateValue: "ALARM",
    }),
  );
  const judges = canaryAlarmPrefix({ serviceName, environment });
  return (
    [...MetricAlarms, ...CompositeAlarms]
      .filter(({ AlarmName = "" }) => AlarmName.endsWith(`-${environment}`))
      // The others are parts of these, or keep them silent while a release is under way.
      .filter(
        ({ AlarmName = "", AlarmActions = [] }) =>
          AlarmActions.length > 0 || AlarmName.startsWith(judges),
      )
      .map(({ AlarmName = "" }) => AlarmName)
      .sort()
  );
}

/** Lines that are kept. */
const MOST_LINES = 40;
/** How far back the first ones are, in minutes. */
const LINES_SINCE_MS = 15 * 60_000;

/** Follows the log until the signal ends it, and reports the last lines whenever one has come. */
export async function followLog(
  client: CloudWatchLogsClient,
  { logGroupName }: Pick<StackOutputs, "logGroupName">,
  options: {
    readonly everyMs: number;
    readonly signal: AbortSignal;
    readonly report: (lines: readonly ShownLine[]) => void;
    /** Ends when somebody listens. */
    readonly listened: () => Promise<void>;
  },
): Promise<void> {
  const { everyMs, signal, report, listened } = options;
  let last: ShownLine[] = [];
  let sinceMs = Date.now() - LINES_SINCE_MS;
  const wait = async (): Promise<boolean> => {
    report(last);
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
    await listened();
    return !signal.aborted;
  };
  do {
    await listened();
    try {
      for await (const line of followLines(client, { logGroupName, sinceMs }, wait)) {
        if (signal.aborted) return;
        sinceMs = Math.max(sinceMs, line.timeMs + 1);
        if (selected(line, { level: "TRACE" }) && !isFrame(line))
          last = [...last, shownLine(line)].slice(-MOST_LINES);
      }
    } catch (error) {
      if (signal.aborted) return;
      const problem = { timeMs: Date.now(), level: "WARN", id: "" };
      report([...last, { ...problem, message: `the log cannot be read: ${firstLine(error)}` }]);
    }
  } while (await wait());
}

/** A piece of a stack that was written line by line: newest first, it would say nothing. */
export const isFrame = ({ message }: LogLine): boolean => /^\s+at /.test(message);

/** Longest message that is sent to a page. */
const MOST_CHARACTERS = 500;

export function shownLine(line: LogLine): ShownLine {
  const { timeMs, level, message, fields } = line;
  const id = fields["correlation_id"] ?? requestId(line) ?? "";
  const error = fields["error"] as
    | { readonly name?: unknown; readonly message?: unknown }
    | undefined;
  const cause = [error?.name, error?.message].filter((part) => typeof part === "string").join(": ");
  const [first = ""] = message.split("\n");
  return {
    timeMs,
    level,
    message: (cause === "" ? first : `${first}: ${cause}`).slice(0, MOST_CHARACTERS),
    id: typeof id === "string" ? id : "",
  };
}
