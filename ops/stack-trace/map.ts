/** Replaces positions in the bundle by source files and lines, in whatever text holds them. Pure. */
import { SourceMap, type SourceMapPayload } from "node:module";

/** A position in the bundle, as V8 writes it: `file:///var/task/dist/index.mjs:1:2345`. */
const POSITION = /(?:file:\/\/)?[^\s()"]*\bdist\/\w+\.mjs:(\d+):(\d+)/g;

/** Any frame of a stack, those of Node included. */
const FRAME = /^\s*at /;

export interface Mapped {
  readonly text: string;
  /** Stacks that were mapped. */
  readonly mapped: number;
  /** Stacks of another build, which are left as they are. */
  readonly foreign: number;
}

/** Maps every stack in the text that is of the map's build. */
export function mapStacks(text: string, sourceMap: string): Mapped {
  const map = new SourceMap(JSON.parse(sourceMap) as SourceMapPayload);
  let mapped = 0;
  let foreign = 0;
  const stacks = byStack(text).map((stack) => {
    const positions = [...stack.matchAll(POSITION)];
    if (positions.length === 0) return stack;
    if (!isOfBuild(map, positions)) {
      foreign += 1;
      return stack;
    }
    mapped += 1;
    return stack.replaceAll(
      POSITION,
      (position, line: string, column: string) =>
        sourceOf(map, Number(line), Number(column)) ?? position,
    );
  });
  return { text: stacks.join("\n"), mapped, foreign };
}

/** The same, as text alone. */
export const mapText = (text: string, sourceMap: string): string => mapStacks(text, sourceMap).text;

/** The text in pieces, each a stack's frames or a line of something else. */
function byStack(text: string): string[] {
  const pieces: string[] = [];
  let inFrames = false;
  for (const line of text.split("\n")) {
    const isFrame = FRAME.test(line);
    if (isFrame && inFrames) pieces.push(`${pieces.pop() ?? ""}\n${line}`);
    else pieces.push(line);
    inFrames = isFrame;
  }
  return pieces;
}

/**
 * Share of the positions that must be where the map has a beginning. V8 reports where an expression begins, and
 * esbuild maps that; a call of a computed member is the exception. In another build a position is one
 * of these by chance, about one time in four.
 */
const LEAST_SHARE = 0.7;

/** Whether positions are of the build that the map is of: nothing in a stack says which build it is of. */
function isOfBuild(map: SourceMap, positions: readonly RegExpExecArray[]): boolean {
  const exact = positions.filter(([, line, column]) => {
    const entry = map.findEntry(Number(line) - 1, Number(column) - 1);
    return "originalSource" in entry && entry.generatedColumn === Number(column) - 1;
  });
  return exact.length >= positions.length * LEAST_SHARE;
}

function sourceOf(map: SourceMap, line: number, column: number): string | undefined {
  // V8 counts both from 1, the map from 0.
  const entry = map.findEntry(line - 1, column - 1);
  if (!("originalSource" in entry)) return undefined;
  // Sources are relative to dist/.
  const source = entry.originalSource.replace(/^\.\.\//, "");
  return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
}

/**
 * The readable part of a log: where a line is JSON, the stacks in it, each with the message that it belongs
 * to; any other line as it is.
 */
export function stacksIn(log: string): string {
  return log
    .split("\n")
    .flatMap((line) => {
      const stacks = jsonStacks(line);
      return stacks.length > 0 ? stacks : [line];
    })
    .join("\n");
}

function jsonStacks(line: string): string[] {
  if (!line.trimStart().startsWith("{")) return [];
  try {
    return strings(JSON.parse(line)).filter(
      (text) => text.includes("\n") && text.includes("dist/"),
    );
  } catch {
    return [];
  }
}

/** All strings in a JSON value; a list of lines, as Lambda writes stacks, is one. */
function strings(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) {
    return [value.join("\n")];
  }
  return Object.values(value).flatMap(strings);
}
