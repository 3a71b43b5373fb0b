/** Tables of Markdown that fit into a comment. Pure, and without packages. */
import { cell } from "./plan.ts";

/** Longest text of one cell. */
const CELL_CHARACTERS = 80;

/** A text as a cell, shortened. */
export const cut = (text: string, most = CELL_CHARACTERS): string =>
  cell(text.length > most ? `${text.slice(0, most)} …` : text);

/** As many of the first texts as fit. */
export function within(bytes: number, texts: readonly string[]): readonly string[] {
  let left = bytes;
  const end = texts.findIndex((text) => (left -= Buffer.byteLength(text) + 1) < 0);
  return end < 0 ? texts : texts.slice(0, end);
}
