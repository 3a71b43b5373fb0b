/**
 * Every value that was measured, found again by exactly the same dimensions only, and only once it has been
 * delivered. Values of different units are one series: nothing here asks for a unit.
 */

/** Dimension names and values. */
export type Dimensions = Readonly<Record<string, string>>;

/** Sum, Average, Minimum, Maximum, SampleCount, or a percentile such as p99. */
export type Statistic = string;

/** A metric by all that tells it from others. */
export interface Metric {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Dimensions;
}

interface Value {
  readonly atMs: number;
  readonly deliveredMs: number;
  readonly value: number;
}

/** What part of a series is asked for. */
export interface Span {
  readonly fromMs: number;
  /** The first moment that does not belong to it. */
  readonly toMs: number;
  /** What is delivered later is not seen. */
  readonly seenAtMs: number;
}

interface Series extends Metric {
  readonly values: Value[];
}

/** One stored series: never mixed with another that has fewer, more or other dimensions. */
function keyOf(metric: Metric): string {
  const known = keys.get(metric);
  if (known !== undefined) return known;
  const { namespace, metricName, dimensions } = metric;
  const sorted = Object.keys(dimensions).sort();
  const key = JSON.stringify([
    namespace,
    metricName,
    sorted.map((name) => [name, dimensions[name]]),
  ]);
  keys.set(metric, key);
  return key;
}

/** An alarm asks for the same metrics at each evaluation. */
const keys = new WeakMap<Metric, string>();

export class Metrics {
  readonly #series = new Map<string, Series>();

  /** Stores a value with the time that it is stamped with and the time from which it can be read. */
  record(metric: Metric, value: Value): void {
    const key = keyOf(metric);
    const { namespace, metricName, dimensions } = metric;
    const series = this.#series.get(key) ?? { namespace, metricName, dimensions, values: [] };
    // In the order of their stamps; most come in it.
    const isLast = (series.values.at(-1)?.atMs ?? -Infinity) <= value.atMs;
    if (isLast) series.values.push(value);
    else series.values.splice(firstFrom(series.values, value.atMs), 0, value);
    this.#series.set(key, series);
  }

  /** The statistic over a span; `undefined` where there is no data point. */
  statistic(metric: Metric, statistic: Statistic, span: Span): number | undefined {
    const all = this.#series.get(keyOf(metric))?.values ?? [];
    const values = all
      .slice(firstFrom(all, span.fromMs), firstFrom(all, span.toMs))
      .filter(({ deliveredMs }) => deliveredMs <= span.seenAtMs)
      .map(({ value }) => value);
    return values.length === 0 ? undefined : summarize(values, statistic);
  }

  /** The metrics that have at least one delivered data point. */
  list(seenAtMs: number): readonly Metric[] {
    return [...this.#series.values()].filter(({ values }) =>
      values.some(({ deliveredMs }) => deliveredMs <= seenAtMs),
    );
  }
}

/** Where the values begin that are stamped with this time or a later one. */
function firstFrom(values: readonly Value[], atMs: number): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle]?.atMs ?? Infinity) < atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

function summarize(values: readonly number[], statistic: Statistic): number {
  const sum = values.reduce((total, value) => total + value, 0);
  switch (statistic) {
    case "Sum":
      return sum;
    case "Average":
      return sum / values.length;
    case "Minimum":
      return Math.min(...values);
    case "Maximum":
      return Math.max(...values);
    case "SampleCount":
      return values.length;
    default: {
      const percent = Number(/^p(\d+(?:\.\d+)?)$/.exec(statistic)?.[1]);
      if (Number.isNaN(percent)) throw new Error(`the local cloud knows no statistic ${statistic}`);
      const sorted = values.toSorted((left, right) => left - right);
      const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length));
      return sorted[rank - 1] ?? 0;
    }
  }
}
