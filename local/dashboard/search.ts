/**
 * The SEARCH of metric math as far as a dashboard of this project uses it: one schema of dimensions, terms
 * `name="value"`, a statistic and a period (CloudWatch user guide, "Search expression syntax"). Pure.
 */

/** What a SEARCH asks for. */
export interface Search {
  readonly namespace: string;
  /** The metrics have exactly these dimensions. */
  readonly dimensionNames: readonly string[];
  readonly metricName: string;
  /** Values that some of the dimensions must have. */
  readonly wanted: Readonly<Record<string, string>>;
  readonly stat: string;
  readonly periodSeconds: number | undefined;
}

/** Names the metrics that a SEARCH found. */
export interface ListedMetric {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

const FORM = /^SEARCH\(\s*'\{([^}]+)\}\s*([^']*)'\s*,\s*'([^']+)'\s*(?:,\s*(\d+)\s*)?\)$/;
const TERM = /^(\w+)="([^"]*)"$/;

export const isSearch = (expression: string): boolean => /\bSEARCH\s*\(/.test(expression);

/** Reads a SEARCH; `undefined` for a form that is not known here. */
export function parseSearch(expression: string): Search | undefined {
  const [, schema, terms, stat = "", period] = FORM.exec(expression.trim()) ?? [];
  if (schema === undefined || terms === undefined) return undefined;
  const [namespace = "", ...dimensionNames] = schema.split(",").map((part) => part.trim());
  const wanted: Record<string, string> = {};
  for (const term of terms.match(/\S+="[^"]*"|\S+/g) ?? []) {
    const [, name, value = ""] = TERM.exec(term) ?? [];
    if (name === undefined) return undefined;
    wanted[name] = value;
  }
  const { MetricName: metricName, ...dimensions } = wanted;
  if (metricName === undefined) return undefined;
  return {
    namespace: namespace.replaceAll('"', ""),
    dimensionNames,
    metricName,
    wanted: dimensions,
    stat,
    periodSeconds: period === undefined ? undefined : Number(period),
  };
}

/** The metrics that a search finds among those that exist, by their dimensions. */
export const found = (search: Search, listed: readonly ListedMetric[]): ListedMetric[] =>
  listed
    .filter(
      ({ namespace, metricName, dimensions }) =>
        namespace === search.namespace &&
        metricName === search.metricName &&
        Object.keys(dimensions).sort().join() === search.dimensionNames.toSorted().join() &&
        Object.entries(search.wanted).every(([name, value]) => dimensions[name] === value),
    )
    .toSorted((a, b) =>
      valuesOf(a).localeCompare(valuesOf(b), "en", { numeric: true, sensitivity: "base" }),
    );

const valuesOf = ({ dimensions }: ListedMetric): string => Object.values(dimensions).join(" ");

/** A label with the values of the metric that it names, such as `version ${PROP('Dim.ExecutedVersion')}`. */
export function labelOf(label: string | undefined, metric: ListedMetric): string {
  const values: Readonly<Record<string, string>> = {
    MetricName: metric.metricName,
    Namespace: metric.namespace,
    ...Object.fromEntries(
      Object.entries(metric.dimensions).map(([name, value]) => [`Dim.${name}`, value]),
    ),
  };
  const template = label ?? "${PROP('MetricName')}";
  return template.replaceAll(
    /\$\{PROP\('([^']+)'\)\}/g,
    (whole, name: string) => values[name] ?? whole,
  );
}
