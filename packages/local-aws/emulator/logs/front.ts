/**
 * CloudWatch Logs' own part of the account: takes metrics out of what is written, by the embedded metric format and by
 * metric filters, answers Insights queries and keeps saved ones, and shows Lambda's own lines as Lambda writes them.
 */
import { randomUUID } from "node:crypto";
import {
  type CloudWatchLogsClient,
  FilterLogEventsCommand,
  paginateDescribeLogGroups,
} from "@aws-sdk/client-cloudwatch-logs";
import { GetFunctionConfigurationCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { runQuery } from "../../insights/query.ts";
import { type EmfFault, readEmf } from "../cloudwatch/emf.ts";
import type { Metric } from "../cloudwatch/metrics.ts";
import { type Answer, AwsError, type Call, type Forward } from "../http.ts";
import { filterPattern, type Matches, selected } from "./filter-pattern.ts";
import { asJsonLines, type LogEvent } from "./platform-lines.ts";

export interface FrontLogsOptions {
  readonly logs: CloudWatchLogsClient;
  readonly lambda: LambdaClient;
  /** Sends a call on to the emulator. */
  readonly forward: Forward;
  /** The time of the local cloud, milliseconds since 1970. */
  readonly nowMs: () => number;
  /** Takes a value that was logged at `knownMs` and is stamped with `atMs`. */
  readonly record: (metric: Metric, value: number, atMs: number, knownMs: number) => void;
}

/** How long nothing is read while the front knows of nothing that could have been written. */
const IDLE_MS = 1_000;

/** Events an answer of FilterLogEvents (API reference). */
const MOST_EVENTS = 10_000;

/** How much later than others of its time a stream may appear: an invocation's lines are stamped before they are there. */
const LATE_MS = 2_000;

/** What CloudWatch Logs counts for each event beside its message (API reference, PutLogEvents). */
const EVENT_BYTES = 26;

/** Lambda's streams, of which the emulator makes one for each invocation. */
const LAMBDA_STREAM = /\[[^\]]+\][0-9a-f]{32}$/;

interface MetricFilter {
  readonly matches: Matches;
  readonly transformations: readonly {
    readonly metricNamespace: string;
    readonly metricName: string;
    readonly metricValue: string;
    readonly dimensions?: Readonly<Record<string, string>>;
  }[];
}

/** How far a group has been read. */
interface Progress {
  sinceMs: number;
  storedBytes: number;
  readonly seen: Map<string, number>;
}

export class FrontLogs {
  readonly #options: FrontLogsOptions;
  readonly #begunMs = Date.now();
  readonly #progress = new Map<string, Progress>();
  /** By group, then by the filter's name. */
  readonly #filters = new Map<string, Map<string, MetricFilter>>();
  readonly #queries = new Map<string, Readonly<Record<string, string>>>();
  readonly #results = new Map<string, readonly object[]>();
  readonly #jsonGroups = new Map<string, boolean>();
  #dirty = true;
  #readMs = 0;
  #reading: Promise<void> = Promise.resolve();

  constructor(options: FrontLogsOptions) {
    this.#options = options;
  }

  /** Something may have been written. */
  touch(): void {
    this.#dirty = true;
  }

  /** Takes the metrics out of what was written since. Never throws: the emulator may be on its way out. */
  collect(): Promise<void> {
    // One after the other: what is being read may not be read twice.
    this.#reading = this.#collectAfter(this.#reading);
    return this.#reading;
  }

  async #collectAfter(before: Promise<void>): Promise<void> {
    await before;
    if (!this.#dirty && Date.now() - this.#readMs < IDLE_MS) return;
    this.#dirty = false;
    this.#readMs = Date.now();
    await this.#read().catch(() => undefined);
  }

  async answer(call: Call): Promise<Answer | undefined> {
    if (call.service !== "logs") return undefined;
    switch (call.operation) {
      case "PutLogEvents":
        return this.#putEvents(call);
      case "FilterLogEvents":
      case "GetLogEvents":
        return this.#events(call);
      case "PutMetricFilter":
        return this.#putFilter(call);
      case "DeleteMetricFilter":
        return this.#deleteFilter(call);
      case "PutQueryDefinition":
        return this.#putQuery(call);
      case "DescribeQueryDefinitions":
        return this.#describeQueries(call);
      case "DeleteQueryDefinition":
        return { status: 200, body: { success: this.#queries.delete(idOf(call)) } };
      case "StartQuery":
        return this.#startQuery(call);
      case "GetQueryResults":
        return this.#queryResults(call);
      default:
        return undefined;
    }
  }

  async #read(): Promise<void> {
    const { logs } = this.#options;
    for await (const { logGroups = [] } of paginateDescribeLogGroups({ client: logs }, {})) {
      for (const { logGroupName = "", storedBytes = 0 } of logGroups) {
        const progress = this.#progress.get(logGroupName) ?? {
          sinceMs: this.#begunMs,
          storedBytes: 0,
          seen: new Map<string, number>(),
        };
        this.#progress.set(logGroupName, progress);
        if (progress.storedBytes === storedBytes) continue;
        progress.storedBytes = storedBytes;
        await this.#readGroup(logGroupName, progress);
      }
    }
  }

