/** The data points that Lambda would have emitted, found again by exactly the same dimensions only. */

/** Dimension names and values. */
export type Dimensions = Readonly<Record<string, string>>;

/** Sum, Average, Minimum, Maximum, SampleCount, or a percentile such as p99. */
export type Statistic = string;

interface Point {
  readonly atMs: number;
  readonly value: number;
}

/** One stored series: never mixed with another that has fewer, more or other dimensions. */
const keyOf = (namespace: string, metricName: string, dimensions: Dimensions): string =>
  JSON.stringify([
    namespace,
    metricName,
    Object.keys(dimensions)
      .sort()
      .map((name) => [name, dimensions[name]]),
  ]);

export class Metrics {
  readonly #series = new Map<string, Point[]>();

  record(
    namespace: string,
    metricName: string,
    dimensions: Dimensions,
    value: number,
    atMs = Date.now(),
  ): void {
    const key = keyOf(namespace, metricName, dimensions);
    const points = this.#series.get(key) ?? [];
    points.push({ atMs, value });
    this.#series.set(key, points);
  }

  /** The statistic over `[fromMs, toMs)`; `undefined` where there is no data point. */
  statistic(
    metric: { namespace: string; metricName: string; dimensions: Dimensions },
    statistic: Statistic,
    fromMs: number,
    toMs: number,
  ): number | undefined {
    const points = this.#series.get(keyOf(metric.namespace, metric.metricName, metric.dimensions));
    const values = (points ?? [])
      .filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
      .map(({ value }) => value);
    return values.length === 0 ? undefined : summarize(values, statistic);
  }
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
