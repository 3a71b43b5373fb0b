/** Reads a log group in the order of time; nothing of what is shown is decided here. */
import {
  type CloudWatchLogsClient,
  paginateFilterLogEvents,
} from "@aws-sdk/client-cloudwatch-logs";
import { type LogLine, parseLine } from "./lines.ts";

export interface Span {
  readonly logGroupName: string;
  /** Milliseconds since 1970; `untilMs` is left out for now. */
  readonly sinceMs: number;
  readonly untilMs?: number | undefined;
  /** Only lines that hold this text; CloudWatch looks for it, so that less is sent. */
  readonly text?: string | undefined;
}

/** Every line of the span. */
export async function* readLines(
  client: CloudWatchLogsClient,
  span: Span,
): AsyncGenerator<LogLine> {
  for await (const { line } of readEvents(client, span)) yield line;
}

async function* readEvents(client: CloudWatchLogsClient, span: Span) {
  const pages = paginateFilterLogEvents(
    { client },
    {
      logGroupName: span.logGroupName,
      startTime: span.sinceMs,
      ...(span.untilMs !== undefined && { endTime: span.untilMs }),
      // In quotes: a text of its own, whatever signs are in it.
      ...(span.text !== undefined && { filterPattern: JSON.stringify(span.text) }),
    },
  );
  for await (const { events = [] } of pages) {
    for (const { eventId = "", timestamp = span.sinceMs, message = "" } of events) {
      yield { eventId, line: parseLine(message, timestamp) };
    }
  }
}

/** Lines reach CloudWatch late and out of order, so each look goes back this far, in ms. */
const LATE_MS = 10_000;

/** Every line from `sinceMs` on and then what comes, each once, until `wait` says that it is over. */
export async function* followLines(
  client: CloudWatchLogsClient,
  span: Span,
  wait: () => Promise<boolean>,
): AsyncGenerator<LogLine> {
  const seen = new Map<string, number>();
  let { sinceMs } = span;
  let newestMs = sinceMs;
  do {
    for await (const { eventId, line } of readEvents(client, { ...span, sinceMs })) {
      if (seen.has(eventId)) continue;
      seen.set(eventId, line.timeMs);
      newestMs = Math.max(newestMs, line.timeMs);
      yield line;
    }
    sinceMs = Math.max(span.sinceMs, newestMs - LATE_MS);
    for (const [eventId, timeMs] of seen) if (timeMs < sinceMs) seen.delete(eventId);
  } while (await wait());
}