  async #readGroup(logGroupName: string, progress: Progress): Promise<void> {
    for (;;) {
      const command = new FilterLogEventsCommand({ logGroupName, startTime: progress.sinceMs });
      const { events = [] } = await this.#options.logs.send(command);
      const last = events.at(-1);
      const isFull = events.length >= MOST_EVENTS;
      // The last stream of a full answer may go on.
      const whole = isFull
        ? events.filter(({ logStreamName }) => logStreamName !== last?.logStreamName)
        : events;
      const fresh = whole.filter(
        ({ logStreamName: stream = "" }) =>
          LAMBDA_STREAM.test(stream) && !progress.seen.has(stream),
      );
      for (const { logStreamName = "", timestamp = 0 } of fresh) {
        progress.seen.set(logStreamName, timestamp);
      }
      await this.#ingest(logGroupName, fresh as LogEvent[]);
      if (!isFull || whole.length === 0) {
        progress.sinceMs = Math.max(progress.sinceMs, (last?.timestamp ?? 0) - LATE_MS);
        break;
      }
      progress.sinceMs = whole.at(-1)?.timestamp ?? progress.sinceMs;
    }
    for (const [stream, atMs] of progress.seen) {
      if (atMs < progress.sinceMs) progress.seen.delete(stream);
    }
  }

  /** Takes the metrics out of events. Handlers' clocks are this machine's; the account's may be another. */
  async #ingest(group: string, events: readonly LogEvent[]): Promise<void> {
    if (events.length === 0) return;
    const shiftMs = this.#options.nowMs() - Date.now();
    const { record } = this.#options;
    const logMetric = (metricName: string): Metric => ({
      namespace: "AWS/Logs",
      metricName,
      dimensions: { LogGroupName: group },
    });
    const counted = (fault: EmfFault | "IncomingLogEvents" | "IncomingBytes") => logMetric(fault);
    for (const { message, timestamp, ingestionTime = timestamp } of await this.#asWritten(
      group,
      events,
    )) {
      const ingestedMs = ingestionTime + shiftMs;
      const atMs = timestamp + shiftMs;
      record(counted("IncomingLogEvents"), 1, ingestedMs, ingestedMs);
      const bytes = Buffer.byteLength(message) + EVENT_BYTES;
      record(counted("IncomingBytes"), bytes, ingestedMs, ingestedMs);
      const { values, fault } = readEmf(message, ingestionTime);
      if (fault !== undefined) record(counted(fault), 1, ingestedMs, ingestedMs);
      for (const value of values) record(value, value.value, value.atMs + shiftMs, ingestedMs);
      for (const { matches, transformations } of this.#filters.get(group)?.values() ?? []) {
        if (!matches(message)) continue;
        for (const transformation of transformations) {
          const found = filtered(message, transformation);
          if (found) record(found.metric, found.value, atMs, ingestedMs);
        }
      }
    }
  }

  async #asWritten(group: string, events: readonly LogEvent[]): Promise<readonly LogEvent[]> {
    return (await this.#writesJson(group)) ? asJsonLines(events) : events;
  }

  /** Whether the function of a group asks for its lines in JSON. */
  async #writesJson(group: string): Promise<boolean> {
    const known = this.#jsonGroups.get(group);
    if (known !== undefined) return known;
    const [, functionName] = /^\/aws\/lambda\/(.+)$/.exec(group) ?? [];
    if (functionName === undefined) return false;
    const command = new GetFunctionConfigurationCommand({ FunctionName: functionName });
    const configuration = await this.#options.lambda.send(command).catch(() => undefined);
    if (!configuration) return false;
    const isJson = configuration.LoggingConfig?.LogFormat === "JSON";
    this.#jsonGroups.set(group, isJson);
    return isJson;
  }

  async #putEvents(call: Call): Promise<Answer> {
    const answer = await this.#options.forward(call);
    const { logGroupName = "", logEvents = [] } = call.json() as {
      readonly logGroupName?: string;
      readonly logEvents?: readonly LogEvent[];
    };
    if (answer.status === 200) {
      const ingestionTime = Date.now();
      await this.#ingest(
        logGroupName,
        logEvents.map((event) => ({ ...event, ingestionTime })),
      );
    }
    return answer;
  }

  async #events(call: Call): Promise<Answer> {
    const answer = await this.#options.forward(call);
    if (answer.status !== 200) return answer;
    const { logGroupIdentifier = "", logGroupName = groupOf(logGroupIdentifier) } =
      call.json() as Readonly<Record<string, string>>;
    const body = JSON.parse(Buffer.from(answer.body as Uint8Array).toString()) as {
      readonly events?: readonly LogEvent[];
    };
    return {
      status: 200,
      body: { ...body, events: await this.#asWritten(logGroupName, body.events ?? []) },
    };
  }

  async #putFilter(call: Call): Promise<Answer> {
    const {
      logGroupName,
      filterName,
      filterPattern: pattern,
      metricTransformations,
    } = call.json() as {
      readonly logGroupName: string;
      readonly filterName: string;
      readonly filterPattern: string;
      readonly metricTransformations: MetricFilter["transformations"];
    };
    let matches: Matches;
    try {
      matches = filterPattern(pattern);
    } catch (error) {
      throw invalid(error);
    }
    const answer = await this.#options.forward(call);
    if (answer.status !== 200) return answer;
    const filters = this.#filters.get(logGroupName) ?? new Map<string, MetricFilter>();
    filters.set(filterName, { matches, transformations: metricTransformations });
    this.#filters.set(logGroupName, filters);
    return answer;
  }

  async #deleteFilter(call: Call): Promise<Answer> {
    const { logGroupName, filterName } = call.json();
    this.#filters.get(String(logGroupName))?.delete(String(filterName));
    return this.#options.forward(call);
  }

  /** The emulator knows no saved queries. */
  #putQuery(call: Call): Answer {
    const given = call.json() as Readonly<Record<string, string>>;
    const { queryDefinitionId = randomUUID() } = given;
    const kept = { queryLanguage: "CWLI", ...given, queryDefinitionId };
    this.#queries.set(queryDefinitionId, kept);
    return { status: 200, body: { queryDefinitionId } };
  }

  #describeQueries(call: Call): Answer {
    const { queryDefinitionNamePrefix: prefix = "" } = call.json() as Readonly<
      Record<string, string>
    >;
    const found = [...this.#queries.values()].filter(({ name = "" }) => name.startsWith(prefix));
    return { status: 200, body: { queryDefinitions: found } };
  }

  async #startQuery(call: Call): Promise<Answer> {
    const { queryString, startTime, endTime, limit, ...groups } = call.json() as {
      readonly queryString: string;
      /** Seconds since 1970. */
      readonly startTime: number;
      readonly endTime: number;
      readonly limit?: number;
      readonly logGroupName?: string;
      readonly logGroupNames?: readonly string[];
      readonly logGroupIdentifiers?: readonly string[];
    };
    const named = [
      groups.logGroupName ?? [],
      groups.logGroupNames ?? [],
      (groups.logGroupIdentifiers ?? []).map(groupOf),
    ].flat();
    const events: LogEvent[] = [];
    for (const logGroupName of named) {
      const found = await this.#options.logs
        .send(
          new FilterLogEventsCommand({
            logGroupName,
            startTime: startTime * 1000,
            endTime: endTime * 1000,
          }),
        )
        .catch((error: Error) => {
          throw new AwsError(400, error.name, error.message);
        });
      events.push(...(await this.#asWritten(logGroupName, (found.events ?? []) as LogEvent[])));
    }
    const queryId = randomUUID();
    try {
      this.#results.set(queryId, runQuery(queryString, events).slice(0, limit).map(resultRow));
    } catch (error) {
      throw new AwsError(
        400,
        "MalformedQueryException",
        error instanceof Error ? error.message : String(error),
      );
    }
    return { status: 200, body: { queryId } };
  }

  #queryResults(call: Call): Answer {
    const results = this.#results.get(String(call.json()["queryId"]));
    if (results === undefined) {
      throw new AwsError(400, "ResourceNotFoundException", "The specified query does not exist");
    }
    return { status: 200, body: { results, status: "Complete", statistics: {} } };
  }
}

