/** The alarms that judge one version during its canary, as plain data. */
import type * as pulumi from "@pulumi/pulumi";
import { ALIAS_NAME, functionName, type Scope } from "../names.ts";
import type * as aws from "@pulumi/aws";
import type { Settings } from "../settings.ts";

/** One alarm without its name. It tells nobody: CodeDeploy reads it, and sends traffic back by itself. */
export type CanaryAlarm = Omit<aws.cloudwatch.MetricAlarmArgs, "name">;

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

const runbook = (text: string) => `${text} Runbook: docs/operations.md#canary`;

/** The canary's alarms by metric; the name of each is `{service}-{metric}-{environment}`. */
export function canaryAlarms(
  settings: Settings,
  version: pulumi.Input<string>,
): Record<string, CanaryAlarm> {
  const source = { namespace: "AWS/Lambda", dimensions: canaryDimensions(settings, version) };
  const sum = (id: string, metricName: string) => ({
    id,
    metric: { ...source, metricName, period: 60, stat: "Sum" },
  });
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
