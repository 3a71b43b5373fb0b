/**
 * The dashboard as plain data. Its first row answers four questions: is it up, is it slow, is it failing, is
 * something waiting. The body's form is CloudWatch's ("Dashboard body structure and syntax").
 */
import { apiMetric } from "../api/metrics.ts";
import { alarmArn, type AwsLocation } from "../arns.ts";
import { BEHIND_MS } from "../database/alarms.ts";
import { operationMetric, OPERATIONS, tableMetric, userErrors } from "../database/metrics.ts";
import { changesBus, hasDatabase } from "../database/settings.ts";
import { functionName, hookLogGroupName, logGroupName, metricName } from "../names.ts";
import type { Settings } from "../settings.ts";
import { iteratorAge } from "../sources/alarms.ts";
import { aliasDimensions, type Metric, type ServiceMetrics, serviceMetrics } from "./metrics.ts";
import { computePricePerGbSecond, REQUEST_PRICE } from "./prices.ts";

/** CloudWatch's three free dashboards have at most this many metrics. */
export const FREE_METRICS = 50;

/** Columns of a dashboard. */
const WIDTH = 24;

type Line = readonly unknown[];

/** A widget before it has a position. */
interface Widget {
  readonly type: "metric" | "log" | "alarm" | "text";
  readonly width: number;
  readonly height: number;
  readonly properties: Readonly<Record<string, unknown>>;
}

export interface DashboardInput {
  readonly location: AwsLocation;
  readonly settings: Settings;
  /** Namespace of the handler's own metrics. */
  readonly namespace: string;
  /** The alarms that tell somebody, by metric. */
  readonly ringing: readonly string[];
}

/** A metric as a line of a graph. */
const line = (
  { namespace, metricName: name, dimensions }: Metric,
  options: Readonly<Record<string, unknown>>,
): Line => [namespace, name, ...Object.entries(dimensions).flat(), options];

/** A line that is computed of others. */
const expression = (
  text: string,
  label: string,
  more: Readonly<Record<string, unknown>> = {},
): Line => [{ expression: text, label, ...more }];

const HIDDEN = { visible: false } as const;

/** What the left axis counts; no quantity here is below 0. */
const inUnits = (label: string) => ({ yAxis: { left: { label, min: 0, showUnits: false } } });

/** The body of a stack's dashboard. */
export function dashboardBody(input: DashboardInput): object {
  const rows = [
    questions(input),
    alarmsRow(input),
    ...(input.settings.api === "none" ? [] : [api(input)]),
    traffic(input),
    versions(input),
    duration(input),
    resources(input),
    waiting(input),
    business(input),
    ...(hasDatabase(input.settings) ? [table(input)] : []),
    logs(input),
  ];
  let y = 0;
  const widgets = rows.flatMap((row) => {
    let x = 0;
    const placed = row.map((widget) => {
      const at = { ...widget, x, y };
      x += widget.width;
      return at;
    });
    y += Math.max(...row.map(({ height }) => height));
    return placed;
  });
  return { start: "-PT8H", periodOverride: "inherit", widgets };
}

/** Splits the width evenly among graphs. */
const graphs = (
  { location }: DashboardInput,
  height: number,
  ...properties: Readonly<Record<string, unknown>>[]
): Widget[] =>
  properties.map((own) => ({
    type: "metric",
    width: WIDTH / properties.length,
    height,
    properties: { region: location.region, period: 300, view: "timeSeries", ...own },
  }));

/** Lambda counts what ends with an error, a crash too; the handler also what it answers with one. */
const FAILED_CALLS = "MAX([errors, FILL(failed, 0)])";

const failedCalls = ({ lambda, own }: Pick<ServiceMetrics, "lambda" | "own">): Line[] => [
  line(lambda("Errors"), { id: "errors", stat: "Sum", ...HIDDEN }),
  line(own("FailedCount"), { id: "failed", stat: "Sum", ...HIDDEN }),
];

