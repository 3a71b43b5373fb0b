/** An account, or the local cloud, as a source. It only reads. */
import {
  DescribeAlarmsCommand,
  ListMetricsCommand,
  type ListMetricsCommandOutput,
  paginateGetMetricData,
} from "@aws-sdk/client-cloudwatch";
import {
  type CloudWatchLogsClient,
  FilterLogEventsCommand,
  GetQueryResultsCommand,
  StartQueryCommand,
  type FilterLogEventsCommandOutput,
} from "@aws-sdk/client-cloudwatch-logs";
import { setTimeout as sleep } from "node:timers/promises";
import { type LogEvent, runQuery } from "local-aws/insights/query.ts";
import type { StackOutputs } from "../../infra/outputs.ts";
import { readRecentDeployments } from "../../ops/release/deployments.ts";
import type { PastDeployment } from "../../ops/release/history.ts";
import type { AwsClients } from "../../ops/support/aws.ts";
import { MINUTE_MS } from "../../ops/support/pace.ts";
import type { AlarmStatus, Moment, Point, Row, Source, Span } from "./data.ts";
import { expressionProblem } from "./sample/source.ts";
import type { ListedMetric } from "./search.ts";

export interface AwsSourceOptions {
  readonly clients: Pick<AwsClients, "cloudWatch" | "codeDeploy">;
  readonly logs: CloudWatchLogsClient;
  readonly outputs: Pick<StackOutputs, "codeDeployApplicationName" | "deploymentGroupName">;
  /** Shorter than 60,000 ms in the local cloud, which has no Insights and computes a part of metric math. */
  readonly minuteMs: number;
  readonly signal: AbortSignal;
}

/** Names that DescribeAlarms takes at once (API reference). */
const ALARMS_AT_ONCE = 100;
/** Lines of a group that are read where there is no Insights. */
const MOST_LINES = 10_000;
/** Tries to read the result of a query, one a second. */
const QUERY_TRIES = 20;

