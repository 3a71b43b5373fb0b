/** The alarms that judge one version during its canary, as plain data. */
import type * as pulumi from "@pulumi/pulumi";
import { ALIAS_NAME, functionName, type Scope } from "../names.ts";
import { type Alarm, aliasDimensions, handlerDimensions } from "../observability/alarms.ts";
import type { Settings } from "../settings.ts";

/**
 * Calls a minute from which the share of failing calls says something. Below it one failing call is
 * enough: at a base rate of 0.1 % a rule of "any error" would send a good version back in 10 % of the
 * minutes with 100 calls, and in 63 % of those with 1000.
 */
export const BUSY_CALLS_PER_MINUTE = 100;

/** Percent of failing calls above which a busy canary is sent back. */
export const BUSY_ERROR_PERCENT = 1;

/**
 * The dimensions of calls through the alias that one version answered. Lambda emits them only while the
 * alias has weights, which is exactly during a canary; all three must be there, or the alarm reads a
 * metric that nobody emits and stays in INSUFFICIENT_DATA for ever.
 */
export const canaryDimensions = <Version>(scope: Scope, version: Version) => ({
  FunctionName: functionName(scope),
  Resource: `${functionName(scope)}:${ALIAS_NAME}`,
  ExecutedVersion: version,
});

/**
 * Points in percent by which a canary may refuse more than the version that serves, while it is busy. Below
 * `BUSY_CALLS_PER_MINUTE` one caller's error can be half of the calls, so there it is ten times that, and one
 * refusal is none.
 */
export const BUSY_REFUSAL_POINTS = 5;

const runbook = (text: string) => `${text} Runbook: docs/operations.md#canary`;

/**
 * The canary's alarms by metric; the name of each is `{service}-{metric}-{environment}`.
 * `metricsNamespace` is that of what the handler counts.
 */
export function canaryAlarms(
  settings: Settings,
  version: pulumi.Input<string>,
  metricsNamespace: string,
): Record<string, Alarm> {
  const source = { namespace: "AWS/Lambda", dimensions: canaryDimensions(settings, version) };
  const sumOf = (id: string, metric: object & { readonly metricName: string }) => ({
    id,
    metric: { ...metric, period: 60, stat: "Sum" },
  });
  const sum = (id: string, metricName: string) => sumOf(id, { ...source, metricName });
  const handled = { namespace: metricsNamespace, dimensions: handlerDimensions(settings) };
  const byVersion = { ...handled, dimensions: { ...handled.dimensions, version } };
  const allCalls = { ...source, dimensions: aliasDimensions(settings), metricName: "Invocations" };
  return {
    "canary-errors": {
      alarmDescription: runbook(
        `The version being released fails: any call below ${BUSY_CALLS_PER_MINUTE} calls a minute, more than ${BUSY_ERROR_PERCENT} % above.`,
      ),
      metricQueries: [
        {
          id: "failing",
          label: "Failing calls in percent; any is 100 while there are few",
          expression: `IF(calls < ${BUSY_CALLS_PER_MINUTE}, IF(errors > 0, 100, 0), 100 * errors / calls)`,
          returnData: true,
        },
        sum("errors", "Errors"),
        sum("calls", "Invocations"),
      ],
      evaluationPeriods: 1,
      comparisonOperator: "GreaterThanThreshold",
      threshold: BUSY_ERROR_PERCENT,
      treatMissingData: "notBreaching",
    },
    // What Lambda counts no error: 500 over HTTP, and parts of batches.
    "canary-failures": {
      alarmDescription: runbook(
        `The version being released fails at events: any below ${BUSY_CALLS_PER_MINUTE} calls a minute, more than ${BUSY_ERROR_PERCENT} % of the calls above.`,
      ),
      metricQueries: [
        {
          id: "failing",
          label: "Failing events in percent of the calls; any is 100 while there are few",
          expression: `IF(calls < ${BUSY_CALLS_PER_MINUTE}, IF(failed > 0, 100, 0), 100 * failed / calls)`,
          returnData: true,
        },
        sumOf("failed", { ...byVersion, metricName: "FailedCount" }),
        sum("calls", "Invocations"),
      ],
      evaluationPeriods: 1,
      comparisonOperator: "GreaterThanThreshold",
      threshold: BUSY_ERROR_PERCENT,
      treatMissingData: "notBreaching",
    },
    // A rule made stricter by mistake refuses what the serving version takes.
    "canary-refusals": {
      alarmDescription: runbook(
        `The version being released refuses a larger share of its calls than the version that serves: by more than ${BUSY_REFUSAL_POINTS} points, or ${10 * BUSY_REFUSAL_POINTS} below ${BUSY_CALLS_PER_MINUTE} calls a minute.`,
      ),
      metricQueries: [
        {
          id: "jump",
          label: "Points by which a larger share is refused, times ten while the canary is busy",
          // The fraction of a call keeps a minute without other calls from dividing by nothing.
          expression: `IF(calls < ${BUSY_CALLS_PER_MINUTE}, IF(refused > 1, 1, 0), 10) * 100 * (refused / calls - (everyrefused - refused) / (all - calls + 0.001))`,
          returnData: true,
        },
        sumOf("refused", { ...byVersion, metricName: "RefusedCount" }),
        sumOf("everyrefused", { ...handled, metricName: "RefusedCount" }),
        sum("calls", "Invocations"),
        sumOf("all", allCalls),
      ],
      evaluationPeriods: 1,
      comparisonOperator: "GreaterThanThreshold",
      threshold: 10 * BUSY_REFUSAL_POINTS,
      treatMissingData: "notBreaching",
    },
    "canary-duration": {
      ...source,
      alarmDescription: runbook(
        `The version being released is slower than ${settings.durationAlarmMs} ms in two of three minutes.`,
      ),
      metricName: "Duration",
      extendedStatistic: "p99",
      evaluateLowSampleCountPercentiles: "evaluate",
      period: 60,
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      comparisonOperator: "GreaterThanThreshold",
      threshold: settings.durationAlarmMs,
      treatMissingData: "notBreaching",
    },
  };
}
