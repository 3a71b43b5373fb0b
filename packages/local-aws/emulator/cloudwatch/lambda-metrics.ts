/** What Lambda emits for one invocation: which metrics, and under which dimensions. */
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
  readonly durationMs: number;
}

export function recordInvocation(metrics: Metrics, invocation: Invocation, atMs?: number): void {
  const { functionName, failed, throttled, durationMs } = invocation;
  const record = (metricName: string, value: number) => {
    for (const dimensions of dimensionSets(invocation)) {
      metrics.record(
        "AWS/Lambda",
        metricName,
        { FunctionName: functionName, ...dimensions },
        value,
        atMs,
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
