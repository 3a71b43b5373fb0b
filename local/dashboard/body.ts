/**
 * Reads the body of a dashboard as CloudWatch takes it (CloudWatch API reference, "Dashboard Body Structure and
 * Syntax"): what is drawn is what was deployed, not another description of it. Pure.
 */

/** A dashboard's body, read. */
export interface Dashboard {
  /** How far back it shows, in minutes. */
  readonly spanMinutes: number;
  readonly widgets: readonly Widget[];
}

/** The position in a grid of 24 columns. */
export interface Cell {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export type Widget = MetricWidget | AlarmWidget | LogWidget | TextWidget | UnknownWidget;

interface Titled {
  readonly cell: Cell;
  readonly title: string;
}

export interface MetricWidget extends Titled {
  readonly type: "metric";
  readonly view: "timeSeries" | "singleValue";
  /** Whether a single value has its history beneath it. */
  readonly sparkline: boolean;
  readonly lines: readonly LineSpec[];
  /** Labelled values, on one of the two axes. */
  readonly horizontal: readonly HorizontalAnnotation[];
  /** Labelled moments. */
  readonly vertical: readonly VerticalAnnotation[];
  readonly axes: Readonly<Record<Axis, AxisSpec>>;
}

export type Axis = "left" | "right";

export interface AxisSpec {
  readonly label?: string | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

export interface HorizontalAnnotation {
  readonly label: string;
  readonly value: number;
  readonly axis: Axis;
}

export interface VerticalAnnotation {
  readonly label: string;
  /** Milliseconds since 1970. */
  readonly atMs: number;
}

/** One entry of a widget's `metrics`. */
export interface LineSpec {
  /** By which expressions name it. */
  readonly id: string;
  readonly label: string | undefined;
  readonly visible: boolean;
  readonly axis: Axis;
  readonly periodSeconds: number;
  readonly source: MetricSpec | ExpressionSpec;
}

export interface MetricSpec {
  readonly kind: "metric";
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** For example `Sum` or `p99`. */
  readonly stat: string;
}

export interface ExpressionSpec {
  readonly kind: "expression";
  readonly expression: string;
}

export interface AlarmWidget extends Titled {
  readonly type: "alarm";
  /** Names of the alarms, taken from their ARNs. */
  readonly alarms: readonly string[];
}

export interface LogWidget extends Titled {
  readonly type: "log";
  readonly logGroupName: string;
  /** Without its SOURCE. */
  readonly query: string;
}

export interface TextWidget extends Titled {
  readonly type: "text";
  readonly markdown: string;
}

/** A widget that cannot be drawn here; it says so in its cell. */
export interface UnknownWidget extends Titled {
  readonly type: "unknown";
  readonly problem: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** CloudWatch's own default (API reference, "start"). */
const DEFAULT_SPAN_MINUTES = 3 * 60;
/** CloudWatch's own default (API reference, "period"). */
const DEFAULT_PERIOD_SECONDS = 300;

/** Reads a body. Throws an `Error` for text that is no body at all; a widget that is not understood is drawn as such. */
export function parseBody(text: string): Dashboard {
  const body = fields(JSON.parse(text));
  if (!Array.isArray(body["widgets"])) throw new Error("the body has no list of widgets");
  return {
    spanMinutes: duration(body["start"]) ?? DEFAULT_SPAN_MINUTES,
    widgets: body["widgets"].map((entry) => widget(fields(entry))),
  };
}

const fields = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown, fallback = ""): string =>
  typeof value === "string" ? value : fallback;
const number = (value: unknown): number | undefined =>
  typeof value === "number" ? value : undefined;

/** `-PT8H`, `-P1D`, in minutes; absolute times are not used by a dashboard that follows a service. */
function duration(value: unknown): number | undefined {
  const found = /^-P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/.exec(text(value));
  if (!found) return undefined;
  const [, weeks, days, hours, minutes] = found;
  const of = (part: string | undefined) => Number(part ?? 0);
  const total = ((of(weeks) * 7 + of(days)) * 24 + of(hours)) * 60 + of(minutes);
  return total > 0 ? total : undefined;
}

function widget(entry: Fields): Widget {
  const properties = fields(entry["properties"]);
  const type = text(entry["type"], "nothing");
  const of = {
    cell: {
      x: number(entry["x"]) ?? 0,
      y: number(entry["y"]) ?? 0,
      width: number(entry["width"]) ?? 6,
      height: number(entry["height"]) ?? 6,
    },
    title: text(properties["title"]),
  };
  const unknown = (problem: string): UnknownWidget => ({ ...of, type: "unknown", problem });
  switch (type) {
    case "metric": {
      const view = text(properties["view"], "timeSeries");
      if (view !== "timeSeries" && view !== "singleValue") {
        return unknown(`not drawn: the view ${view}`);
      }
      if (properties["stacked"] === true) return unknown("not drawn: a stacked graph");
      const alarms = list(fields(properties["annotations"])["alarms"]);
      if (alarms.length > 0) return unknown("not drawn: an alarm as an annotation");
      return { ...of, type, view, ...metricProperties(properties) };
    }
    case "alarm":
      return {
        ...of,
        type,
        alarms: list(properties["alarms"]).map((arn) => text(arn).replace(/^.*:alarm:/, "")),
      };
    case "log":
      return logWidget(of, properties) ?? unknown("not drawn: a query without one SOURCE");
    case "text":
      return { ...of, type, markdown: text(properties["markdown"]) };
    default:
      return unknown(`not drawn: a widget of type ${type}`);
  }
}

function logWidget(of: Titled, { query, view }: Fields): LogWidget | UnknownWidget | undefined {
  if (view !== undefined && view !== "table") {
    return { ...of, type: "unknown", problem: `not drawn: a query's view ${text(view)}` };
  }
  const found = /^SOURCE '([^']+)'\s*\|\s*([^]+)$/.exec(text(query).trim());
  return found
    ? { ...of, type: "log", logGroupName: found[1] ?? "", query: found[2] ?? "" }
    : undefined;
}

