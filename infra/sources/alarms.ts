/** What is watched of event sources. Runbooks: docs/operations.md#runbooks. */
import { functionName, type Scope } from "../names.ts";
import { type Alarm, watch } from "../observability/alarms.ts";
import type { Metric } from "../observability/metrics.ts";
import type { Settings } from "../settings/parse.ts";
import { scheduleGroupName, sourceDeadLettersName, sourceQueueName } from "./names.ts";
import {
  isQueued,
  type QueuedSource,
  retentionSeconds,
  type Source,
  visibilitySeconds,
} from "./source.ts";

type Facts = Scope & Pick<Settings, "timeoutSeconds" | "deadLetterRetentionDays">;

const queueMetric = (QueueName: string, metricName: string): Metric => ({
  namespace: "AWS/SQS",
  metricName,
  dimensions: { QueueName },
});

/** A backlog is what a queue is for; a shorter one than this is none. */
const LEAST_AGE_SECONDS = 600;
/** A stream keeps its records for a day; half of that is left to put things right. */
const ITERATOR_AGE_MS = 12 * 3_600_000;

/** The alarms of all sources, by metric. */
export function sourcesAlarms(
  facts: Facts,
  sources: readonly Source[],
): Readonly<Record<string, Alarm>> {
  const has = (kind: Source["kind"]) => sources.some((source) => source.kind === kind);
  return {
    ...Object.assign({}, ...sources.map((source) => deadLetters(facts, source))),
    ...Object.assign({}, ...sources.filter(isQueued).map((source) => age(facts, source))),
    ...(has("stream") && late(facts)),
    ...(has("schedule") && notFired(facts)),
  };
}

function deadLetters(scope: Scope, source: Source): Readonly<Record<string, Alarm>> {
  const metric = queueMetric(
    sourceDeadLettersName(scope, source),
    "ApproximateNumberOfMessagesVisible",
  );
  return {
    [`${source.name}-dead-letters`]: {
      severity: "P2",
      runbook: "source-dead-letters",
      meaning: `What the source ${source.name} delivered failed at every try and waits in its dead-letter queue.`,
      rule: watch(metric, "Maximum", { atLeast: 1, window: 300 }),
    },
  };
}

function age(facts: Facts, source: QueuedSource): Readonly<Record<string, Alarm>> {
  const hidden = visibilitySeconds(source, facts.timeoutSeconds);
  // What fails is here for all its tries, and has an alarm as a dead letter; what is older waits in line.
  const seconds = Math.max(LEAST_AGE_SECONDS, (source.maxReceives + 1) * hidden);
  const hours = Math.round(retentionSeconds(facts.deadLetterRetentionDays) / 3600);
  const metric = queueMetric(sourceQueueName(facts, source), "ApproximateAgeOfOldestMessage");
  return {
    [`${source.name}-age`]: {
      severity: "P3",
      runbook: "source-behind",
      meaning: `The oldest message of the source ${source.name} has waited for ${Math.round(seconds / 60)} minutes; after ${hours} hours SQS deletes it.`,
      rule: watch(metric, "Maximum", { atLeast: seconds, window: 300, windows: 2 }),
    },
  };
}

/** How late records of all streams are read: Lambda counts it by the function, not by the stream. */
export const iteratorAge = (scope: Scope): Metric => ({
  namespace: "AWS/Lambda",
  metricName: "IteratorAge",
  dimensions: { FunctionName: functionName(scope) },
});

const late = (scope: Scope): Readonly<Record<string, Alarm>> => ({
  "iterator-age": {
    severity: "P3",
    runbook: "source-behind",
    meaning:
      "Records of a stream are read more than 12 hours late; after 24 the stream drops them.",
    rule: watch(iteratorAge(scope), "Maximum", { above: ITERATOR_AGE_MS, window: 300 }),
  },
});

/** Of all schedules: EventBridge Scheduler counts by their group. */
const notFired = (scope: Scope): Readonly<Record<string, Alarm>> => ({
  "schedules-not-fired": {
    severity: "P2",
    runbook: "schedule-failures",
    meaning: "EventBridge Scheduler gave up calling the function.",
    rule: watch(
      {
        namespace: "AWS/Scheduler",
        metricName: "InvocationDroppedCount",
        dimensions: { ScheduleGroup: scheduleGroupName(scope) },
      },
      "Sum",
      { atLeast: 1, window: 300 },
    ),
  },
});
