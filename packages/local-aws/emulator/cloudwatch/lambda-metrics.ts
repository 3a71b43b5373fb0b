/** What Lambda emits for one invocation: which metrics, under which dimensions, stamped with which time. */
import type { Dimensions, Metrics } from "./metrics.ts";

/** One finished invocation. */
export interface Invocation {
  readonly functionName: string;
  /** Alias or version that was called; absent for an unqualified call. */
  readonly qualifier?: string | undefined;
  /** Version that answered. */
  readonly executedVersion: string;
  /** Whether the alias had weights. Lambda emits `ExecutedVersion` only then. */
  readonly weighted: boolean;
  readonly failed: boolean;
  readonly throttled: boolean;
  /** Milliseconds since 1970. */
  readonly startedMs: number;
  readonly endedMs: number;
  /** What is emitted as Duration; longer than the time between start and end where a minute is shorter. */
  readonly durationMs: number;
}

/**
 * Stores what one invocation emits. Lambda stamps every metric with the start of the invocation (Lambda
 * developer guide, "Types of metrics"), so an invocation that runs for minutes lands in a past minute; it
 * is readable `delayMs` after its end (real alarms turned red 50 s after the first error).
 */
export function recordInvocation(metrics: Metrics, invocation: Invocation, delayMs: number): void {
  const { functionName, failed, throttled, startedMs: atMs, endedMs, durationMs } = invocation;
  const deliveredMs = endedMs + delayMs;
  const record = (metricName: string, value: number) => {
    for (const dimensions of dimensionSets(invocation)) {
      metrics.record(
        {
          namespace: "AWS/Lambda",
          metricName,
          dimensions: { FunctionName: functionName, ...dimensions },
        },
        { atMs, deliveredMs, value },
      );
    }
  };
  record("Throttles", Number(throttled));
  // A throttled call is neither an invocation nor an error.
  if (throttled) return;
  record("Invocations", 1);
  record("Errors", Number(failed));
  record("Duration", durationMs);
}

function dimensionSets({
  functionName,
  qualifier,
  executedVersion,
  weighted,
}: Invocation): Dimensions[] {
  if (qualifier === undefined) return [{}];
  const resource = { Resource: `${functionName}:${qualifier}` };
  return weighted
    ? [{}, resource, { ...resource, ExecutedVersion: executedVersion }]
    : [{}, resource];
}
