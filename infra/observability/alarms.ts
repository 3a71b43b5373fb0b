/** The alarms as plain data: what each reads, when it fires, and what to do then. */
import type * as aws from "@pulumi/aws";
import { ALIAS_NAME, deadLetterQueueName, functionName, type Scope } from "../names.ts";
import type { Settings } from "../settings.ts";

/** One alarm without its name. */
export type Alarm = Omit<aws.cloudwatch.MetricAlarmArgs, "name">;

/**
 * Lambda's dimensions for calls through the alias. `Resource` is `function:alias`, not an ARN: a
 * wrong value leaves an alarm in INSUFFICIENT_DATA for ever. `FunctionName` alone would add up all
 * versions and calls that bypass the alias.
 */
export const aliasDimensions = (scope: Scope): { FunctionName: string; Resource: string } => ({
  FunctionName: functionName(scope),
  Resource: `${functionName(scope)}:${ALIAS_NAME}`,
});

const runbook = (text: string, anchor: string) => `${text} Runbook: docs/operations.md#${anchor}`;

// No traffic is no fault: without a data point these alarms are quiet.
const quiet = { treatMissingData: "notBreaching" };

/** The function's alarms by metric; the name of each is `{service}-{metric}-{environment}`. */
export function functionAlarms(settings: Settings): Record<string, Alarm> {
  const lambda = { namespace: "AWS/Lambda", dimensions: aliasDimensions(settings) };
  return {
    errors: {
      ...lambda,
      ...quiet,
      alarmDescription: runbook(
        `More than ${settings.errorAlarmThreshold} invocations failed within five minutes.`,
        "errors",
      ),
      metricName: "Errors",
      statistic: "Sum",
      period: 300,
      evaluationPeriods: 1,
      comparisonOperator: "GreaterThanThreshold",
      threshold: settings.errorAlarmThreshold,
    },
    duration: {
      ...lambda,
      ...quiet,
      alarmDescription: runbook(
        `The slowest hundredth of invocations took more than ${settings.durationAlarmMs} ms in two of three five-minute windows.`,
        "duration",
      ),
      metricName: "Duration",
      // An average hides the slow calls. With few samples p99 is the maximum, which is wanted here.
      extendedStatistic: "p99",
      evaluateLowSampleCountPercentiles: "evaluate",
      period: 300,
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      comparisonOperator: "GreaterThanThreshold",
      threshold: settings.durationAlarmMs,
    },
    throttles: {
      ...lambda,
      ...quiet,
      alarmDescription: runbook(
        `At least ${settings.throttleAlarmThreshold} invocations were throttled within a minute.`,
        "throttles",
      ),
      metricName: "Throttles",
      statistic: "Sum",
      period: 60,
      evaluationPeriods: 1,
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold: settings.throttleAlarmThreshold,
    },
  };
}

/** The alarm of the dead-letter queue, by metric. */
export function deadLetterAlarms(scope: Scope): Record<string, Alarm> {
  return {
    "dead-letters": {
      ...quiet,
      alarmDescription: runbook(
        "Events failed at every try and wait in the dead-letter queue.",
        "dead-letters",
      ),
      namespace: "AWS/SQS",
      dimensions: { QueueName: deadLetterQueueName(scope) },
      metricName: "ApproximateNumberOfMessagesVisible",
      statistic: "Maximum",
      period: 300,
      evaluationPeriods: 1,
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold: 1,
    },
  };
}
