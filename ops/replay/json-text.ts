/** Finds values in JSON text without reading them, so that they can be passed on byte for byte. */
import { createScanner } from "jsonc-parser";

/** Where a value stands in its text. */
export interface Span {
  readonly start: number;
  /** Exclusive; undefined when the text ends before the value does. */
  readonly end: number | undefined;
}

// The scanner's kinds of tokens; its own enum cannot be imported under isolated modules.
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET, COMMA, COLON] = [1, 2, 3, 4, 5, 6];
const END = 17;

/**
 * The values at a depth of nesting: 0 for documents one after the other, 1 for what the outermost object
 * (names and values in turn) or array holds. Not recursive: a message of a million brackets is only odd.
 */
export function* spansAt(text: string, depth: number): Generator<Span> {
  const scanner = createScanner(text, true);
  let level = 0;
  let start = 0;
  for (let token: number = scanner.scan(); token !== END; token = scanner.scan()) {
    const end = scanner.getTokenOffset() + scanner.getTokenLength();
    if (token === OPEN_BRACE || token === OPEN_BRACKET) {
      if (level === depth) start = scanner.getTokenOffset();
      level += 1;
    } else if (token === CLOSE_BRACE || token === CLOSE_BRACKET) {
      level = Math.max(0, level - 1);
      if (level === depth) yield { start, end };
    } else if (level === depth && token !== COMMA && token !== COLON) {
      yield { start: scanner.getTokenOffset(), end };
    }
  }
  if (level > depth) yield { start, end: undefined };
}

/** The text of one member of the outermost object, as it stands there. */
export function memberText(text: string, member: string): string | undefined {
  let name: unknown;
  for (const { start, end } of spansAt(text, 1)) {
    const found = text.slice(start, end);
    if (name === undefined) name = parse(found);
    else if (name === member) return found;
    else name = undefined;
  }
  return undefined;
}

/** The value of JSON text; undefined when it is none. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