function questions(input: DashboardInput): Widget[] {
  const { lambda, own, deadLetters } = serviceMetrics(input.settings, input.namespace);
  const number = { view: "singleValue", sparkline: true };
  return graphs(
    input,
    4,
    {
      ...number,
      title: "Is it up? Calls that succeeded, %",
      metrics: [
        expression(`100 - 100 * ${FAILED_CALLS} / calls`, "succeeded"),
        line(lambda("Invocations"), { id: "calls", stat: "Sum", ...HIDDEN }),
        ...failedCalls({ lambda, own }),
      ],
    },
    {
      ...number,
      title: "Is it slow? 99th percentile, ms",
      metrics: [line(lambda("Duration"), { stat: "p99", label: "p99" })],
    },
    {
      ...number,
      title: "Is it failing? Failed in five minutes",
      metrics: [expression(FAILED_CALLS, "failed calls"), ...failedCalls({ lambda, own })],
    },
    {
      ...number,
      title: "Is something waiting? Dead letters",
      metrics: [
        line(deadLetters("ApproximateNumberOfMessagesVisible"), {
          stat: "Maximum",
          label: "messages",
        }),
      ],
    },
  );
}

const alarmsRow = ({ location, settings, ringing }: DashboardInput): Widget[] => [
  {
    type: "alarm",
    width: WIDTH,
    height: 3,
    properties: {
      title: "Alarms that tell somebody",
      alarms: ringing.map((metric) => alarmArn(location, metricName(settings, metric))),
    },
  },
];

/** What callers see: it can fail, refuse and wait where the function does not. */
function api(input: DashboardInput): Widget[] {
  const metric = apiMetric(input.settings);
  return graphs(
    input,
    6,
    {
      title: "Requests to the API",
      ...inUnits("requests in 5 minutes"),
      metrics: [
        line(metric("Count"), { stat: "Sum", label: "requests" }),
        line(metric("4XXError"), { stat: "Sum", label: "refused (4xx)" }),
        line(metric("5XXError"), { stat: "Sum", label: "failed (5xx)" }),
      ],
      annotations: {
        horizontal: [{ label: "limit", value: input.settings.apiRequestsPerSecond * 300 }],
      },
    },
    {
      title: "How long callers wait",
      ...inUnits("ms"),
      metrics: [
        line(metric("Latency"), { stat: "p50", label: "p50" }),
        line(metric("Latency"), { stat: "p99", label: "p99" }),
        line(metric("IntegrationLatency"), { stat: "p99", label: "p99 of the function" }),
      ],
      annotations: { horizontal: [{ label: "alarm", value: input.settings.durationAlarmMs }] },
    },
  );
}

function traffic(input: DashboardInput): Widget[] {
  const { lambda, own } = serviceMetrics(input.settings, input.namespace);
  const sum = (label: string) => ({ stat: "Sum", label });
  return graphs(
    input,
    6,
    {
      title: "Calls",
      ...inUnits("calls in 5 minutes"),
      metrics: [
        line(lambda("Invocations"), sum("calls")),
        line(lambda("Throttles"), sum("throttled")),
      ],
    },
    {
      title: "What went wrong",
      ...inUnits("calls in 5 minutes"),
      metrics: [
        line(lambda("Errors"), sum("failed invocations")),
        line(own("FailedCount"), sum("failed by the service")),
        line(own("RefusedCount"), sum("refused")),
      ],
      annotations: {
        horizontal: [{ label: "errors alarm", value: input.settings.errorAlarmThreshold }],
      },
    },
  );
}

/** Lambda counts by version only while the alias has weights: while a canary runs two versions are compared, else the graphs are empty. */
function versions(input: DashboardInput): Widget[] {
  const { FunctionName, Resource } = aliasDimensions(input.settings);
  const each = (metric: string, statistic: string) =>
    `SEARCH('{AWS/Lambda,FunctionName,Resource,ExecutedVersion} FunctionName="${FunctionName}" Resource="${Resource}" MetricName="${metric}"', '${statistic}', 60)`;
  const label = "version ${PROP('Dim.ExecutedVersion')}";
  const graph = (title: string, units: string, metric: string, statistic: string) => ({
    title,
    ...inUnits(units),
    period: 60,
    metrics: [expression(each(metric, statistic), label)],
  });
  return graphs(
    input,
    6,
    graph("Calls by version, while two serve", "calls a minute", "Invocations", "Sum"),
    graph("Failures by version", "failed calls a minute", "Errors", "Sum"),
    graph("Duration by version, p99", "ms", "Duration", "p99"),
  );
}

