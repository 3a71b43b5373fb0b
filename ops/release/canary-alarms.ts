/** The alarms that judge one version during its canary, as CloudWatch's API takes them. Pure. */
import type {
  Metric,
  MetricAlarm,
  MetricDataQuery,
  PutMetricAlarmCommandInput,
} from "@aws-sdk/client-cloudwatch";
import type { VersionMetric } from "../../function/platform/metric-names.ts";
import { functionPrefix, metricName, type Scope } from "../../infra/names.ts";
import {
  aliasDimensions,
  executedVersionDimensions,
  handlerMetric,
  type Metric as ServiceMetric,
  versionMetric,
} from "../../infra/observability/metrics.ts";
import type { StackOutputs } from "../../infra/outputs.ts";

/**
 * Calls a minute from which the share of failing calls says something. Below it one failing call is
 * enough: at a base rate of 0.1 % a rule of "any error" would send a good version back in 10 % of the
 * minutes with 100 calls, and in 63 % of those with 1000.
 */
export const BUSY_CALLS_PER_MINUTE = 100;

/** Percent of failing calls above which a busy canary is sent back. */
export const BUSY_ERROR_PERCENT = 1;

/** Whether a minute with so many calls and errors fails a version: the same rule as the alarm's. */
export const failsVersion = (calls: number, errors: number): boolean =>
  calls < BUSY_CALLS_PER_MINUTE ? errors > 0 : (100 * errors) / calls > BUSY_ERROR_PERCENT;

/**
 * Points in percent by which a canary may refuse more than the version that serves, while it is busy. Below
 * `BUSY_CALLS_PER_MINUTE` one caller's error can be half of the calls, so there it is ten times that, and one
 * refusal is none.
 */
export const BUSY_REFUSAL_POINTS = 5;

/** Least data points that an alarm judges by. */
const LEAST_MINUTES = 5;

/**
 * Minutes that an alarm looks back. Lambda stamps an error with the start of its invocation, so a call that runs
 * into its timeout is an error of a past minute, with newer clean minutes in front of it. One more minute is for
 * the delivery, and one for the invocation that starts at the end of a minute.
 */
export const minutesJudged = (timeoutSeconds: number): number =>
  Math.max(LEAST_MINUTES, Math.ceil(timeoutSeconds / 60) + 2);

/** What the alarms are made from. */
export type CanaryScope = Scope &
  Pick<
    StackOutputs,
    "functionName" | "aliasName" | "durationAlarmMs" | "timeoutSeconds" | "metricsNamespace"
  >;

/** Dimensions as the API takes them. */
export const pairs = (dimensions: Readonly<Record<string, string>>) =>
  Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));

/** A metric as the API takes it. */
const apiMetric = ({ namespace, metricName, dimensions }: ServiceMetric) => ({
  Namespace: namespace,
  MetricName: metricName,
  Dimensions: pairs(dimensions),
});

const KINDS = ["errors", "failures", "refusals", "duration"] as const;

const alarmName = (scope: Scope, kind: (typeof KINDS)[number], version: string): string =>
  metricName(scope, `canary-${kind}-v${version}`);

/** Names of the alarms of one version, for example `lambda-canary-errors-v8-production`. */
export const canaryAlarmNames = (scope: Scope, version: string): readonly string[] =>
  KINDS.map((kind) => alarmName(scope, kind, version));

/** What the names of all canary alarms of a function begin with, in every environment. */
export const canaryAlarmPrefix = (scope: Scope): string => `${functionPrefix(scope)}-canary-`;

const RUNBOOK = "Runbook: docs/operations.md#canary";

