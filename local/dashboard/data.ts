/** What a dashboard shows at a moment: asked of a source widget by widget, and plain enough to be saved as JSON. */
import type { MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import type { Axis, Dashboard, LineSpec, LogWidget, MetricWidget, Widget } from "./body.ts";
import { found, isSearch, labelOf, type ListedMetric, parseSearch } from "./search.ts";

/** A time and a value. */
export type Point = readonly [atMs: number, value: number];

/** From when to when, in milliseconds since 1970. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A line of a graph, or the number of a single value. */
export interface Line {
  readonly label: string;
  readonly axis: Axis;
  /** Time between two points; where more is missing, the line has a gap. */
  readonly stepMs: number;
  /** Oldest first. */
  readonly points: readonly Point[];
  /** Why there is no line; what is not computed is named, never left out. */
  readonly problem?: string | undefined;
}

export interface AlarmStatus {
  readonly name: string;
  readonly state: "OK" | "ALARM" | "INSUFFICIENT_DATA" | "missing";
  /** Since when, in milliseconds since 1970, where that is known. */
  readonly sinceMs?: number | undefined;
}

/** One row of a query's result; what it has not is absent. */
export type Row = Readonly<Record<string, string | number | boolean | null>>;

/** What a widget shows. */
export type WidgetData =
  | { readonly kind: "lines"; readonly lines: readonly Line[] }
  | { readonly kind: "alarms"; readonly alarms: readonly AlarmStatus[] }
  | { readonly kind: "rows"; readonly rows: readonly Row[] }
  | { readonly kind: "problem"; readonly problem: string }
  | { readonly kind: "none" };

/** A moment that every graph draws: a release began, or went back. */
export interface Moment {
  readonly atMs: number;
  readonly label: string;
}

export interface DashboardData extends Span {
  /** Length of a minute in milliseconds; shorter than 60,000 in the local cloud. */
  readonly minuteMs: number;
  /** In the order of the body's widgets. */
  readonly widgets: readonly WidgetData[];
  readonly releases: readonly Moment[];
}

/** Where the data comes from: an account, the local cloud, or samples. */
export interface Source {
  readonly minuteMs: number;
  /** The metrics of a name that have data. */
  list(namespace: string, metricName: string): Promise<readonly ListedMetric[]>;
  /** The points of the queries that return data, by their ids. */
  read(queries: readonly MetricDataQuery[], span: Span): Promise<ReadonlyMap<string, Point[]>>;
  alarms(names: readonly string[]): Promise<readonly AlarmStatus[]>;
  rows(widget: Pick<LogWidget, "logGroupName" | "query">, span: Span): Promise<readonly Row[]>;
  releases(span: Span): Promise<readonly Moment[]>;
  /** Why an expression cannot be computed there; `undefined` when it can. */
  problemOf(expression: string, ids: readonly string[]): string | undefined;
}

/** Asks for all that the dashboard shows. What one widget cannot have is its own problem, and leaves the others alone. */
export async function readData(
  { widgets }: Dashboard,
  source: Source,
  span: Span,
): Promise<DashboardData> {
  const [data, releases] = await Promise.all([
    readAll(widgets, source, span),
    source.releases(span).catch(() => []),
  ]);
  return { ...span, minuteMs: source.minuteMs, widgets: data, releases };
}

/** Widgets that are read at once: more would only wait for each other, and time out on a busy machine. */
const AT_ONCE = 4;

async function readAll(
  widgets: readonly Widget[],
  source: Source,
  span: Span,
): Promise<WidgetData[]> {
  const read: WidgetData[] = [];
  const waiting = [...widgets.entries()];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [index, widget] = next;
      read[index] = await readWidget(widget, source, span);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return read;
}

const NOT_READ = "not read: ";

/** Whether a widget's data could not be read, and might be at another try. */
export const isUnread = (
  data: WidgetData,
): data is Extract<WidgetData, { readonly kind: "problem" }> =>
  data.kind === "problem" && data.problem.startsWith(NOT_READ);

const readWidget = (widget: Widget, source: Source, span: Span): Promise<WidgetData> =>
  shown(widget, source, span).catch((error: unknown) => ({
    kind: "problem",
    problem: `${NOT_READ}${firstLine(error)}`,
  }));

async function shown(widget: Widget, source: Source, span: Span): Promise<WidgetData> {
  if (widget.type === "metric") {
    return { kind: "lines", lines: await readLines(widget, source, span) };
  }
  if (widget.type === "alarm") {
    return { kind: "alarms", alarms: await source.alarms(widget.alarms) };
  }
  if (widget.type === "log") return { kind: "rows", rows: await source.rows(widget, span) };
  if (widget.type === "unknown") return { kind: "problem", problem: widget.problem };
  return { kind: "none" };
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message || error.name : String(error)).split("\n", 1)[0] ?? "";

/** A line as it is asked for: by a query of its own, unless it cannot be. */
interface Asked {
  readonly spec: LineSpec;
  readonly label: string;
  readonly query?: MetricDataQuery;
  readonly periodSeconds: number;
  readonly problem?: string;
}

async function readLines(widget: MetricWidget, source: Source, span: Span): Promise<Line[]> {
  const asked = (
    await Promise.all(widget.lines.map((spec) => ask(spec, widget.lines, source)))
  ).flat();
  const queries = asked.flatMap(({ query }) => query ?? []);
  const points = queries.some(({ ReturnData }) => ReturnData)
    ? await source.read(queries, span)
    : new Map<string, Point[]>();
  return asked
    .filter(({ spec }) => spec.visible)
    .map(({ spec, label, query, periodSeconds, problem }) => ({
      label,
      axis: spec.axis,
      stepMs: (periodSeconds / 60) * source.minuteMs,
      points: (points.get(query?.Id ?? "") ?? []).toSorted(([a], [b]) => a - b),
      ...(problem !== undefined && { problem }),
    }));
}

async function ask(spec: LineSpec, all: readonly LineSpec[], source: Source): Promise<Asked[]> {
  const { id, visible, periodSeconds, source: from } = spec;
  if (from.kind === "metric") {
    const query = metricQuery(id, from, from.stat, periodSeconds, visible);
    return [{ spec, label: spec.label ?? from.metricName, query, periodSeconds }];
  }
  const label = spec.label ?? from.expression;
  if (isSearch(from.expression)) return askSearch(spec, from.expression, source);
  if (!visible) return [];
  const expression = inlined(from.expression, all);
  const problem = source.problemOf(
    expression,
    all.flatMap((line) => (line.source.kind === "metric" ? [line.id] : [])),
  );
  if (problem !== undefined) {
    return [{ spec, label, periodSeconds, problem: `not computed: ${problem}` }];
  }
  const query = { Id: id, Expression: expression, ReturnData: true };
  return [{ spec, label, query, periodSeconds }];
}

async function askSearch(spec: LineSpec, expression: string, source: Source): Promise<Asked[]> {
  const search = parseSearch(expression);
  if (!search) {
    const label = spec.label ?? expression;
    const problem = `not computed: ${expression}`;
    return [{ spec, label, periodSeconds: spec.periodSeconds, problem }];
  }
  const listed = await source.list(search.namespace, search.metricName);
  const periodSeconds = search.periodSeconds ?? spec.periodSeconds;
  return found(search, listed).map((metric, index) => ({
    spec,
    label: labelOf(spec.label, metric),
    query: metricQuery(`${spec.id}found${index}`, metric, search.stat, periodSeconds, spec.visible),
    periodSeconds,
  }));
}

const metricQuery = (
  Id: string,
  { namespace, metricName, dimensions }: ListedMetric,
  stat: string,
  periodSeconds: number,
  visible: boolean,
): MetricDataQuery => ({
  Id,
  MetricStat: {
    Metric: {
      Namespace: namespace,
      MetricName: metricName,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    },
    Period: periodSeconds,
    Stat: stat,
  },
  ReturnData: visible,
});

/** Deepest chain of expressions that name each other; CloudWatch refuses a circle, and this must not hang in one. */
const DEEPEST = 10;

/** The expression with the expressions that it names written out. */
function inlined(expression: string, all: readonly LineSpec[], depth = 0): string {
  if (depth > DEEPEST) return expression;
  return expression.replaceAll(/[a-z]\w*/g, (word) => {
    const named = all.find(({ id }) => id === word)?.source;
    return named?.kind === "expression" ? `(${inlined(named.expression, all, depth + 1)})` : word;
  });
}
