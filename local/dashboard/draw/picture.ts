/** The whole dashboard as one picture, its widgets where the body puts them. Pure. */
import type { Dashboard, Widget } from "../body.ts";
import type { DashboardData, WidgetData } from "../data.ts";
import { type Frame, graph, letterOf, type Size } from "./graph.ts";
import { alarmGrid, prose, sharedEnds, singleValue, table } from "./panels.ts";
import { dateText, timeText } from "./scale.ts";
import { at, rounded, shape, type Shape } from "./shape.ts";
import { css, type Scheme } from "./style.ts";
import { fitted, noted, SIZES, textWidth, words, wrapped } from "./words.ts";

export interface PictureOptions {
  /** What is shown, for example the dashboard's name. */
  readonly heading: string;
  /** Where the data comes from, in a few words. */
  readonly from: string;
  /** In pixels. Below `NARROW` the widgets stand one below the other. */
  readonly width: number;
  readonly scheme: Scheme;
  /** For a page: values under the mouse, and the style left to the page. */
  readonly onPage?: boolean;
}

const COLUMNS = 24;
const UNIT = 40;
const GAP = 8;
const EDGE = 16;
const PADDING = 12;
const TITLE = 26;
/** Below this width, in pixels, a widget of the grid would be too small to be read. */
export const NARROW = 900;
const HEADING = 52;
/** Semi-bold letters are a little wider. */
const TITLE_SIZE = SIZES.title * 1.04;

/** Draws it. */
export function picture(
  { widgets }: Dashboard,
  data: DashboardData,
  { heading, from, width, scheme, onPage = false }: PictureOptions,
): Shape {
  const frame: Frame = { ...data, tips: onPage };
  const head = headingShapes(heading, from, data, width);
  const cells = width < NARROW ? stacked(widgets, width) : inGrid(widgets, width);
  const bottom = Math.max(0, ...cells.map(({ y, height }) => y + height));
  const height = head.height + bottom + EDGE;
  return shape(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${width} ${Math.ceil(height)}`,
      width,
      height: Math.ceil(height),
      role: "img",
      "aria-label": `Dashboard ${heading}`,
    },
    ...(onPage ? [] : [shape("style", {}, css(scheme))]),
    shape("rect", { class: "page", width, height: Math.ceil(height) }),
    ...head.shapes,
    ...cells.map(({ widget, index, x, y, width, height }) =>
      at(x, y + head.height, ...panel(widget, data.widgets[index], frame, { width, height })),
    ),
  );
}

interface Place extends Size {
  readonly widget: Widget;
  readonly index: number;
  readonly x: number;
  readonly y: number;
}

function inGrid(widgets: readonly Widget[], width: number): Place[] {
  const column = (width - 2 * EDGE + GAP) / COLUMNS;
  return widgets.map((widget, index) => ({
    widget,
    index,
    x: EDGE + widget.cell.x * column,
    y: widget.cell.y * UNIT,
    width: widget.cell.width * column - GAP,
    height: widget.cell.height * UNIT - GAP,
  }));
}

/** One below the other, for a phone; alarms and lines of a log need more room there. */
function stacked(widgets: readonly Widget[], width: number): Place[] {
  const ordered = widgets
    .map((widget, index) => ({ widget, index }))
    .toSorted((a, b) => a.widget.cell.y - b.widget.cell.y || a.widget.cell.x - b.widget.cell.x);
  let y = 0;
  return ordered.map(({ widget, index }) => {
    const height =
      widget.type === "alarm"
        ? TITLE + PADDING + widget.alarms.length * 24 + 16
        : widget.cell.height * UNIT - GAP;
    const place = { widget, index, x: EDGE / 2, y, width: width - EDGE, height };
    y += height + GAP;
    return place;
  });
}

function headingShapes(
  heading: string,
  from: string,
  { fromMs, toMs, releases, minuteMs }: DashboardData,
  width: number,
): { readonly shapes: Shape[]; readonly height: number } {
  const edge = width < NARROW ? EDGE / 2 + 4 : EDGE;
  const stepMs = Math.min(60_000, minuteMs);
  const span = `${dateText(toMs)}, ${timeText(fromMs, stepMs)} to ${timeText(toMs, stepMs)} UTC · ${from}`;
  const notes = releases.map(
    ({ atMs, label }, index) => `${letterOf(index)} ${timeText(atMs, stepMs)} ${label}`,
  );
  const rows = [
    ...wrapped(span, width - 2 * edge, SIZES.text),
    ...(notes.length > 0 ? wrapped(notes.join("   ·   "), width - 2 * edge, SIZES.text) : []),
  ];
  return {
    shapes: [
      words("heading", edge, 28, fitted(heading, width - 2 * edge, 20)),
      ...rows.map((row, index) => words("muted", edge, HEADING - 4 + index * 17, row)),
    ],
    height: HEADING + (rows.length - 1) * 17 + 10,
  };
}

function panel(
  widget: Widget,
  data: WidgetData | undefined,
  frame: Frame,
  { width, height }: Size,
): Shape[] {
  const inner = { width: width - 2 * PADDING, height: height - TITLE - PADDING };
  return [
    shape("rect", {
      class: "panel",
      x: 0.5,
      y: 0.5,
      width: rounded(width),
      height: rounded(height),
      rx: 6,
    }),
    at(PADDING, 21, ...titleShapes(widget, inner.width)),
    at(PADDING, TITLE + 8, content(widget, data, frame, inner)),
  ];
}

/** The title, and beside it the unit of the axis. */
function titleShapes(widget: Widget, width: number): Shape[] {
  const unit = widget.type === "metric" ? (widget.axes.left.label ?? "") : "";
  const unitWidth = unit === "" ? 0 : textWidth(unit, SIZES.small) + 12;
  const title = fitted(titleOf(widget), width - unitWidth, TITLE_SIZE);
  return [noted("title", 0, 0, title, unit)];
}

function titleOf(widget: Widget): string {
  if (widget.type !== "alarm") return widget.title;
  const { before, after } = sharedEnds(widget.alarms);
  return before || after ? `${widget.title}: ${before}…${after}` : widget.title;
}

function content(widget: Widget, data: WidgetData | undefined, frame: Frame, size: Size): Shape {
  if (widget.type === "text") return prose(widget, size);
  if (widget.type === "unknown") return problem(widget.problem, size);
  if (data?.kind === "problem") return problem(data.problem, size);
  if (widget.type === "metric" && data?.kind === "lines") {
    const draw = widget.view === "singleValue" ? singleValue : graph;
    return draw(widget, data.lines, frame, size);
  }
  if (widget.type === "alarm" && data?.kind === "alarms") {
    return alarmGrid(widget, data.alarms, frame, size);
  }
  if (widget.type === "log" && data?.kind === "rows") return table(data.rows, widget.query, size);
  return problem("no data", size);
}

const problem = (text: string, { width, height }: Size): Shape =>
  shape(
    "g",
    {},
    ...wrapped(text, width, SIZES.text)
      .slice(0, 4)
      .map((row, index) =>
        words("warning", width / 2, height / 2 - 10 + index * 16, row, "middle"),
      ),
  );
