/**
 * Reads the data points of metric alarms by exact dimensions, periods and math, and judges them.
 * The emulator evaluates alarms too, but without regard to dimensions, so an alarm that can never fire would.
 */
import type { Metric as AwsMetric, MetricAlarm, MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import { type AlarmState, evaluateAlarm, EXTRA_PERIODS } from "./evaluation.ts";
import { evaluate } from "./expression.ts";
import type { Metric, Metrics, Span } from "./metrics.ts";
import type { Datapoint } from "./reason.ts";

/** The time, and the length of a minute of the local cloud. */
export interface Moment {
  readonly nowMs: number;
  readonly minuteMs: number;
}

/** What an alarm says at the evaluation of this minute, having said `previous` before. */
export const alarmState = (
  alarm: MetricAlarm,
  metrics: Metrics,
  moment: Moment,
  previous: AlarmState = "INSUFFICIENT_DATA",
): AlarmState =>
  evaluateAlarm(
    {
      evaluationPeriods: alarm.EvaluationPeriods ?? 1,
      datapointsToAlarm: alarm.DatapointsToAlarm,
      treatMissingData: alarm.TreatMissingData,
      breaches: (value) => breaches(alarm, value),
    },
    datapointsOf(alarm, metrics, moment).map(({ value }) => value),
    previous,
  );

/**
 * The alarm's data points, newest first. Periods end with whole minutes, however long they are (CloudWatch
 * user guide, "Evaluating an alarm": minutes 1 to 5, then 2 to 6), and the minute that is not over yet is in none.
 */
export function datapointsOf(
  alarm: MetricAlarm,
  metrics: Metrics,
  { nowMs, minuteMs }: Moment,
): readonly Datapoint[] {
  const periodMs = (periodSeconds(alarm) / 60) * minuteMs;
  const endMs = Math.floor(nowMs / minuteMs) * minuteMs;
  return Array.from({ length: (alarm.EvaluationPeriods ?? 1) + EXTRA_PERIODS }, (_, index) => {
    const toMs = endMs - index * periodMs;
    const fromMs = toMs - periodMs;
    return { fromMs, value: valueOf(alarm, metrics, { fromMs, toMs, seenAtMs: nowMs }) };
  });
}

const periodSeconds = (alarm: MetricAlarm): number =>
  alarm.Period ??
  Math.max(0, ...(alarm.Metrics ?? []).map(({ MetricStat }) => MetricStat?.Period ?? 0));

function valueOf(alarm: MetricAlarm, metrics: Metrics, span: Span): number | undefined {
  if (alarm.Metrics && alarm.Metrics.length > 0) return mathValue(alarm.Metrics, metrics, span);
  return metrics.statistic(
    metricOf(alarm),
    alarm.ExtendedStatistic ?? alarm.Statistic ?? "Average",
    span,
  );
}

/** The one query that returns data, with the others as its inputs. */
export function mathValue(
  queries: readonly MetricDataQuery[],
  metrics: Metrics,
  span: Span,
): number | undefined {
  const values: Record<string, number> = {};
  for (const { Id = "", MetricStat } of queries) {
    const value = MetricStat && metricValue({ MetricStat }, metrics, span);
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
  span: Span,
): number | undefined =>
  metrics.statistic(metricOf(MetricStat?.Metric ?? {}), MetricStat?.Stat ?? "Average", span);

/** What an alarm or a query names; made once for each, as an evaluation every minute asks for it again. */
function metricOf(named: AwsMetric): Metric {
  const { Namespace = "", MetricName = "", Dimensions = [] } = named;
  const metric = metricsByName.get(named) ?? {
    namespace: Namespace,
    metricName: MetricName,
    dimensions: Object.fromEntries(
      Dimensions.map(({ Name = "", Value = "" }) => [Name, Value] as const),
    ),
  };
  metricsByName.set(named, metric);
  return metric;
}

const metricsByName = new WeakMap<AwsMetric, Metric>();

const COMPARISONS: Readonly<Record<string, (value: number, threshold: number) => boolean>> = {
  GreaterThanThreshold: (value, threshold) => value > threshold,
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

/** Whether a value is beyond the alarm's threshold. */
export function breaches(
  { ComparisonOperator, Threshold = 0 }: MetricAlarm,
  value: number,
): boolean {
  const compare = COMPARISONS[ComparisonOperator ?? "none"];
  if (!compare)
    throw new Error(`the local cloud does not know the comparison ${ComparisonOperator}`);
  return compare(value, Threshold);
}
