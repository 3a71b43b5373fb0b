/** Reads a log group in the order of time; nothing of what is shown is decided here. */
import {
  type CloudWatchLogsClient,
  type FilteredLogEvent,
  paginateFilterLogEvents,
} from "@aws-sdk/client-cloudwatch-logs";
import { Refused } from "../support/refused.ts";
import { type LogLine, mentions, parseLine, requestId } from "./lines.ts";

export interface Span {
  readonly logGroupName: string;
  /** Milliseconds since 1970; `untilMs` is left out for now. */
  readonly sinceMs: number;
  readonly untilMs?: number | undefined;
  /** Only lines that hold this text; CloudWatch looks for it, so that less is sent. */
  readonly text?: string | undefined;
}

/** Every line of the span. Throws `Refused` when there is no such log group. */
export async function* readLines(
  client: CloudWatchLogsClient,
  span: Span,
): AsyncGenerator<LogLine> {
  for await (const { line } of readEvents(client, span)) yield line;
}

/** Most requests of one correlation id that are looked for: retries, or the calls of a batch. */
const MOST_REQUESTS = 20;

/**
 * Every line of one call, by its correlation id or request id. Lambda's own lines, such as that of a time-out,
 * know the request id alone, so that those of the requests that are found are read too.
 */
export async function readCall(
  client: CloudWatchLogsClient,
  span: Span,
  id: string,
): Promise<LogLine[]> {
  const found = new Map<string, LogLine>();
  const read = async (text: string): Promise<void> => {
    for await (const { key, line } of readEvents(client, { ...span, text })) {
      if (mentions(line, text)) found.set(key, line);
    }
  };
  await read(id);
  const requests = new Set([...found.values()].flatMap((line) => requestId(line) ?? []));
  requests.delete(id);
  for (const request of [...requests].slice(0, MOST_REQUESTS)) await read(request);
  return [...found.values()].sort((one, other) => one.timeMs - other.timeMs);
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
  const keyOf = keys();
  try {
    for await (const { events = [] } of pages) {
      for (const event of events) {
        const { timestamp = span.sinceMs, message = "" } = event;
        yield { key: keyOf(event), line: parseLine(message, timestamp) };
      }
    }
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "ResourceNotFoundException") throw error;
    throw new Refused(
      `there is no log group ${span.logGroupName}`,
      "deploy the stack first: its log group comes with the function",
      { cause: error },
    );
  }
}

/**
 * What an event is known by when it is read again. Not every CloudWatch gives events an id: without one it is
 * where and when it was written, what it says, and which of those that are the same so far.
 */
function keys(): (event: FilteredLogEvent) => string {
  const seen = new Map<string, number>();
  return ({ eventId, logStreamName, timestamp, message }) => {
    if (eventId) return eventId;
    const alike = JSON.stringify([logStreamName, timestamp, message]);
    const before = seen.get(alike) ?? 0;
    seen.set(alike, before + 1);
    return `${alike} ${before}`;
  };
}

/** Lines reach CloudWatch late and out of order, so each poll goes back this far, in ms. */
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
    for await (const { key, line } of readEvents(client, { ...span, sinceMs })) {
      if (seen.has(key)) continue;
      seen.set(key, line.timeMs);
      newestMs = Math.max(newestMs, line.timeMs);
      yield line;
    }
    sinceMs = Math.max(span.sinceMs, newestMs - LATE_MS);
    for (const [key, timeMs] of seen) if (timeMs < sinceMs) seen.delete(key);
  } while (await wait());
}
