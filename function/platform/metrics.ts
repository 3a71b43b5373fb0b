/**
 * Metrics as log lines in CloudWatch's embedded metric format, one line an invocation.
 * Put here: the format. Documented under "Embedded metric format specification". The methods are called as in
 * Powertools, a test holds the lines to its lines, and docs/decisions/0301-own-telemetry.md says why it is not here.
 */

/** Takes one line of JSON, without its end. */
export type Write = (line: string) => void;

export type Unit = "Count" | "Milliseconds" | "Seconds" | "Bytes" | "Percent" | "None";

export interface Metrics {
  addMetric(name: string, unit: Unit, value: number): unknown;
  addMetadata(key: string, value: string): unknown;
  publishStoredMetrics(): unknown;
}

export interface MetricsOptions {
  readonly namespace: string;
  /** For every metric. They stay bounded: each further value is a metric of its own on the bill. */
  readonly dimensions: Readonly<Record<string, string>>;
  /** The function's version, for the metrics that judge one. */
  readonly version: string;
  readonly write: Write;
}

/** They say whether a version works, so they are there by version too: of these two, and only when they are not 0. */
const BY_VERSION = ["FailedCount", "RefusedCount"];

/** Limits of the format. */
const MAX_METRICS = 100;
const MAX_VALUES = 100;

/** What a line has beside metrics, so that no metric may be called so. */
const RESERVED = /^(_aws|service|environment|version|correlation_id|outcome)$/;

/** Whether CloudWatch takes it: a name of 1 to 255 printable ASCII characters, a number that it can store. */
export const isMetric = (name: string, value: number): boolean =>
  /^[ -~]{1,255}$/.test(name) && !RESERVED.test(name) && Math.abs(value) <= 2 ** 360;

export function emfMetrics({ namespace, dimensions, version, write }: MetricsOptions): Metrics {
  let values = new Map<string, { unit: Unit; values: number[] }>();
  let metadata: Record<string, string> = {};

  const publishStoredMetrics = (): void => {
    if (values.size > 0) write(JSON.stringify(line()));
    values = new Map();
    metadata = {};
  };

  const line = (): object => {
    const names = [...values.keys()];
    const directive = (sets: string[], of: string[]) => ({
      Namespace: namespace,
      Dimensions: [sets],
      Metrics: of.map((Name) => ({ Name, Unit: values.get(Name)?.unit })),
    });
    const judged = names.filter((name) => BY_VERSION.includes(name));
    const keys = Object.keys(dimensions);
    return {
      _aws: {
        Timestamp: Date.now(),
        CloudWatchMetrics: [
          directive(keys, names),
          ...(judged.length > 0 ? [directive([...keys, "version"], judged)] : []),
        ],
      },
      ...metadata,
      ...dimensions,
      ...(judged.length > 0 && { version }),
      ...Object.fromEntries(
        [...values].map(([name, { values }]) => [name, values.length > 1 ? values : values[0]]),
      ),
    };
  };

  return {
    addMetric(name, unit, value) {
      const stored = values.get(name);
      if (stored && stored.values.length < MAX_VALUES) return stored.values.push(value);
      if (stored || values.size === MAX_METRICS) publishStoredMetrics();
      return values.set(name, { unit, values: [value] });
    },
    addMetadata(key, value) {
      metadata[key] = value;
    },
    publishStoredMetrics,
  };
}
