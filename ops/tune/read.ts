/** Reads Lambda's reports out of a log group by CloudWatch Logs Insights. Each GB that it scans is paid for. */
import { setTimeout as sleep } from "node:timers/promises";
import {
  type CloudWatchLogsClient,
  GetQueryResultsCommand,
  StartQueryCommand,
  StopQueryCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { Refused } from "../support/refused.ts";
import { parseReport, type Report } from "./report.ts";

export interface ReadOptions {
  readonly logGroupName: string;
  /** Milliseconds since 1970. */
  readonly sinceMs: number;
  readonly untilMs: number;
  /** Most reports that are read, spread over the span. */
  readonly most: number;
  readonly signal: AbortSignal;
  /** Hears how many of how many parts are read. */
  readonly progress: (read: number, parts: number) => void;
  /** Between two looks at a query, in ms. */
  readonly pollMs?: number;
}

export interface Reports {
  readonly reports: readonly Report[];
  readonly scannedBytes: number;
}

/** Parts that a span is read in: Insights answers with the newest lines of each, and a day is not like its night. */
const PARTS = 28;

/** Insights answers with so many lines at most. */
const MOST_OF_A_PART = 10_000;

const POLL_MS = 1000;

/** A query that takes longer is stopped; Insights itself ends one after an hour. */
const QUERY_LIMIT_MS = 120_000;

/** Reports of the JSON and of the text log format. */
export const queryOf = (limit: number): string =>
  `fields @message | filter type = "platform.report" or @message like /^REPORT RequestId/ | limit ${limit}`;

/** Reads the reports of a span. Throws `Refused` when there is no such log group, or a query fails. */
export async function readReports(
  client: CloudWatchLogsClient,
  options: ReadOptions,
): Promise<Reports> {
  const { sinceMs, untilMs, most, progress } = options;
  const limit = Math.min(MOST_OF_A_PART, Math.max(1, Math.ceil(most / PARTS)));
  const length = (untilMs - sinceMs) / PARTS;
  // Both ends belong to a query, in whole seconds: a line between two parts is found twice. It names its request.
  const found = new Set<string>();
  let scannedBytes = 0;
  for (let part = 0; part < PARTS; part += 1) {
    progress(part, PARTS);
    const from = sinceMs + part * length;
    const startTime = Math.floor(from / 1000);
    const endTime = Math.ceil((from + length) / 1000);
    const { lines, bytes } = await runQuery(client, options, { startTime, endTime, limit });
    scannedBytes += bytes;
    for (const line of lines) found.add(line);
  }
  return { reports: [...found].flatMap((line) => parseReport(line) ?? []), scannedBytes };
}

async function runQuery(
  client: CloudWatchLogsClient,
  { logGroupName, signal, pollMs = POLL_MS }: ReadOptions,
  span: { readonly startTime: number; readonly endTime: number; readonly limit: number },
): Promise<{ readonly lines: readonly string[]; readonly bytes: number }> {
  const { queryId = "" } = await client
    .send(new StartQueryCommand({ logGroupName, queryString: queryOf(span.limit), ...span }))
    .catch((error: unknown) => {
      if (!(error instanceof Error) || error.name !== "ResourceNotFoundException") throw error;
      throw new Refused(
        `there is no log group ${logGroupName}`,
        "deploy the stack first: its log group comes with the function",
        { cause: error },
      );
    });
  const stop = () => client.send(new StopQueryCommand({ queryId })).catch(() => {});
  for (let waitedMs = 0; ; waitedMs += pollMs) {
    const {
      status,
      results = [],
      statistics,
    } = await client.send(new GetQueryResultsCommand({ queryId }));
    if (status === "Complete") {
      const lines = results.flatMap((row) =>
        row.flatMap(({ field, value }) => (field === "@message" && value ? [value] : [])),
      );
      return { lines, bytes: statistics?.bytesScanned ?? 0 };
    }
    if (status !== "Scheduled" && status !== "Running") {
      throw new Refused(
        `CloudWatch Logs Insights ended a query as ${status ?? "unknown"}`,
        "run the command again, with a later --since",
      );
    }
    if (waitedMs >= QUERY_LIMIT_MS) {
      await stop();
      throw new Refused(
        `CloudWatch Logs Insights took more than ${QUERY_LIMIT_MS / 1000} s for a part of the span`,
        "take a later --since",
      );
    }
    try {
      await sleep(pollMs, undefined, { signal });
    } catch (error) {
      await stop();
      throw error;
    }
  }
}
