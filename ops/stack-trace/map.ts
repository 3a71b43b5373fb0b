/** Puts source files and lines in the place of the bundle's, in whatever text holds them. Pure. */
import { SourceMap, type SourceMapPayload } from "node:module";

/** A place in the bundle, as V8 writes it: `file:///var/task/dist/index.mjs:1:2345`. */
const PLACE = /(?:file:\/\/)?[^\s()"]*\bdist\/\w+\.mjs:(\d+):(\d+)/g;

/** Maps every place in the text. What the map does not know stays as it is. */
export function mapText(text: string, sourceMap: string): string {
  const map = new SourceMap(JSON.parse(sourceMap) as SourceMapPayload);
  return text.replaceAll(PLACE, (location, line: string, column: string) => {
    // V8 counts both from 1, the map from 0.
    const entry = map.findEntry(Number(line) - 1, Number(column) - 1);
    if (!("originalSource" in entry)) return location;
    // Sources are relative to dist/.
    const source = entry.originalSource.replace(/^\.\.\//, "");
    return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  });
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
