/**
 * Evaluates metric alarms as CloudWatch does: exact dimensions, periods, M of N, missing data, math.
 * The emulator evaluates them too, but without regard to dimensions, so an alarm that can never fire would.
 */
import type { MetricAlarm, MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import { evaluate } from "./expression.ts";
import type { Metrics } from "./metrics.ts";

export type AlarmState = "OK" | "ALARM" | "INSUFFICIENT_DATA";

/** What an alarm would say now. `minuteMs` is the length of a minute of the local cloud. */
export function alarmState(
  alarm: MetricAlarm,
  metrics: Metrics,
  { nowMs, minuteMs }: { readonly nowMs: number; readonly minuteMs: number },
): AlarmState {
  const periods = alarm.EvaluationPeriods ?? 1;
  const needed = alarm.DatapointsToAlarm ?? periods;
  const periodMs = (periodSeconds(alarm) / 60) * minuteMs;
  const values = Array.from({ length: periods }, (_, index) => {
    const toMs = nowMs - index * periodMs + 1;
    return valueOf(alarm, metrics, toMs - periodMs, toMs);
  });
  const missing = alarm.TreatMissingData ?? "missing";
  if (values.every((value) => value === undefined) && missing === "missing") {
    return "INSUFFICIENT_DATA";
  }
  const breaching = values.filter((value) =>
    value === undefined ? missing === "breaching" : breaches(alarm, value),
  );
  return breaching.length >= needed ? "ALARM" : "OK";
}

const periodSeconds = (alarm: MetricAlarm): number =>
  alarm.Period ??
  Math.max(0, ...(alarm.Metrics ?? []).map(({ MetricStat }) => MetricStat?.Period ?? 0));

function valueOf(
  alarm: MetricAlarm,
  metrics: Metrics,
  fromMs: number,
  toMs: number,
): number | undefined {
  if (alarm.Metrics && alarm.Metrics.length > 0) {
    return mathValue(alarm.Metrics, metrics, fromMs, toMs);
  }
  return metrics.statistic(
    {
      namespace: alarm.Namespace ?? "",
      metricName: alarm.MetricName ?? "",
      dimensions: dimensionsOf(alarm.Dimensions),
    },
    alarm.ExtendedStatistic ?? alarm.Statistic ?? "Average",
    fromMs,
    toMs,
  );
}

/** The one query that returns data, with the others as its inputs. */
export function mathValue(
  queries: readonly MetricDataQuery[],
  metrics: Metrics,
  fromMs: number,
  toMs: number,
): number | undefined {
  const values: Record<string, number> = {};
  for (const { Id = "", MetricStat } of queries) {
    const value = MetricStat && metricValue({ MetricStat }, metrics, fromMs, toMs);
    if (value !== undefined) values[Id] = value;
  }
  const returned = queries.find(({ ReturnData }) => ReturnData) ?? queries[0];
  if (!returned) return undefined;
  return returned.Expression ? evaluate(returned.Expression, values) : values[returned.Id ?? ""];
}

/** The value of a query without math. */
export const metricValue = (
  { MetricStat }: Pick<MetricDataQuery, "MetricStat">,
  metrics: Metrics,
  fromMs: number,
  toMs: number,
): number | undefined =>
  metrics.statistic(
    {
      namespace: MetricStat?.Metric?.Namespace ?? "",
      metricName: MetricStat?.Metric?.MetricName ?? "",
      dimensions: dimensionsOf(MetricStat?.Metric?.Dimensions),
    },
    MetricStat?.Stat ?? "Average",
    fromMs,
    toMs,
  );

const dimensionsOf = (dimensions: MetricAlarm["Dimensions"]): Record<string, string> =>
  Object.fromEntries((dimensions ?? []).map(({ Name = "", Value = "" }) => [Name, Value]));

const COMPARISONS: Readonly<Record<string, (value: number, threshold: number) => boolean>> = {
  GreaterThanThreshold: (value, threshold) => value > threshold,
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

function breaches({ ComparisonOperator, Threshold = 0 }: MetricAlarm, value: number): boolean {
  const compare = COMPARISONS[ComparisonOperator ?? "none"];
  if (!compare)
    throw new Error(`the local cloud does not know the comparison ${ComparisonOperator}`);
  return compare(value, Threshold);
}
