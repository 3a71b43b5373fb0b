/** How much a service was used, as CloudWatch has counted it. */
import { type MetricDataQuery, paginateGetMetricData } from "@aws-sdk/client-cloudwatch";
import { type Metric, serviceMetrics } from "../../infra/observability/metrics.ts";
import type { StackOutputs } from "../../infra/outputs.ts";
import type { AwsClients } from "../support/aws.ts";
import { Refused } from "../support/refused.ts";

export const DAY_MS = 86_400_000;

/** Whole days of UTC. */
export interface Days {
  /** Milliseconds since 1970, at midnight. */
  readonly fromMs: number;
  /** The midnight that is no longer within. */
  readonly untilMs: number;
}

export interface MeasuredUsage extends Days {
  /** Days from the first that has a call, or from `fromMs`, on. */
  readonly days: number;
  /** Calls through the alias. */
  readonly requests: number;
  /** Average duration of a call, without the init of its sandbox. */
  readonly durationMs: number;
  /** Bytes that were written to the function's log group. */
  readonly logBytes: number;
}

/**
 * The last `days` whole days. The one before today is left out, and so is today: Cost Explorer brings its figures up
 * to date once a day (Cost Management guide, "Analyzing your costs and usage with AWS Cost Explorer").
 */
export function lastDays(days: number, nowMs: number): Days {
  const untilMs = Math.floor(nowMs / DAY_MS) * DAY_MS - DAY_MS;
  return { fromMs: untilMs - days * DAY_MS, untilMs };
}

/** Reads calls, their duration and their log lines. Throws `Refused` where there was no call at all. */
export async function measureUsage(
  { cloudWatch }: Pick<AwsClients, "cloudWatch">,
  outputs: Pick<StackOutputs, "serviceName" | "environment" | "functionName" | "metricsNamespace">,
  { fromMs, untilMs }: Days,
): Promise<MeasuredUsage> {
  const { lambda, logBytes } = serviceMetrics(outputs, outputs.metricsNamespace);
  const metrics = { calls: lambda("Invocations"), duration: lambda("Duration"), bytes: logBytes };
  const pages = paginateGetMetricData(
    { client: cloudWatch },
    {
      MetricDataQueries: Object.entries(metrics).map(([id, metric]) => dailySum(id, metric)),
      StartTime: new Date(fromMs),
      EndTime: new Date(untilMs),
    },
  );
  const sums: Record<string, number> = {};
  let firstMs = untilMs;
  for await (const { MetricDataResults = [] } of pages) {
    for (const { Id = "", Timestamps = [], Values = [] } of MetricDataResults) {
      sums[Id] = Values.reduce((total, value) => total + value, sums[Id] ?? 0);
      if (Id !== "calls") continue;
      Timestamps.forEach((at, index) => {
        if ((Values[index] ?? 0) > 0) firstMs = Math.min(firstMs, at.getTime());
      });
    }
  }
  const { calls = 0, duration = 0, bytes = 0 } = sums;
  if (calls === 0) {
    throw new Refused(
      `CloudWatch has counted no call of ${outputs.functionName} through its alias from ${day(fromMs)} to ${day(untilMs - DAY_MS)}`,
      "give figures of your own: --requests, --duration-ms, --log-kb",
      { reason: "no calls" },
    );
  }
  const days = Math.ceil((untilMs - firstMs) / DAY_MS);
  return { fromMs, untilMs, days, requests: calls, durationMs: duration / calls, logBytes: bytes };
}

const dailySum = (Id: string, { namespace, metricName, dimensions }: Metric): MetricDataQuery => ({
  Id,
  MetricStat: {
    Metric: {
      Namespace: namespace,
      MetricName: metricName,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    },
    Period: DAY_MS / 1000,
    Stat: "Sum",
  },
});

/** `2026-03-01` */
export const day = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10);
