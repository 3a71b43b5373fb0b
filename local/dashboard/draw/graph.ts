/** A graph of lines over time: axes, thresholds, releases, gaps where there is no data, and a legend. */
import type { Axis, HorizontalAnnotation, MetricWidget } from "../body.ts";
import type { Line, Moment, Point } from "../data.ts";
import { type Scale, shortNumber, timeScale, timeText, valueScale } from "./scale.ts";
import { at, rounded, shape, type Shape } from "./shape.ts";
import { fitted, SIZES, textWidth, words } from "./words.ts";

/** What all graphs of a picture share. */
export interface Frame {
  readonly fromMs: number;
  readonly toMs: number;
  /** Length of a minute: in the local cloud, shorter than AWS's. */
  readonly minuteMs: number;
  /** Drawn in every graph, with the letters of the picture's heading. */
  readonly releases: readonly Moment[];
  /** Whether each moment answers the mouse with its values. */
  readonly tips: boolean;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The letter of the nth release. */
export const letterOf = (index: number): string => String.fromCodePoint(65 + (index % 26));

const LEGEND_ROW = 18;
const TIME_AXIS = 18;
const TICKS = 4;
/** A threshold that is further away than so many times the largest value would press the lines flat: it is named instead. */
const FAR = 3;
/** How many colours there are in the style. */
const COLOURS = 6;
/** Beyond the colours, lines differ by their dashes. */
const DASHES = [undefined, "6 3", "2 3"] as const;

const colourOf = (index: number): string => `c${index % COLOURS}`;
const dashOf = (index: number): string | undefined =>
  DASHES[Math.floor(index / COLOURS) % DASHES.length];

/** Draws it into a space of this size, the title not included. */
export function graph(
  widget: MetricWidget,
  lines: readonly Line[],
  frame: Frame,
  { width, height }: Size,
): Shape {
  const known = lines.filter(({ problem }) => problem === undefined);
  const beyond = farLimits(widget, known);
  const legend = legendRows(lines, beyond, width);
  const top = 16;
  const plotHeight = height - top - TIME_AXIS - legend.length * LEGEND_ROW - 4;
  const scales = {
    left: axisScale(widget, known, "left", plotHeight),
    right: axisScale(widget, known, "right", plotHeight),
  };
  const margin = {
    left: scales.left ? tickWidth(scales.left) + 8 : 8,
    right: scales.right ? tickWidth(scales.right) + 8 : 8,
  };
  const plotWidth = width - margin.left - margin.right;
  const time = timeScale(frame.fromMs, frame.toMs, plotWidth, 64);
  const plot = { width: plotWidth, height: plotHeight };
  const drawn = lines.flatMap((line, index) => {
    const scale = scales[line.axis];
    return scale && line.problem === undefined ? lineShapes(line, index, time, scale, frame) : [];
  });
  const empty = known.every(({ points }) => points.length === 0);
  const said = lines.find(({ problem }) => problem !== undefined)?.problem ?? "no data";
  return shape(
    "g",
    {},
    ...(widget.axes.right.label && scales.right
      ? [words("small", width, 6, widget.axes.right.label, "end")]
      : []),
    at(
      margin.left,
      top,
      ...timeAxis(time, plot),
      ...(scales.left ? valueAxis(scales.left, plot, "left") : []),
      ...(scales.right ? valueAxis(scales.right, plot, "right") : []),
      ...releaseShapes(frame.releases, time, plot),
      ...momentShapes(widget, time, plot),
      ...drawn,
      ...limitShapes(widget, scales, plot),
      ...(empty
        ? [
            words(
              said === "no data" ? "muted" : "warning",
              plotWidth / 2,
              plotHeight / 2 + 4,
              fitted(said, plotWidth - 8, SIZES.text),
              "middle",
            ),
          ]
        : []),
      ...(frame.tips ? tips(known, time, plot) : []),
    ),
    ...legend.map((row, index) =>
      at(margin.left, height - (legend.length - index) * LEGEND_ROW + 13, ...row),
    ),
  );
}

/** The thresholds that belong to an axis, near enough to be drawn into it. */
const nearLimits = (
  widget: MetricWidget,
  lines: readonly Line[],
  axis: Axis,
): readonly number[] => {
  const largest = Math.max(0, ...valuesOn(lines, axis));
  return widget.horizontal
    .filter((limit) => limit.axis === axis && limit.value <= (largest || Infinity) * FAR)
    .map(({ value }) => value);
};

const valuesOn = (lines: readonly Line[], axis: Axis): number[] =>
  lines
    .filter((line) => line.axis === axis)
    .flatMap(({ points }) => points.map(([, value]) => value));

function axisScale(
  widget: MetricWidget,
  lines: readonly Line[],
  axis: Axis,
  length: number,
): Scale | undefined {
  if (axis === "right" && !lines.some((line) => line.axis === "right")) return undefined;
  const values = [...valuesOn(lines, axis), ...nearLimits(widget, lines, axis)];
  const { min, max } = widget.axes[axis];
  return valueScale(values.length > 0 ? values : [0, 1], { min, max, count: TICKS, length });
}

const tickWidth = ({ ticks }: Scale): number =>
  Math.max(...ticks.map((tick) => textWidth(shortNumber(tick), SIZES.small)));

function timeAxis({ ticks, position }: Scale, { width, height }: Size): Shape[] {
  const stepMs = (ticks[1] ?? Infinity) - (ticks[0] ?? 0);
  return ticks.flatMap((tick) => {
    const x = position(tick);
    const text = timeText(tick, Number.isFinite(stepMs) ? stepMs : undefined);
    const half = textWidth(text, SIZES.small) / 2;
    const anchor = x + half > width + 6 ? "end" : "middle";
    return [
      shape("path", { class: "grid", d: `M${rounded(x)} ${rounded(height)}v4` }),
      words("small", anchor === "end" ? width + 4 : x, height + 15, text),
    ].map((it) =>
      it.tag === "text" ? { ...it, attributes: { ...it.attributes, "text-anchor": anchor } } : it,
    );
  });
}

function valueAxis({ ticks, position }: Scale, { width }: Size, axis: Axis): Shape[] {
  return ticks.flatMap((tick) => {
    const y = position(tick);
    const label =
      axis === "left"
        ? words("small", -6, y + 3.5, shortNumber(tick), "end")
        : words("small", width + 6, y + 3.5, shortNumber(tick));
    const line = shape("path", {
      class: tick === 0 ? "axis" : "grid",
      d: `M0 ${rounded(y)}H${rounded(width)}`,
    });
    return axis === "left" ? [line, label] : [label];
  });
}

/** The points in runs without a gap. */
export function runsOf({ points, stepMs }: Pick<Line, "points" | "stepMs">): Point[][] {
  const runs: Point[][] = [];
  let before: Point | undefined;
  for (const point of points) {
    // Half a step of tolerance: times are rounded on their way.
    if (before === undefined || point[0] - before[0] > stepMs * 1.5) runs.push([]);
    runs.at(-1)?.push(point);
    before = point;
  }
  return runs;
}

/**
 * Where a value is drawn: in the middle of its period. Its time is the period's beginning, and there the failures of
 * a release at 13:12 would stand before it.
 */
export const middleOf = (
  atMs: number,
  { stepMs }: Pick<Line, "stepMs">,
  { fromMs, toMs }: Pick<Frame, "fromMs" | "toMs">,
): number => (Math.max(fromMs, atMs) + Math.min(toMs, atMs + stepMs)) / 2;

function lineShapes(line: Line, index: number, time: Scale, scale: Scale, frame: Frame): Shape[] {
  const place = ([ms, value]: Point) => {
    const x = time.position(middleOf(ms, line, frame));
    return `${rounded(x)} ${rounded(Math.max(0, scale.position(value)))}`;
  };
  return runsOf(line).map((run) => {
    const [first] = run;
    const d =
      run.length === 1 && first
        ? // A point by itself is a dot: a line of no length with round ends.
          `M${place(first)}h0`
        : `M${run.map(place).join("L")}`;
    return shape("path", {
      class: `${run.length === 1 ? "dot" : "line"} ${colourOf(index)}`,
      d,
      "stroke-dasharray": run.length === 1 ? undefined : dashOf(index),
    });
  });
}

function releaseShapes(releases: readonly Moment[], time: Scale, { width, height }: Size): Shape[] {
  let lastX = -Infinity;
  return releases.flatMap(({ atMs }, index) => {
    const x = time.position(atMs);
    if (x < 0 || x > width) return [];
    // Letters of two releases that are close stand side by side.
    const letterX = Math.max(x, lastX + 9);
    lastX = letterX;
    return [
      shape("path", { class: "release", d: `M${rounded(x)} 0V${rounded(height)}` }),
      words("small", letterX, -3, letterOf(index), "middle"),
    ];
  });
}

/** Moments of the body itself, with their words. */
function momentShapes({ vertical }: MetricWidget, time: Scale, { width, height }: Size): Shape[] {
  return vertical.flatMap(({ label, atMs }, index) => {
    const x = time.position(atMs);
    if (!(x >= 0 && x <= width)) return [];
    const text = fitted(label, width / 2, SIZES.small);
    const after = x + 4 + textWidth(text, SIZES.small) <= width;
    return [
      shape("path", { class: "release", d: `M${rounded(x)} 0V${rounded(height)}` }),
      words("small", after ? x + 4 : x - 4, 10 + index * 12, text, after ? undefined : "end"),
    ];
  });
}

const isWithin = ({ from, to }: Scale, value: number): boolean => value >= from && value <= to;

const limitText = ({ label, value }: HorizontalAnnotation): string =>
  `${label} ${shortNumber(value)}`.trim();

/** The thresholds that are not drawn, in words. */
function farLimits(widget: MetricWidget, lines: readonly Line[]): string | undefined {
  const far = widget.horizontal.filter((limit) => {
    const scale = axisScale(widget, lines, limit.axis, 1);
    return !scale || !isWithin(scale, limit.value);
  });
  return far.length === 0 ? undefined : `off the scale: ${far.map(limitText).join(", ")}`;
}

function limitShapes(
  { horizontal }: MetricWidget,
  scales: Readonly<Record<Axis, Scale | undefined>>,
  { width }: Size,
): Shape[] {
  const placed: number[] = [];
  const shapes: Shape[] = [];
  for (const limit of horizontal) {
    const { value, axis } = limit;
    const scale = scales[axis];
    const name = limitText(limit);
    if (!scale || !isWithin(scale, value)) continue;
    const y = scale.position(value);
    // Above its line where there is room, else below; never on the words of another.
    let textY = y < 12 ? y + 12 : y - 4;
    while (placed.some((other) => Math.abs(other - textY) < 12)) textY += 12;
    placed.push(textY);
    shapes.push(
      shape("path", { class: "limit-line", d: `M0 ${rounded(y)}H${rounded(width)}` }),
      words("limit", width - 2, textY, fitted(name, width, SIZES.small), "end"),
    );
  }
  return shapes;
}

const SWATCH = 14;

/** The legend in rows: a piece of each line and its words, and the thresholds that are off the scale. */
function legendRows(lines: readonly Line[], beyond: string | undefined, width: number): Shape[][] {
  const rows: Shape[][] = [];
  let x = Infinity;
  /** Where an entry of this width begins. */
  const place = (needed: number): number => {
    if (x + needed > width - 16) {
      rows.push([]);
      x = 0;
    }
    const start = x;
    x += needed + 16;
    return start;
  };
  lines.forEach((line, index) => {
    const note = line.problem ?? (line.points.length === 0 ? "no data" : undefined);
    const said = note === undefined ? line.label : `${line.label}: ${note}`;
    const text = fitted(said, width - SWATCH - 24, SIZES.text);
    const start = place(SWATCH + 6 + textWidth(text, SIZES.text));
    const style = line.problem === undefined ? (note ? "muted" : "text") : "warning";
    const swatch = {
      class: `line ${colourOf(index)}`,
      d: `M${rounded(start)} -4h${SWATCH}`,
      "stroke-dasharray": dashOf(index),
    };
    rows.at(-1)?.push(shape("path", swatch), words(style, start + SWATCH + 6, 0, text));
  });
  if (beyond !== undefined) {
    const text = fitted(beyond, width - 24, SIZES.text);
    const start = place(textWidth(text, SIZES.text));
    rows.at(-1)?.push(words("limit", start, 0, text));
  }
  return rows;
}

/** A strip a step over the plot whose title names all values there: browsers show it under the mouse. */
function tips(lines: readonly Line[], time: Scale, { width, height }: Size): Shape[] {
  const stepMs = Math.min(...lines.map((line) => line.stepMs));
  const byTime = new Map<number, string[]>();
  for (const { label, points } of lines) {
    for (const [ms, value] of points) {
      byTime.set(ms, [...(byTime.get(ms) ?? []), `${label}: ${shortNumber(value)}`]);
    }
  }
  return [...byTime].map(([ms, texts]) => {
    const strip = Math.max(2, time.position(time.from + stepMs));
    const x = Math.min(width, Math.max(0, time.position(ms)));
    return shape(
      "rect",
      { class: "tip", x, y: 0, width: Math.min(strip, width - x), height },
      shape("title", {}, [`${timeText(ms, 1000)} UTC`, ...texts].join("\n")),
    );
  });
}