/** Each value as text, as Insights answers it. */
const resultRow = (row: Readonly<Record<string, unknown>>): object[] =>
  Object.entries(row).map(([field, value]) => ({
    field,
    value: field === "@timestamp" ? insightsTime(Number(value)) : String(value),
  }));

/** `2026-11-25 18:40:00.123`. */
const insightsTime = (ms: number): string =>
  new Date(ms).toISOString().replace("T", " ").replace("Z", "");

/** The group that an ARN or a name means. */
const groupOf = (identifier: string): string =>
  /:log-group:([^:]+)/.exec(identifier)?.[1] ?? identifier;

const idOf = (call: Call): string => String(call.json()["queryDefinitionId"]);

const invalid = (error: unknown): AwsError =>
  new AwsError(
    400,
    "InvalidParameterException",
    error instanceof Error ? error.message : String(error),
  );

/** The value that a filter takes out of a line: a number, or one that stands in the line. */
function filtered(
  message: string,
  {
    metricNamespace,
    metricName,
    metricValue,
    dimensions = {},
  }: MetricFilter["transformations"][number],
): { readonly metric: Metric; readonly value: number } | undefined {
  const found = metricValue.startsWith("$") ? selected(message, metricValue) : metricValue;
  // A line without the value is no data point.
  const value =
    typeof found === "string" && found === "" ? Number.NaN : Number(found ?? Number.NaN);
  if (!Number.isFinite(value)) return undefined;
  const own = Object.entries(dimensions).map(([name, selector]) => [
    name,
    String(selected(message, selector)),
  ]);
  return {
    metric: {
      namespace: metricNamespace,
      metricName,
      dimensions: Object.fromEntries(own) as Record<string, string>,
    },
    value,
  };
}