export function awsSource({ clients, logs, outputs, minuteMs, signal }: AwsSourceOptions): Source {
  const { cloudWatch, codeDeploy } = clients;
  const abort = { abortSignal: signal };
  const isLocal = minuteMs !== MINUTE_MS;

  const list = async (namespace: string, metricName: string): Promise<ListedMetric[]> => {
    const found: ListedMetric[] = [];
    let NextToken: string | undefined;
    do {
      const page: ListMetricsCommandOutput = await cloudWatch.send(
        new ListMetricsCommand({ Namespace: namespace, MetricName: metricName, NextToken }),
        abort,
      );
      for (const { Dimensions = [] } of page.Metrics ?? []) {
        const dimensions = Object.fromEntries(
          Dimensions.map(({ Name = "", Value = "" }) => [Name, Value]),
        );
        found.push({ namespace, metricName, dimensions });
      }
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return found;
  };

  const read: Source["read"] = async (queries, { fromMs, toMs }) => {
    const points = new Map<string, Point[]>();
    const pages = paginateGetMetricData(
      { client: cloudWatch },
      {
        MetricDataQueries: [...queries],
        StartTime: new Date(fromMs),
        EndTime: new Date(toMs),
        ScanBy: "TimestampAscending",
      },
      abort,
    );
    for await (const { MetricDataResults = [] } of pages) {
      for (const { Id = "", Timestamps = [], Values = [] } of MetricDataResults) {
        const own = points.get(Id) ?? [];
        Timestamps.forEach((time, index) => own.push([time.getTime(), Values[index] ?? 0]));
        points.set(Id, own);
      }
    }
    return points;
  };

  const alarms = async (names: readonly string[]): Promise<AlarmStatus[]> => {
    const found = new Map<string, AlarmStatus>();
    for (let index = 0; index < names.length; index += ALARMS_AT_ONCE) {
      const { MetricAlarms = [], CompositeAlarms = [] } = await cloudWatch.send(
        new DescribeAlarmsCommand({
          AlarmNames: names.slice(index, index + ALARMS_AT_ONCE),
          AlarmTypes: ["MetricAlarm", "CompositeAlarm"],
          MaxRecords: ALARMS_AT_ONCE,
        }),
        abort,
      );
      for (const alarm of [...MetricAlarms, ...CompositeAlarms]) {
        const { AlarmName: name = "", StateValue: state = "INSUFFICIENT_DATA" } = alarm;
        const since = alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp;
        found.set(name, { name, state, sinceMs: since?.getTime() });
      }
    }
    return names.map((name) => found.get(name) ?? { name, state: "missing" });
  };

  const linesOf = async (logGroupName: string, { fromMs, toMs }: Span): Promise<LogEvent[]> => {
    const lines: LogEvent[] = [];
    let nextToken: string | undefined;
    do {
      const page: FilterLogEventsCommandOutput = await logs.send(
        new FilterLogEventsCommand({ logGroupName, startTime: fromMs, endTime: toMs, nextToken }),
        abort,
      );
      for (const { timestamp = 0, message = "" } of page.events ?? []) {
        lines.push({ timestamp, message });
      }
      nextToken = page.nextToken;
    } while (nextToken !== undefined && lines.length < MOST_LINES);
    return lines;
  };

  const askInsights = async (
    logGroupName: string,
    query: string,
    { fromMs, toMs }: Span,
  ): Promise<Row[]> => {
    const { queryId } = await logs.send(
      new StartQueryCommand({
        logGroupName,
        queryString: query,
        startTime: Math.floor(fromMs / 1000),
        endTime: Math.ceil(toMs / 1000),
      }),
      abort,
    );
    for (let tries = 0; tries < QUERY_TRIES; tries++) {
      const { status, results = [] } = await logs.send(
        new GetQueryResultsCommand({ queryId }),
        abort,
      );
      if (status === "Complete") {
        return results.map((row) =>
          Object.fromEntries(row.map(({ field = "", value = "" }) => [field, cell(field, value)])),
        );
      }
      if (status !== "Running" && status !== "Scheduled") throw new Error(`the query ${status}`);
      await sleep(1000, undefined, { signal });
    }
    throw new Error(`the query did not end within ${QUERY_TRIES} s`);
  };

  return {
    minuteMs,
    list,
    read,
    alarms,
    rows: async ({ logGroupName, query }, span) =>
      isLocal
        ? runQuery(query, await linesOf(logGroupName, span))
        : askInsights(logGroupName, query, span),
    releases: async ({ fromMs, toMs }) =>
      releaseMoments(await readRecentDeployments(codeDeploy, outputs, fromMs)).filter(
        ({ atMs }) => atMs >= fromMs && atMs <= toMs,
      ),
    // CloudWatch knows all of metric math, and refuses what it does not.
    problemOf: isLocal ? expressionProblem : () => undefined,
  };
}

/** Insights writes a time as `2026-03-12 13:14:00.000`, in UTC. */
const cell = (field: string, value: string): string | number =>
  field === "@timestamp" ? Date.parse(`${value.replace(" ", "T")}Z`) : value;

/** When deployments began, and when those that did not succeed went back. */
export const releaseMoments = (
  deployments: readonly Pick<
    PastDeployment,
    "createdMs" | "completedMs" | "status" | "rollsBack" | "from" | "to"
  >[],
): Moment[] =>
  deployments
    // The way back of another deployment is that one's end.
    .filter(({ rollsBack }) => !rollsBack)
    .flatMap(({ createdMs, completedMs, status, from, to }) => [
      { atMs: createdMs, label: `release of version ${to}` },
      ...((status === "Failed" || status === "Stopped") && completedMs !== undefined
        ? [{ atMs: completedMs, label: `back to version ${from}` }]
        : []),
    ])
    .toSorted((a, b) => a.atMs - b.atMs);
