/**
 * The alarms as plain data: how urgent each is, what it reads, when it rings and what it means.
 *
 * P1: the service is down. P2: it fails, or work is lost. P3: it gets worse. P4: it may run out of something.
 */
import type * as aws from "@pulumi/aws";
import type { Settings } from "../settings.ts";
import { type Metric, type ServiceMetrics, serviceMetrics } from "./metrics.ts";
import { releaseMinutes } from "./release-window.ts";

/** Levels of urgency, the highest first. */
export const SEVERITIES = ["P1", "P2", "P3", "P4"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What CloudWatch is told of an alarm, without its name, its text and whom it tells. */
export type AlarmRule = Omit<
  aws.cloudwatch.MetricAlarmArgs,
  "name" | "alarmDescription" | "alarmActions" | "okActions" | "insufficientDataActions"
>;

/** One alarm. Its name is `{service}-{metric}-{environment}`. */
export interface Alarm {
  readonly severity: Severity;
  /** What is wrong while it is red, in one sentence. */
  readonly meaning: string;
  /** Heading in docs/operations.md, as an anchor. */
  readonly runbook: string;
  /** Rings through the composite alarms that it is a part of instead of by itself. */
  readonly part?: true;
  readonly rule: AlarmRule;
}

/** An alarm made of others, so that one incident rings once. */
export interface CompositeAlarm {
  /** Tells nobody: others are silent while it is red. */
  readonly part?: true;
  readonly severity: Severity;
  readonly meaning: string;
  readonly runbook: string;
  /** Red while any of these is … */
  readonly anyOf: readonly string[];
  /** … or the first of these is, without the second … */
  readonly orElse?: { readonly red: string; readonly without: string };
  /** … and none of these. */
  readonly unless?: readonly string[];
  /** Tells nobody while this one is red, nor for some time after. */
  readonly suppressor?: {
    readonly metric: string;
    /** Time after, in seconds: the longest window in which what is over still shows. */
    readonly extensionSeconds: number;
  };
}

/** Calls within a minute from which "all of them fail" says something. */
const OUTAGE_CALLS = 5;
/** Percent of failing calls from which the service counts as down. */
const OUTAGE_PERCENT = 90;
/** Calls within five minutes below which a share says nothing. */
export const SHARE_CALLS = 20;
/** Percent of calls that the service refuses. Callers make mistakes; when half are wrong, the rule may be. */
const REFUSAL_PERCENT = 50;
/** Percent of calls that pay for a cold start. */
const COLD_START_PERCENT = 50;
/** Percent of the timeout from which a call is about to be killed. */
const TIMEOUT_PERCENT = 80;
/** Percent of the memory; what a sandbox has once used never falls again. */
const MEMORY_PERCENT = 85;
/** Percent of the account's concurrency. */
const CONCURRENCY_PERCENT = 70;
/** Lambda's own two retries take about three minutes; older events wait for capacity. In ms. */
const EVENT_AGE_MS = 300_000;

/**
 * Of so many minutes, those in which the service may fail while a release goes back: two of calls, three until it is
 * back, and three of asynchronous events that the version tries again.
 */
const LASTING = { windows: 15, datapoints: 9 };

const MB = 1_000_000;

// No traffic is no fault: without a data point these alarms are quiet.
const quiet = { treatMissingData: "notBreaching" } as const;

/** The figure is over the threshold in `datapoints` of the last `windows` windows. */
export interface Limit {
  readonly above?: number;
  readonly atLeast?: number;
  /** Length of a window in seconds. */
  readonly window: number;
  /** How many windows are looked at. Default 1. */
  readonly windows?: number;
  /** How many of them must be over the limit. Default: all. */
  readonly datapoints?: number;
}

const limit = ({ above, atLeast, windows = 1, datapoints = windows }: Limit) => ({
  ...quiet,
  evaluationPeriods: windows,
  datapointsToAlarm: datapoints,
  comparisonOperator:
    above === undefined ? "GreaterThanOrEqualToThreshold" : "GreaterThanThreshold",
  threshold: above ?? atLeast ?? 0,
});

/** One metric against a limit: `watch(metric, "Maximum", { above: 600, window: 300 })`. No data is no fault. */
export const watch = (metric: Metric, statistic: string, by: Limit): AlarmRule => ({
  ...metric,
  ...(statistic.startsWith("p")
    ? // An average hides the slow calls. With few samples p99 is the maximum, which is wanted here.
      { extendedStatistic: statistic, evaluateLowSampleCountPercentiles: "evaluate" }
    : { statistic }),
  period: by.window,
  ...limit(by),
});

type Input = readonly [metric: Metric, statistic: string];

/** An expression of several metrics against a limit. */
export const math = (
  label: string,
  expression: string,
  inputs: Readonly<Record<string, Input>>,
  by: Limit,
): AlarmRule => ({
  metricQueries: [
    { id: "judged", label, expression, returnData: true },
    ...Object.entries(inputs).map(([id, [{ metricName, namespace, dimensions }, stat]]) => ({
      id,
      metric: { metricName, namespace, dimensions, period: by.window, stat },
    })),
  ],
  ...limit(by),
});

/** Percent of calls, and nothing where there are too few of them to say so. */
export const share = (of: string, minimum: number): string =>
  `IF(calls < ${minimum}, 0, 100 * FILL(${of}, 0) / calls)`;

/** Those that say of a version that it fails; the others may be red for something else, such as a release. */
export const RELEASE_ALARMS: readonly string[] = ["errors", "failures", "duration"];

/** Those that are red without a fault: a release that is under way is none. */
export const NO_FAULTS: readonly string[] = ["releasing", "known"];

/** Every alarm of the service by metric. `namespace` is that of the handler's own metrics. */
export function serviceAlarms(settings: Settings, namespace: string): Record<string, Alarm> {
  const metrics = serviceMetrics(settings, namespace);
  return {
    ...outage(settings, metrics),
    ...failures(settings, metrics),
    ...releases(settings, metrics),
    ...degradation(settings, metrics),
    ...capacity(settings, metrics),
  };
}

function outage(
  { silenceAlarmMinutes }: Settings,
  { lambda, own, deadLetters }: ServiceMetrics,
): Record<string, Alarm> {
  const part = { severity: "P1", part: true, runbook: "down" } as const;
  // One bad minute is enough, also behind newer ones: a failure counts in the minute in which its call began.
  const soon = { window: 60, windows: 3, datapoints: 1 };
  return {
    "all-failing": {
      ...part,
      meaning: `At least ${OUTAGE_PERCENT} % of ${OUTAGE_CALLS} or more calls within a minute failed.`,
      rule: math(
        "Failing calls in percent",
        // Lambda counts what ends with an error, the handler also what it answers with one.
        `IF(calls < ${OUTAGE_CALLS}, 0, 100 * MAX([errors, FILL(failed, 0)]) / calls)`,
        {
          calls: [lambda("Invocations"), "Sum"],
          errors: [lambda("Errors"), "Sum"],
          failed: [own("FailedCount"), "Sum"],
        },
        { atLeast: OUTAGE_PERCENT, ...soon },
      ),
    },
    "all-throttled": {
      ...part,
      meaning: `Lambda throttled ${OUTAGE_CALLS} or more calls within a minute and let none through.`,
      rule: math(
        "Throttled calls while none got through",
        "IF(FILL(calls, 0) > 0, 0, throttles)",
        { throttles: [lambda("Throttles"), "Sum"], calls: [lambda("Invocations"), "Sum"] },
        { atLeast: OUTAGE_CALLS, ...soon },
      ),
    },
    "nothing-succeeds": {
      ...part,
      meaning: "Events are given up, and no call has succeeded for five minutes.",
      rule: math(
        "Events given up while nothing succeeds",
        "IF(FILL(succeeded, 0) > 0, 0, given_up)",
        {
          given_up: [deadLetters("NumberOfMessagesSent"), "Sum"],
          succeeded: [own("SuccessCount"), "Sum"],
        },
        { atLeast: 3, window: 300 },
      ),
    },
    ...(silenceAlarmMinutes > 0 && {
      silence: {
        ...part,
        meaning: `Nobody has called the service for ${silenceAlarmMinutes} minutes.`,
        rule: {
          ...watch(lambda("Invocations"), "Sum", {
            window: 60,
            windows: silenceAlarmMinutes,
          }),
          comparisonOperator: "LessThanThreshold",
          threshold: 1,
          // Here silence is the fault, but not before the first call had time to come.
          treatMissingData: "breaching",
          warmUpConfiguration: { warmUpPeriodDurationInMinutes: silenceAlarmMinutes },
        },
      },
    }),
  };
}

function failures(
  { errorAlarmThreshold }: Settings,
  { lambda, async, own, deadLetters }: ServiceMetrics,
): Record<string, Alarm> {
  const failing = { severity: "P2", part: true } as const;
  return {
    errors: {
      ...failing,
      runbook: "errors",
      meaning: `More than ${errorAlarmThreshold} invocations failed within five minutes.`,
      rule: watch(lambda("Errors"), "Sum", { above: errorAlarmThreshold, window: 300 }),
    },
    failures: {
      ...failing,
      runbook: "errors",
      meaning: `The service failed more than ${errorAlarmThreshold} requests within five minutes, answered ones included.`,
      rule: math(
        "Failed requests",
        // Beside the calls, because it has no data points while nothing fails: CloudWatch would go back to old ones.
        "IF(calls > 0, FILL(failed, 0), 0)",
        { calls: [lambda("Invocations"), "Sum"], failed: [own("FailedCount"), "Sum"] },
        { above: errorAlarmThreshold, window: 300 },
      ),
    },
    "dead-letters": {
      severity: "P2",
      part: true,
      runbook: "dead-letters",
      meaning: "Events failed at every try and wait in the dead-letter queue.",
      // The maximum: an idle queue stops reporting, and a sum would count each message once a report.
      rule: watch(deadLetters("ApproximateNumberOfMessagesVisible"), "Maximum", {
        atLeast: 1,
        window: 300,
      }),
    },
    "dropped-events": {
      severity: "P2",
      part: true,
      runbook: "dead-letters",
      meaning: "Lambda gave up asynchronous events without having processed them.",
      rule: watch(async("AsyncEventsDropped"), "Sum", { atLeast: 1, window: 300 }),
    },
    "undelivered-dead-letters": {
      severity: "P2",
      runbook: "undelivered-dead-letters",
      meaning: "Lambda could not put a failed event into the dead-letter queue: it is lost.",
      rule: watch(async("DeadLetterErrors"), "Sum", { atLeast: 1, window: 300 }),
    },
  };
}

/** What tells a failure that a release takes back from one that stays. Neither rings; there is none without a canary. */
function releases(
  settings: Settings,
  { lambda, own, hookRuns }: ServiceMetrics,
): Record<string, Alarm> {
  const minutes = releaseMinutes(settings);
  if (minutes === 0) return {};
  const part = { severity: "P2", part: true, runbook: "errors" } as const;
  return {
    releasing: {
      ...part,
      meaning: `A release began within the last ${minutes} minutes. By itself this is no fault.`,
      rule: watch(hookRuns, "Sum", { atLeast: 1, window: 60, windows: minutes, datapoints: 1 }),
    },
    "lasting-failures": {
      ...part,
      meaning: `The service has failed too often in ${LASTING.datapoints} of ${LASTING.windows} minutes, which is longer than a release needs to go back.`,
      rule: math(
        "Failed invocations or requests, whichever are more",
        "IF(calls > 0, MAX([errors, FILL(failed, 0)]), 0)",
        {
          calls: [lambda("Invocations"), "Sum"],
          errors: [lambda("Errors"), "Sum"],
          failed: [own("FailedCount"), "Sum"],
        },
        // The share of a minute in the number that five of them may have.
        { above: settings.errorAlarmThreshold / 5, window: 60, ...LASTING },
      ),
    },
  };
}

function degradation(
  { durationAlarmMs, timeoutSeconds, deadLetterRetentionDays }: Settings,
  { lambda, own, deadLetters }: ServiceMetrics,
): Record<string, Alarm> {
  const calls = [lambda("Invocations"), "Sum"] as const;
  const lasting = { window: 300, windows: 3, datapoints: 2 };
  const nearTimeoutMs = (timeoutSeconds * 1000 * TIMEOUT_PERCENT) / 100;
  const halfRetentionDays = deadLetterRetentionDays / 2;
  return {
    duration: {
      severity: "P3",
      part: true,
      runbook: "duration",
      meaning: `The slowest hundredth of invocations took more than ${durationAlarmMs} ms in two of three five-minute windows.`,
      rule: watch(lambda("Duration"), "p99", { above: durationAlarmMs, ...lasting }),
    },
    "near-timeout": {
      severity: "P3",
      part: true,
      runbook: "duration",
      meaning: `Invocations took ${TIMEOUT_PERCENT} % of the timeout of ${timeoutSeconds} s or more in two of three five-minute windows.`,
      rule: watch(lambda("Duration"), "Maximum", { atLeast: nearTimeoutMs, ...lasting }),
    },
    refusals: {
      severity: "P3",
      runbook: "refusals",
      meaning: `The service refused more than ${REFUSAL_PERCENT} % of at least ${SHARE_CALLS} calls in two of three five-minute windows.`,
      rule: math(
        "Refused calls in percent",
        share("refused", SHARE_CALLS),
        { calls, refused: [own("RefusedCount"), "Sum"] },
        { above: REFUSAL_PERCENT, ...lasting },
      ),
    },
    "cold-starts": {
      severity: "P3",
      runbook: "cold-starts",
      meaning: `More than ${COLD_START_PERCENT} % of at least ${SHARE_CALLS} calls were cold starts in two of three five-minute windows.`,
      rule: math(
        "Cold starts in percent",
        share("cold", SHARE_CALLS),
        { calls, cold: [own("ColdStart"), "Sum"] },
        { above: COLD_START_PERCENT, ...lasting },
      ),
    },
    "dead-letter-age": {
      severity: "P3",
      runbook: "dead-letters",
      meaning: `The oldest dead letter has waited ${halfRetentionDays} of ${deadLetterRetentionDays} days; then SQS deletes it.`,
      rule: watch(deadLetters("ApproximateAgeOfOldestMessage"), "Maximum", {
        atLeast: halfRetentionDays * 86_400,
        window: 300,
      }),
    },
  };
}

function capacity(
  { throttleAlarmThreshold, memoryMb, logVolumeAlarmMb, functionId }: Settings,
  { lambda, async, memoryUsed, logBytes, accountConcurrency }: ServiceMetrics,
): Record<string, Alarm> {
  return {
    throttles: {
      severity: "P4",
      runbook: "throttles",
      meaning: `At least ${throttleAlarmThreshold} invocations were throttled within a minute.`,
      rule: watch(lambda("Throttles"), "Sum", { atLeast: throttleAlarmThreshold, window: 60 }),
    },
    // Of the whole account: one of the service's functions is enough to say so.
    ...(functionId === undefined && {
      concurrency: {
        severity: "P4",
        runbook: "throttles",
        meaning: `The account's functions have claimed more than ${CONCURRENCY_PERCENT} % of its concurrency for three minutes.`,
        rule: math(
          "Claimed concurrency in percent of the account's quota",
          "100 * claimed / SERVICE_QUOTA(claimed)",
          { claimed: [accountConcurrency, "Maximum"] },
          { above: CONCURRENCY_PERCENT, window: 60, windows: 3 },
        ),
      },
    }),
    memory: {
      severity: "P4",
      runbook: "memory",
      meaning: `The function used more than ${MEMORY_PERCENT} % of its ${memoryMb} MB in two of three five-minute windows.`,
      rule: watch(memoryUsed, "Maximum", {
        above: (memoryMb * MEMORY_PERCENT) / 100,
        window: 300,
        windows: 3,
        datapoints: 2,
      }),
    },
    "event-age": {
      severity: "P4",
      runbook: "event-age",
      meaning:
        "Asynchronous events waited longer than five minutes, in two of three five-minute windows.",
      rule: watch(async("AsyncEventAge"), "Maximum", {
        above: EVENT_AGE_MS,
        window: 300,
        windows: 3,
        datapoints: 2,
      }),
    },
    "log-volume": {
      severity: "P4",
      runbook: "log-volume",
      meaning: `The function wrote more than ${logVolumeAlarmMb} MB of logs within an hour.`,
      rule: watch(logBytes, "Sum", { above: logVolumeAlarmMb * MB, window: 3600 }),
    },
  };
}

/** The composite alarms by metric. One may name those before it. */
export function compositeAlarms(
  alarms: Readonly<Record<string, Alarm>>,
): Record<string, CompositeAlarm> {
  const present = (...metrics: string[]) => metrics.filter((metric) => metric in alarms);
  // What fails while everything does has rung already, and what a canary fails is on its way back.
  const knows = "releasing" in alarms;
  const suppressor = { metric: knows ? "known" : "down", extensionSeconds: 360 };
  return {
    down: {
      severity: "P1",
      runbook: "down",
      meaning: "The service is down: nearly all calls fail, or none gets through.",
      anyOf: present(
        "all-failing",
        "all-throttled",
        "nothing-succeeds",
        "silence",
        "api-all-failing",
      ),
    },
    ...(knows && {
      known: {
        severity: "P2",
        part: true,
        runbook: "errors",
        meaning:
          "What fails is known: the service is down, or a release is under way, which goes back by itself.",
        anyOf: ["down"],
        orElse: { red: "releasing", without: "lasting-failures" },
      },
    }),
    failing: {
      severity: "P2",
      runbook: "errors",
      meaning: "The service fails more often than it may.",
      anyOf: present("errors", "failures", "api-errors"),
      suppressor,
    },
    "given-up": {
      severity: "P2",
      runbook: "dead-letters",
      meaning: "Events were given up and wait to be replayed.",
      anyOf: present("dead-letters", "dropped-events"),
      // Also after a release that went back: somebody has to replay them.
      suppressor: { ...suppressor, metric: "down" },
    },
    slow: {
      severity: "P3",
      runbook: "duration",
      meaning: "The service is slow.",
      anyOf: present("duration", "near-timeout", "api-slow"),
      unless: ["down"],
      // Failures are often slow as well; they have rung already.
      suppressor: { metric: "failing", extensionSeconds: 900 },
    },
  };
}

/** Those that tell somebody, by metric, the most urgent first. */
export const ringing = (
  alarms: Readonly<Record<string, Alarm>>,
  composites: Readonly<Record<string, CompositeAlarm>>,
): string[] => {
  return [...Object.entries(alarms), ...Object.entries(composites)]
    .filter(([, { part }]) => !part)
    .toSorted(([, a], [, b]) => a.severity.localeCompare(b.severity, "en"))
    .map(([metric]) => metric);
};