function metricProperties(properties: Fields) {
  const annotations = fields(properties["annotations"]);
  const axes = fields(properties["yAxis"]);
  const periodSeconds = number(properties["period"]) ?? DEFAULT_PERIOD_SECONDS;
  const stat = text(properties["stat"], "Average");
  return {
    sparkline: properties["sparkline"] === true,
    lines: lines(list(properties["metrics"]), { periodSeconds, stat }),
    horizontal: list(annotations["horizontal"]).map((entry) => {
      const { label, value, yAxis } = fields(entry);
      return { label: text(label), value: number(value) ?? 0, axis: axis(yAxis) };
    }),
    vertical: list(annotations["vertical"]).map((entry) => {
      const { label, value } = fields(entry);
      return { label: text(label), atMs: Date.parse(text(value)) };
    }),
    axes: { left: axisSpec(axes["left"]), right: axisSpec(axes["right"]) },
  };
}

const axis = (value: unknown): Axis => (value === "right" ? "right" : "left");

function axisSpec(value: unknown): AxisSpec {
  const { label, min, max } = fields(value);
  return {
    ...(typeof label === "string" && { label }),
    ...(typeof min === "number" && { min }),
    ...(typeof max === "number" && { max }),
  };
}

/** `["AWS/Lambda", "Errors", "FunctionName", "f", {options}]`, where `.` repeats a part and `...` the rest. */
function lines(
  entries: readonly unknown[],
  defaults: { readonly periodSeconds: number; readonly stat: string },
): LineSpec[] {
  let previous: readonly string[] = [];
  return entries.map((entry, index) => {
    const parts = list(entry);
    const options = fields(parts.at(-1));
    const written = parts.filter((part) => typeof part === "string");
    const common = {
      id: text(options["id"], `line${index}`),
      label: typeof options["label"] === "string" ? options["label"] : undefined,
      visible: options["visible"] !== false,
      axis: axis(options["yAxis"]),
      periodSeconds: number(options["period"]) ?? defaults.periodSeconds,
    };
    if (typeof options["expression"] === "string") {
      return { ...common, source: { kind: "expression", expression: options["expression"] } };
    }
    previous = repeated(written, previous);
    const [namespace = "", metricName = "", ...dimensions] = previous;
    return {
      ...common,
      source: {
        kind: "metric",
        namespace,
        metricName,
        dimensions: paired(dimensions),
        stat: text(options["stat"], defaults.stat),
      },
    };
  });
}

function repeated(written: readonly string[], previous: readonly string[]): readonly string[] {
  const rest = written.indexOf("...");
  if (rest >= 0) {
    const own = written.slice(rest + 1);
    return [...previous.slice(0, previous.length - own.length), ...own];
  }
  return written.map((part, index) => (part === "." ? (previous[index] ?? part) : part));
}

const paired = (flat: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? ""]] : [])),
  );
