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

/** Dimensions of what the handler itself counts: see function/platform/metrics.ts. */
export const handlerDimensions = ({ serviceName, environment }: Scope) => ({
  service: serviceName,
  environment,
});

const runbook = (text: string, anchor: string) => `${text} Runbook: docs/operations.md#${anchor}`;

// No traffic is no fault: without a data point these alarms are quiet.
const quiet = { treatMissingData: "notBreaching" };

/**
 * The function's alarms by metric; the name of each is `{service}-{metric}-{environment}`.
 * `metricsNamespace` is that of what the handler counts.
 */
export function functionAlarms(
  settings: Settings,
  metricsNamespace: string,
): Record<string, Alarm> {
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
    // An invocation that answers 500 over HTTP, or reports a part of a batch, is none that failed to Lambda.
    "failed-events": {
      ...quiet,
      alarmDescription: runbook(
        `More than ${settings.errorAlarmThreshold} events failed within five minutes, by a fault of the service.`,
        "failed-events",
      ),
      namespace: metricsNamespace,
      dimensions: handlerDimensions(settings),
      metricName: "FailedCount",
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

/** Refused events from which their share says something: a few are anybody's typing errors. */
const MIN_REFUSALS = 10;

/**
 * The alarm on what callers send. No release is judged by it: what strangers send must not stop a hotfix.
 * A release that refuses too much shows against the version that serves: see release/alarms.ts.
 */
export function refusalAlarms(settings: Settings, metricsNamespace: string): Record<string, Alarm> {
  const sum = (id: string, metric: object & { readonly metricName: string }) => ({
    id,
    metric: { ...metric, period: 300, stat: "Sum" },
  });
  const refused = {
    namespace: metricsNamespace,
    dimensions: handlerDimensions(settings),
    metricName: "RefusedCount",
  };
  const calls = {
    namespace: "AWS/Lambda",
    dimensions: aliasDimensions(settings),
    metricName: "Invocations",
  };
  return {
    "refused-events": {
      ...quiet,
      alarmDescription: runbook(
        "As many events as half of the calls were refused in two of three five-minute windows.",
        "refused-events",
      ),
      metricQueries: [
        {
          id: "share",
          label: "Refused events in percent of the calls, where there are ten or more",
          expression: `IF(refused < ${MIN_REFUSALS}, 0, 100 * refused / calls)`,
          returnData: true,
        },
        sum("refused", refused),
        sum("calls", calls),
      ],
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      comparisonOperator: "GreaterThanThreshold",
      threshold: 50,
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