function duration(input: DashboardInput): Widget[] {
  const { lambda, own } = serviceMetrics(input.settings, input.namespace);
  const { durationAlarmMs, timeoutSeconds } = input.settings;
  const at = (stat: string, label = stat) => line(lambda("Duration"), { stat, label });
  return graphs(
    input,
    6,
    {
      title: "Duration",
      ...inUnits("ms"),
      metrics: [at("p50"), at("p90"), at("p99"), at("Maximum", "slowest")],
      annotations: {
        horizontal: [
          { label: "alarm", value: durationAlarmMs },
          { label: "timeout", value: timeoutSeconds * 1000 },
        ],
      },
    },
    {
      title: "Cold starts",
      ...inUnits("% of calls"),
      metrics: [
        expression("100 * FILL(cold, 0) / calls", "cold starts"),
        line(own("ColdStart"), { id: "cold", stat: "Sum", ...HIDDEN }),
        line(lambda("Invocations"), { id: "calls", stat: "Sum", ...HIDDEN }),
      ],
    },
  );
}

/** A price as digits: whether metric math reads 2e-7 is not documented. */
const decimal = (value: number): string => value.toFixed(12).replace(/0+$/, "");

function resources(input: DashboardInput): Widget[] {
  const { lambda, memoryUsed, accountConcurrency, logBytes } = serviceMetrics(
    input.settings,
    input.namespace,
  );
  const { memoryMb, architecture } = input.settings;
  const gbSeconds = `duration / 1000 * ${memoryMb / 1024}`;
  return graphs(
    input,
    6,
    {
      title: "Memory",
      ...inUnits("MB"),
      metrics: [line(memoryUsed, { stat: "Maximum", label: "most used" })],
      annotations: { horizontal: [{ label: "limit", value: memoryMb }] },
    },
    {
      title: "Concurrency",
      ...inUnits("calls at once"),
      metrics: [
        line(lambda("ConcurrentExecutions"), { stat: "Maximum", label: "this service" }),
        line(accountConcurrency, { stat: "Maximum", label: "claimed in the account" }),
      ],
    },
    {
      title: "Cost of this day so far, USD",
      view: "singleValue",
      period: 86_400,
      metrics: [
        expression(
          `${gbSeconds} * ${decimal(computePricePerGbSecond(architecture))} + calls * ${decimal(REQUEST_PRICE)}`,
          "calls and compute at list price",
        ),
        line(lambda("Duration"), { id: "duration", stat: "Sum", ...HIDDEN }),
        line(lambda("Invocations"), { id: "calls", stat: "Sum", ...HIDDEN }),
      ],
    },
    {
      title: "Logs written",
      ...inUnits("bytes an hour"),
      period: 3600,
      metrics: [line(logBytes, { stat: "Sum", label: "bytes" })],
    },
  );
}

function waiting(input: DashboardInput): Widget[] {
  const { deadLetters, async } = serviceMetrics(input.settings, input.namespace);
  return graphs(
    input,
    6,
    {
      title: "Dead letters",
      ...inUnits("messages"),
      metrics: [
        line(deadLetters("ApproximateNumberOfMessagesVisible"), {
          stat: "Maximum",
          label: "waiting",
        }),
        line(deadLetters("NumberOfMessagesSent"), { stat: "Sum", label: "new" }),
        line(async("DeadLetterErrors"), { stat: "Sum", label: "lost" }),
      ],
    },
    {
      title: "Oldest dead letter",
      ...inUnits("seconds"),
      metrics: [
        line(deadLetters("ApproximateAgeOfOldestMessage"), { stat: "Maximum", label: "age" }),
      ],
    },
    {
      title: "Asynchronous events: longest wait, and given up",
      yAxis: {
        left: { label: "ms", min: 0, showUnits: false },
        right: { label: "events", min: 0, showUnits: false },
      },
      metrics: [
        line(async("AsyncEventAge"), { stat: "Maximum", label: "longest wait" }),
        line(async("AsyncEventsDropped"), { stat: "Sum", label: "given up", yAxis: "right" }),
      ],
    },
  );
}

