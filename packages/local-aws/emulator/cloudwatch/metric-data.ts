/** What GetMetricData answers: one result a query, or one a metric that a search finds. Pure. */
import type { MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import { mathValue, metricValue } from "./alarms.ts";
import type { Metric, Metrics, Span } from "./metrics.ts";

export interface MetricDataRequest {
  readonly MetricDataQueries: readonly MetricDataQuery[];
  /** Seconds since 1970. */
  readonly StartTime: number;
  readonly EndTime: number;
  readonly ScanBy?: string;
  readonly NextToken?: string;
}

interface Time {
  readonly nowMs: number;
  readonly minuteMs: number;
}

interface Result {
  readonly Id: string | undefined;
  readonly Label: string | undefined;
  readonly points: readonly { readonly atMs: number; readonly value: number }[];
}

/**
 * Data points an answer. AWS's own limit is 100,800 (API reference, MaxDatapoints); here callers meet a second page
 * early.
 */
const PAGE_DATAPOINTS = 20;

/** One page of the answer: each result is there in each, with its points of that page. */
export function metricData(request: MetricDataRequest, metrics: Metrics, time: Time): object {
  const { MetricDataQueries: queries, ScanBy, NextToken } = request;
  const from = Number(NextToken ?? 0);
  const results = queries
    .filter(({ ReturnData }) => ReturnData !== false)
    .flatMap((query) => resultsOf(query, request, metrics, time));
  let before = 0;
  const pages = results.map(({ Id, Label, points }) => {
    // Newest first unless asked otherwise (API reference, ScanBy).
    const ordered = ScanBy === "TimestampAscending" ? points : points.toReversed();
    const own = ordered.slice(
      Math.max(0, from - before),
      Math.max(0, from + PAGE_DATAPOINTS - before),
    );
    before += points.length;
    return {
      Id,
      Label,
      Timestamps: own.map(({ atMs }) => atMs / 1000),
      Values: own.map(({ value }) => value),
    };
  });
  const more = from + PAGE_DATAPOINTS < before;
  return {
    MetricDataResults: pages.map((page) => ({
      ...page,
      StatusCode: more ? "PartialData" : "Complete",
    })),
    Messages: [],
    ...(more && { NextToken: String(from + PAGE_DATAPOINTS) }),
  };
}

function resultsOf(
  query: MetricDataQuery,
  request: MetricDataRequest,
  metrics: Metrics,
  time: Time,
): Result[] {
  const { Id, Label, Expression } = query;
  const search = SEARCH.exec(Expression ?? "");
  if (search) return searched(search, query, request, metrics, time);
  const { MetricDataQueries: queries } = request;
  const value = (span: Span) =>
    Expression === undefined
      ? metricValue(query, metrics, span)
      : mathValue([{ ...query, ReturnData: true }, ...queries], metrics, span);
  const seconds = query.MetricStat?.Period ?? query.Period ?? longest(queries);
  const name = query.MetricStat?.Metric?.MetricName ?? Id;
  return [{ Id, Label: Label ?? name, points: pointsOf(value, seconds, request, time) }];
}

const longest = (queries: readonly MetricDataQuery[]): number =>
  Math.max(60, ...queries.map(({ MetricStat, Period }) => Period ?? MetricStat?.Period ?? 0));

/** The values of the periods that begin within the time that is asked for, oldest first. */
function pointsOf(
  value: (span: Span) => number | undefined,
  periodSeconds: number,
  { StartTime, EndTime }: Pick<MetricDataRequest, "StartTime" | "EndTime">,
  { nowMs, minuteMs }: Time,
) {
  const periodMs = (periodSeconds / 60) * minuteMs;
  const first = Math.floor((StartTime * 1000) / periodMs) * periodMs;
  const points: { atMs: number; value: number }[] = [];
  for (let fromMs = first; fromMs < Math.min(EndTime * 1000, nowMs); fromMs += periodMs) {
    const found = value({ fromMs, toMs: fromMs + periodMs, seenAtMs: nowMs });
    if (found !== undefined) points.push({ atMs: fromMs, value: found });
  }
  return points;
}

/** `SEARCH('{AWS/Lambda,FunctionName} FunctionName="f" MetricName="Errors"', 'Sum', 60)` (user guide, "Search expression syntax"). */
const SEARCH = /^\s*SEARCH\(\s*'\{([^}]*)\}\s*([^']*)'\s*,\s*'([^']+)'\s*(?:,\s*(\d+)\s*)?\)\s*$/;

function searched(
  [, schema = "", terms = "", statistic = "", period]: RegExpExecArray,
  { Id, Label, Period }: MetricDataQuery,
  request: MetricDataRequest,
  metrics: Metrics,
  time: Time,
): Result[] {
  const [namespace, ...names] = schema.split(",").map((name) => name.trim());
  const wanted = [...terms.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = "", value = ""]) => ({
    key,
    value,
  }));
  const found = metrics.list(time.nowMs).filter((metric) => {
    const own = Object.keys(metric.dimensions);
    return (
      metric.namespace === namespace &&
      own.length === names.length &&
      names.every((name) => own.includes(name)) &&
      wanted.every(({ key, value }) =>
        key === "MetricName" ? metric.metricName === value : metric.dimensions[key] === value,
      )
    );
  });
  const seconds = Number(period ?? Period ?? 300);
  return found.map((metric) => ({
    Id,
    Label: labelOf(Label, metric),
    points: pointsOf((span) => metrics.statistic(metric, statistic, span), seconds, request, time),
  }));
}

/** A label with the properties of the metric that it names: `${PROP('Dim.ExecutedVersion')}`. */
const labelOf = (label: string | undefined, { metricName, dimensions }: Metric): string =>
  (label ?? [metricName, ...Object.values(dimensions)].join(" ")).replaceAll(
    /\$\{PROP\('([^']+)'\)\}/g,
    (_whole, property: string) =>
      property === "MetricName" ? metricName : (dimensions[property.replace("Dim.", "")] ?? ""),
  );
