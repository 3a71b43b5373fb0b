/** Widgets that are no graphs: numbers, alarms, tables of log lines, text. */
import type { AlarmWidget, MetricWidget, TextWidget } from "../body.ts";
import type { AlarmStatus, Line, Row } from "../data.ts";
import { type Frame, middleOf, runsOf, type Size } from "./graph.ts";
import { numberText, timeScale, timeText, valueScale } from "./scale.ts";
import { at, rounded, shape, type Shape } from "./shape.ts";
import { fitted, noted, SIZES, textWidth, words, wrapped } from "./words.ts";

const NUMBER_SIZE = 34;

/** The newest value of each line, large, with its history beneath. */
export function singleValue(
  widget: MetricWidget,
  lines: readonly Line[],
  frame: Frame,
  { width, height }: Size,
): Shape {
  const each = width / Math.max(1, lines.length);
  return shape(
    "g",
    {},
    ...lines.map((line, index) =>
      at(index * each, 0, ...oneValue(widget, line, index, frame, { width: each, height })),
    ),
  );
}

function oneValue(
  widget: MetricWidget,
  line: Line,
  index: number,
  frame: Frame,
  { width, height }: Size,
): Shape[] {
  const { label, points, stepMs, problem } = line;
  const newest = points.at(-1);
  if (problem !== undefined || newest === undefined) {
    return [
      words(
        problem === undefined ? "muted" : "warning",
        0,
        40,
        fitted(problem ?? "no data", width, SIZES.text),
      ),
      words("small", 0, 58, fitted(label, width, SIZES.small)),
    ];
  }
  const [atMs, value] = newest;
  const text = numberText(value);
  // A value that is not of the last period says how old it is.
  const isOld = frame.toMs - atMs > 2 * stepMs;
  const said = isOld ? `${label}, at ${timeText(atMs, frame.minuteMs)}` : label;
  const numberWidth = textWidth(text, NUMBER_SIZE) + 6;
  const room = width - numberWidth - 8;
  return [
    noted("number", 0, 40, text, fitted(said, room, SIZES.small)),
    ...range(line, width, width - numberWidth - textWidth(said, SIZES.small)),
    ...(widget.sparkline
      ? [at(0, 54, sparkline(line, index, frame, { width: width - 8, height: height - 60 }))]
      : []),
  ];
}

/** From the least to the largest value: what the history beneath has no axis for. */
function range({ points }: Line, width: number, room: number): Shape[] {
  const values = points.map(([, value]) => value);
  const text = `${numberText(Math.min(...values))} to ${numberText(Math.max(...values))}`;
  return points.length > 1 && textWidth(text, SIZES.small) + 12 < room
    ? [words("small", width - 8, 40, text, "end")]
    : [];
}

function sparkline(
  line: Line,
  index: number,
  { fromMs, toMs }: Frame,
  { width, height }: Size,
): Shape {
  const values = line.points.map(([, value]) => value);
  const low = Math.min(...values);
  const high = Math.max(...values);
  // A history that does not begin at 0 shows what moves; a flat one lies in the middle.
  const scale =
    high > low
      ? valueScale(values, { min: low, max: high, count: 2, length: height })
      : { position: () => height / 2 };
  const time = timeScale(fromMs, toMs, width, width);
  const d = runsOf(line)
    .map((run) =>
      run
        .map(([ms, value], index) => {
          const x = time.position(middleOf(ms, line, { fromMs, toMs }));
          return `${index === 0 ? "M" : "L"}${rounded(x)} ${rounded(scale.position(value))}`;
        })
        .join("")
        .concat(run.length === 1 ? "h0" : ""),
    )
    .join("");
  return shape("path", { class: `line spark c${index % 6}`, d });
}

/** A sign of its own for each state: nobody has to tell red from green. */
const SIGNS: Readonly<
  Record<AlarmStatus["state"], readonly [style: string, path: string, words: string]>
> = {
  OK: ["ok", "M-5 0l3.5 4L5 -4", "ok"],
  ALARM: ["alarm", "M0 -5.5L6 5H-6Z", "in alarm"],
  INSUFFICIENT_DATA: ["unsure", "M-5 0H5", "no data"],
  missing: ["unsure", "M-4 -4L4 4M-4 4L4 -4", "not there"],
};

const ALARM_ROW = 23;

export function alarmGrid(
  _widget: AlarmWidget,
  alarms: readonly AlarmStatus[],
  frame: Frame,
  { width, height }: Size,
): Shape {
  const { before, after } = sharedEnds(alarms.map(({ name }) => name));
  // What is red comes first.
  const sorted = alarms.toSorted(
    (a, b) => Number(b.state === "ALARM") - Number(a.state === "ALARM"),
  );
  const rows = Math.max(1, Math.floor((height - 2) / ALARM_ROW));
  const columns = Math.max(1, Math.ceil(alarms.length / rows));
  const each = width / columns;
  return shape(
    "g",
    {},
    ...sorted.map(({ name, state, sinceMs }, index) => {
      const [style, path, said] = SIGNS[state];
      const x = Math.floor(index / rows) * each;
      const y = (index % rows) * ALARM_ROW + 10;
      const short = name.slice(before.length, name.length - after.length || undefined);
      const since =
        state === "ALARM" && sinceMs !== undefined
          ? ` since ${timeText(sinceMs, frame.minuteMs)}`
          : "";
      const full = `${short} ${said}${since}`;
      const label = fitted(
        short,
        each - 30 - textWidth(` ${said}${since}`, SIZES.text),
        SIZES.text,
      );
      return at(
        x + 8,
        y,
        shape("path", { class: `sign ${style}`, d: path }),
        state === "ALARM"
          ? noted("strong", 14, 4, label, `${said}${since}`, "alarm-text")
          : noted("text", 14, 4, label, said, "muted"),
        shape("title", {}, `${name}: ${full}`),
      );
    }),
  );
}