function business(input: DashboardInput): Widget[] {
  const { own } = serviceMetrics(input.settings, input.namespace);
  return graphs(
    input,
    6,
    {
      title: "Events processed",
      ...inUnits("events in 5 minutes"),
      metrics: [
        line(own("ProcessedEvents"), { stat: "Sum", label: "for users" }),
        line(own("SuccessCount"), { stat: "Sum", label: "all, synthetic calls included" }),
      ],
    },
    {
      title: "Time to process an event",
      ...inUnits("ms"),
      metrics: [
        line(own("ProcessingDuration"), { stat: "p50", label: "p50" }),
        line(own("ProcessingDuration"), { stat: "p99", label: "p99" }),
      ],
    },
  );
}

/** What the table is asked for, what it refuses, and how far behind what is published of it is. */
function table(input: DashboardInput): Widget[] {
  const { settings } = input;
  const {
    databaseMaxWriteUnitsPerSecond: writes,
    databaseMaxReadUnitsPerSecond: reads,
    durationAlarmMs,
  } = settings;
  const sum = (metric: Metric, label: string, more = {}) =>
    line(metric, { stat: "Sum", label, ...more });
  const brakes = [
    { label: "write units at most", value: writes * 300 },
    { label: "read units at most", value: reads * 300 },
  ].filter(({ value }) => value > 0);
  const errors = OPERATIONS.map((operation, index) =>
    line(operationMetric(settings, "SystemErrors", operation), {
      id: `e${index}`,
      stat: "Sum",
      ...HIDDEN,
    }),
  );
  return graphs(
    input,
    6,
    {
      title: "Table: units used",
      ...inUnits("units in 5 minutes"),
      metrics: [
        sum(tableMetric(settings, "ConsumedWriteCapacityUnits"), "write units"),
        sum(tableMetric(settings, "ConsumedReadCapacityUnits"), "read units"),
      ],
      annotations: { horizontal: brakes },
    },
    {
      title: "Table: what it did not do",
      ...inUnits("requests in 5 minutes"),
      metrics: [
        sum(tableMetric(settings, "WriteThrottleEvents"), "writes refused for their number"),
        sum(tableMetric(settings, "ReadThrottleEvents"), "reads refused for their number"),
        sum(tableMetric(settings, "ConditionalCheckFailedRequests"), "conflicts and repetitions"),
        expression(
          OPERATIONS.map((_, index) => `FILL(e${index}, 0)`).join(" + "),
          "failed by DynamoDB",
        ),
        ...errors,
        sum(userErrors, "malformed, in the whole account"),
      ],
    },
    {
      title: "Table: time of a request, p99",
      ...inUnits("ms"),
      metrics: OPERATIONS.map((operation) =>
        line(operationMetric(settings, "SuccessfulRequestLatency", operation), {
          stat: "p99",
          label: operation,
        }),
      ),
      annotations: { horizontal: [{ label: "alarm of a whole call", value: durationAlarmMs }] },
    },
    ...(changesBus(settings) === undefined
      ? []
      : [
          {
            title: "Changes: how late they are published",
            ...inUnits("ms"),
            metrics: [line(iteratorAge(settings), { stat: "Maximum", label: "oldest change" })],
            annotations: { horizontal: [{ label: "alarm", value: BEHIND_MS }] },
          },
        ]),
  );
}

function logs({ location, settings }: DashboardInput): Widget[] {
  const table = (title: string, group: string, query: string): Widget => ({
    type: "log",
    width: WIDTH / 2,
    height: 6,
    properties: {
      region: location.region,
      title,
      view: "table",
      query: `SOURCE '${group}' | ${query}`,
    },
  });
  return [
    table(
      "Newest errors",
      logGroupName(settings),
      'filter level = "ERROR" | fields @timestamp, correlation_id, error.name, message | sort @timestamp desc | limit 20',
    ),
    table(
      `Versions that were tried before they got traffic: releases of ${functionName(settings)}`,
      hookLogGroupName(settings),
      'filter message = "trial" | fields @timestamp, version, calls, slowestMs, faults.0 as fault | sort @timestamp desc | limit 20',
    ),
  ];
}