/** The alarms of exactly one version. */
export function canaryAlarms(scope: CanaryScope, version: string): PutMetricAlarmCommandInput[] {
  const minutes = minutesJudged(scope.timeoutSeconds);
  const lambda = (MetricName: string, dimensions = executedVersionDimensions(scope, version)) => ({
    Namespace: "AWS/Lambda",
    MetricName,
    Dimensions: pairs(dimensions),
  });
  const { metricsNamespace } = scope;
  const counted = (metricName: VersionMetric) =>
    apiMetric(versionMetric(scope, metricsNamespace, metricName, version));
  const sum = (Id: string, metric: Metric): MetricDataQuery => ({
    Id,
    ReturnData: false,
    MetricStat: { Metric: metric, Period: 60, Stat: "Sum" },
  });
  const rule = (
    kind: (typeof KINDS)[number],
    description: string,
    threshold: number,
    datapoints = 1,
  ) => ({
    AlarmName: alarmName(scope, kind, version),
    AlarmDescription: `${description} ${RUNBOOK}`,
    EvaluationPeriods: minutes,
    DatapointsToAlarm: datapoints,
    ComparisonOperator: "GreaterThanThreshold" as const,
    Threshold: threshold,
    TreatMissingData: "notBreaching",
  });
  const share = (Label: string, Expression: string): MetricDataQuery => ({
    Id: "judged",
    Label,
    Expression,
    ReturnData: true,
  });
  return [
    {
      ...rule(
        "errors",
        `Version ${version} fails in its canary: any call below ${BUSY_CALLS_PER_MINUTE} calls a minute, more than ${BUSY_ERROR_PERCENT} % above.`,
        BUSY_ERROR_PERCENT,
      ),
      Metrics: [
        share(
          "Failing calls in percent; any is 100 while there are few",
          `IF(calls < ${BUSY_CALLS_PER_MINUTE}, IF(errors > 0, 100, 0), 100 * errors / calls)`,
        ),
        sum("errors", lambda("Errors")),
        sum("calls", lambda("Invocations")),
      ],
    },
    // What Lambda counts no error: 500 over HTTP, and parts of batches.
    {
      ...rule(
        "failures",
        `Version ${version} fails at events in its canary: any below ${BUSY_CALLS_PER_MINUTE} calls a minute, more than ${BUSY_ERROR_PERCENT} % of the calls above.`,
        BUSY_ERROR_PERCENT,
      ),
      Metrics: [
        share(
          "Failing events in percent of the calls; any is 100 while there are few",
          `IF(calls < ${BUSY_CALLS_PER_MINUTE}, IF(failed > 0, 100, 0), 100 * failed / calls)`,
        ),
        sum("failed", counted("FailedCount")),
        sum("calls", lambda("Invocations")),
      ],
    },
    // A rule made stricter by mistake refuses what the serving version takes.
    {
      ...rule(
        "refusals",
        `Version ${version} refuses a larger share of its calls than the version that serves: by more than ${BUSY_REFUSAL_POINTS} points, or ${10 * BUSY_REFUSAL_POINTS} below ${BUSY_CALLS_PER_MINUTE} calls a minute.`,
        10 * BUSY_REFUSAL_POINTS,
      ),
      Metrics: [
        share(
          "Points by which a larger share is refused, times ten while the canary is busy",
          // The fraction of a call keeps a minute without other calls from dividing by nothing.
          `IF(calls < ${BUSY_CALLS_PER_MINUTE}, IF(refused > 1, 1, 0), 10) * 100 * (refused / calls - (everyrefused - refused) / (all - calls + 0.001))`,
        ),
        sum("refused", counted("RefusedCount")),
        sum("everyrefused", apiMetric(handlerMetric(scope, metricsNamespace, "RefusedCount"))),
        sum("calls", lambda("Invocations")),
        sum("all", lambda("Invocations", aliasDimensions(scope))),
      ],
    },
    {
      ...rule(
        "duration",
        `Version ${version} is slower than ${scope.durationAlarmMs} ms in two minutes of its canary.`,
        scope.durationAlarmMs,
        2,
      ),
      ...lambda("Duration"),
      ExtendedStatistic: "p99",
      EvaluateLowSampleCountPercentile: "evaluate",
      Period: 60,
    },
  ];
}

type Read = Pick<MetricAlarm, "Namespace" | "MetricName" | "Dimensions" | "Metrics">;

/** What an alarm reads, as texts in a fixed order. */
const readsOf = ({ Namespace, MetricName, Dimensions, Metrics = [] }: Read): string => {
  const metrics = [
    ...(MetricName === undefined ? [] : [{ Namespace, MetricName, Dimensions }]),
    ...Metrics.flatMap(({ MetricStat }) => MetricStat?.Metric ?? []),
  ];
  const texts = metrics.map((metric) => {
    const dimensions = (metric.Dimensions ?? []).map(({ Name, Value }) => `${Name}=${Value}`);
    return [metric.Namespace, metric.MetricName, ...dimensions.sort()].join(" ");
  });
  return texts.sort().join("\n");
};

/** Whether an alarm reads what the release has made it read, and nothing else. */
export const readsTheSame = (found: Read, made: Read): boolean => readsOf(found) === readsOf(made);