/** What all names begin and end with, up to a hyphen: said once, it need not be repeated. */
export function sharedEnds(names: readonly string[]): { before: string; after: string } {
  const [first = "", ...others] = names;
  if (others.length < 2) return { before: "", after: "" };
  const begins = [...first.matchAll(/-/g)]
    .map(({ index }) => first.slice(0, index + 1))
    .filter((start) => others.every((name) => name.startsWith(start)));
  const before = begins.at(-1) ?? "";
  const ends = [...first.matchAll(/-/g)]
    .map(({ index }) => first.slice(index))
    .filter((end) =>
      others.every((name) => name.endsWith(end) && name.length > before.length + end.length),
    );
  return { before, after: ends[0] ?? "" };
}

const TABLE_ROW = 19;

export function table(rows: readonly Row[], query: string, { width, height }: Size): Shape {
  if (rows.length === 0) {
    return words("muted", width / 2, height / 2, "no lines", "middle");
  }
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter(
    (name) => name !== "@ptr",
  );
  const columns = orderedBy(query, names);
  const room = Math.max(1, Math.floor((height - TABLE_ROW - 4) / TABLE_ROW));
  const cut = rows.length > room;
  const shown = rows.slice(0, cut ? room - 1 : room);
  const cells = shown.map((row) => columns.map((name) => cellText(name, row[name])));
  const widths = columnWidths([columns, ...cells], width);
  const starts = widths.map((_, index) => widths.slice(0, index).reduce((a, b) => a + b, 0));
  const rowShapes = (texts: readonly string[], y: number, style: "text" | "small"): Shape[] =>
    texts.map((text, index) =>
      words(style, starts[index] ?? 0, y, fitted(text, (widths[index] ?? 0) - 10, SIZES.text)),
    );
  return shape(
    "g",
    {},
    ...rowShapes(columns, 10, "small"),
    shape("path", { class: "grid", d: `M0 17H${rounded(width)}` }),
    ...cells.flatMap((texts, index) => rowShapes(texts, 32 + index * TABLE_ROW, "text")),
    ...(cut
      ? [words("muted", 0, 32 + shown.length * TABLE_ROW, `and ${rows.length - shown.length} more`)]
      : []),
  );
}

/** The columns in the order in which the query names them. */
const orderedBy = (query: string, names: readonly string[]): string[] =>
  names.toSorted((a, b) => positionIn(query, a) - positionIn(query, b));

/** The last part that names its columns says their order. */
function positionIn(query: string, name: string): number {
  const part =
    query.split("|").findLast((each) => /^\s*(fields|display|stats)\b/.test(each)) ?? query;
  const index = part.indexOf(name);
  return index < 0 ? Infinity : index;
}

function cellText(name: string, value: Row[string] | undefined): string {
  if (value === undefined || value === null) return "";
  if (name === "@timestamp" && typeof value === "number") return timeText(value, 1000);
  return String(value);
}

/** Each column as wide as its texts; when they have no room together, the widest gives way. */
function columnWidths(rows: readonly (readonly string[])[], width: number): number[] {
  const wanted = (rows[0] ?? []).map(
    (_, column) => Math.max(...rows.map((row) => textWidth(row[column] ?? "", SIZES.text))) + 16,
  );
  for (;;) {
    const over = wanted.reduce((a, b) => a + b, 0) - width;
    const widest = Math.max(...wanted);
    if (over <= 0 || widest <= 40) return wanted;
    wanted[wanted.indexOf(widest)] = Math.max(40, widest - Math.max(1, over / 4));
  }
}

/** Markdown as far as text in a picture goes: headings are bold, links their words. */
export function prose({ markdown }: TextWidget, { width, height }: Size): Shape {
  const rows = markdown.split("\n").flatMap((line) => {
    const isHeading = /^#+\s/.test(line);
    const plain = line
      .replace(/^#+\s+/, "")
      .replace(/^\s*[-*]\s+/, "• ")
      .replaceAll(/\[([^\]]+)\]\([^)]*\)/g, "$1")
      .replaceAll(/[*_`]{1,2}([^*_`]+)[*_`]{1,2}/g, "$1");
    return wrapped(plain, width, SIZES.text).map((text) => ({ text, isHeading }));
  });
  const room = Math.floor(height / 17);
  return shape(
    "g",
    {},
    ...rows
      .slice(0, room)
      .map(({ text, isHeading }, index) =>
        words(isHeading ? "strong" : "text", 0, 10 + index * 17, text),
      ),
  );
}
