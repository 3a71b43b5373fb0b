/**
 * Every metric that an alarm, the dashboard or a release reads: the one source of their names and dimensions. What
 * the handler counts itself comes from the handler's own list.
 */
import type {
  HandlerDimensions,
  HandlerMetric,
  VersionDimension,
  VersionMetric,
} from "../../function/platform/metric-names.ts";
import {
  ALIAS_NAME,
  deadLetterQueueName,
  functionName,
  functionPrefix,
  hookFunctionName,
  logGroupName,
  type Scope,
} from "../names.ts";

/** One metric of CloudWatch. */
export interface Metric {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/**
 * Lambda's dimensions for calls through the alias. `Resource` is `function:alias`, not an ARN: a
 * wrong value leaves an alarm in INSUFFICIENT_DATA for ever. `FunctionName` alone would add up all
 * versions and calls that bypass the alias.
 */
export const aliasDimensions = (scope: Scope): { FunctionName: string; Resource: string } => ({
  FunctionName: functionName(scope),
  Resource: `${functionName(scope)}:${ALIAS_NAME}`,
});

/**
 * The dimensions of calls through an alias that one version answered. Lambda emits them only while the alias has
 * weights, which is exactly during a canary; all three must be there, or an alarm reads a metric that nobody emits
 * and never fires.
 */
export const executedVersionDimensions = (
  { functionName, aliasName }: { readonly functionName: string; readonly aliasName: string },
  version: string,
): Readonly<Record<string, string>> => ({
  FunctionName: functionName,
  Resource: `${functionName}:${aliasName}`,
  ExecutedVersion: version,
});

/** Dimensions of what the handler itself counts: see function/platform/metrics.ts. */
const handlerDimensions = (scope: Scope): HandlerDimensions => ({
  service: functionPrefix(scope),
  environment: scope.environment,
});

/** What the handler counts of all versions. `namespace` is that of its own metrics, the project's name. */
export const handlerMetric = (
  scope: Scope,
  namespace: string,
  metricName: HandlerMetric,
): Metric => ({
  namespace,
  metricName,
  dimensions: handlerDimensions(scope),
});

/** What the handler counts of one version. */
export const versionMetric = (
  scope: Scope,
  namespace: string,
  metricName: VersionMetric,
  version: string,
): Metric => ({
  namespace,
  metricName,
  dimensions: {
    ...handlerDimensions(scope),
    version,
  } satisfies HandlerDimensions & Record<VersionDimension, string>,
});

/** What Lambda counts of calls through the alias. */
type LambdaMetric =
  | "Invocations"
  | "Errors"
  | "Duration"
  | "Throttles"
  | "ConcurrentExecutions"
  | "ProvisionedConcurrencySpilloverInvocations"
  | "ProvisionedConcurrencyUtilization";

/** What Lambda counts of the function as a whole, whichever version answers. */
type FunctionMetric = "ConcurrentExecutions";

/** What Lambda counts of asynchronous events, for the function as a whole. */
type AsyncMetric = "AsyncEventAge" | "AsyncEventsDropped" | "DeadLetterErrors";

/** What SQS says of the dead-letter queue. */
type QueueMetric =
  | "ApproximateNumberOfMessagesVisible"
  | "ApproximateAgeOfOldestMessage"
  | "NumberOfMessagesSent";

/** Every metric of one service. `namespace` is that of the handler's own metrics, the project's name. */
export function serviceMetrics(scope: Scope, namespace: string) {
  return {
    lambda: (metricName: LambdaMetric): Metric => ({
      namespace: "AWS/Lambda",
      metricName,
      dimensions: aliasDimensions(scope),
    }),
    ofFunction: (metricName: FunctionMetric): Metric => ({
      namespace: "AWS/Lambda",
      metricName,
      dimensions: { FunctionName: functionName(scope) },
    }),
    async: (metricName: AsyncMetric): Metric => ({
      namespace: "AWS/Lambda",
      metricName,
      dimensions: { FunctionName: functionName(scope) },
    }),
    /** Runs of the pre-traffic hook, of which each release has one. */
    hookRuns: {
      namespace: "AWS/Lambda",
      metricName: "Invocations",
      dimensions: { FunctionName: hookFunctionName(scope) },
    } satisfies Metric,
    own: (metricName: HandlerMetric): Metric => handlerMetric(scope, namespace, metricName),
    deadLetters: (metricName: QueueMetric): Metric => ({
      namespace: "AWS/SQS",
      metricName,
      dimensions: { QueueName: deadLetterQueueName(scope) },
    }),
    /** Bytes written to the function's log group. */
    logBytes: {
      namespace: "AWS/Logs",
      metricName: "IncomingBytes",
      dimensions: { LogGroupName: logGroupName(scope) },
    } satisfies Metric,
    /** Taken from Lambda's report lines by a metric filter, which cannot set constant dimensions. */
    memoryUsed: {
      namespace: `${namespace}/${functionPrefix(scope)}-${scope.environment}`,
      metricName: "MaxMemoryUsedMB",
      dimensions: {},
    } satisfies Metric,
    /** Concurrency that the account's functions have claimed; it has no dimensions. */
    accountConcurrency: {
      namespace: "AWS/Lambda",
      metricName: "ClaimedAccountConcurrency",
      dimensions: {},
    } satisfies Metric,
  };
}

export type ServiceMetrics = ReturnType<typeof serviceMetrics>;
