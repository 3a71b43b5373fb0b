/** Text in a picture: how wide it is, and how it is cut where there is no room. */
import { shape, type Shape } from "./shape.ts";

/**
 * Widths in parts of the font's size. A picture is drawn without the font that shows it, so they are those of Inter,
 * which is wider than most of the fonts that may stand in for it.
 */
const NARROW = /[ijl.,:;'|! ()[\]ftI]/;
const WIDE = /[mwMW%@—]/;
const CAPITAL = /[A-Z_0-9#+=<>~]/;

const widthOf = (character: string): number => {
  if (NARROW.test(character)) return 0.33;
  if (WIDE.test(character)) return 0.9;
  if (CAPITAL.test(character)) return 0.66;
  return character > "\u2fff" ? 1.05 : 0.58;
};

/** About how wide a text is, in pixels. */
export const textWidth = (text: string, size: number): number =>
  Array.from(text).reduce((width, character) => width + widthOf(character), 0) * size;

/** The text, or its beginning and an ellipsis where it is wider than `width`. */
export function fitted(text: string, width: number, size: number): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  if (textWidth(line, size) <= width) return line;
  let kept = "";
  for (const character of line) {
    if (textWidth(`${kept}${character}…`, size) > width) break;
    kept += character;
  }
  return `${kept.trimEnd()}…`;
}

/** The text in rows of at most `width`, broken between words. */
export function wrapped(text: string, width: number, size: number): string[] {
  const rows: string[] = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const last = rows.at(-1);
    const joined = last === undefined ? word : `${last} ${word}`;
    if (last !== undefined && textWidth(joined, size) <= width) rows.splice(-1, 1, joined);
    else rows.push(fitted(word, width, size));
  }
  return rows;
}

/** Sizes of text in pixels. */
export const SIZES = { title: 13, text: 11.5, small: 10.5 } as const;

type Style =
  | "alarm-text"
  | "heading"
  | "limit"
  | "muted"
  | "number"
  | "small"
  | "strong"
  | "text"
  | "title"
  | "warning";

/** A text with a smaller one behind it: they flow together, so that no font lets them meet. */
export const noted = (
  style: Style,
  x: number,
  y: number,
  text: string,
  note: string,
  noteStyle: Style = "small",
): Shape =>
  shape(
    "text",
    { class: style, x, y },
    text,
    ...(note === "" ? [] : [shape("tspan", { class: noteStyle, dx: 8 }, note)]),
  );

/** One line of text; `x` is its beginning, or what `anchor` says, `y` its baseline. */
export const words = (
  style: Style,
  x: number,
  y: number,
  text: string,
  anchor?: "middle" | "end",
): Shape => shape("text", { class: style, x, y, "text-anchor": anchor }, text);
