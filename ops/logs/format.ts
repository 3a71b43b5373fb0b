/** Log lines as people read them. Pure: lines in, text out. */
import { type Fields, withoutStacks } from "./errors.ts";
import type { LogLine } from "./lines.ts";

/** The same for every line of a function, so that it only takes room. */
const EVERYWHERE = new Set([
  "service",
  "sampling_rate",
  "function_arn",
  "function_memory_size",
  "function_name",
]);

/** One line for people. A stack trace keeps its own lines below. `common` is what other lines hold too. */
export function formatLine(
  { timeMs, level, message, fields }: LogLine,
  common: Fields = {},
): string {
  const { stacks, rest } = withoutStacks(fields);
  const shown = Object.entries(rest)
    .filter(([key, value]) => !EVERYWHERE.has(key) && !isSame(common[key], fields[key] ?? value))
    .map(([key, value]) => `${key}=${shortText(value)}`);
  const [first = "", ...more] = message.split("\n");
  const head = [new Date(timeMs).toISOString(), level.padEnd(5), first, ...shown].join(" ");
  return [head, ...[...more, ...stacks].map((text) => text.replaceAll(/^/gm, "    "))].join("\n");
}

/** What all lines hold with the same value: said once instead of in each. */
export function commonFields(lines: readonly LogLine[]): Fields {
  const [first, ...others] = lines;
  if (!first || others.length === 0) return {};
  const common = Object.entries(first.fields).filter(
    ([key, value]) =>
      !EVERYWHERE.has(key) && others.every(({ fields }) => isSame(fields[key], value)),
  );
  return Object.fromEntries(common);
}

/** `key=value` of fields, for the line that says them once. */
export const formatFields = (fields: Fields): string =>
  Object.entries(fields)
    .map(([key, value]) => `${key}=${shortText(value)}`)
    .join(" ");

const isSame = (one: unknown, other: unknown): boolean =>
  one !== undefined && JSON.stringify(one) === JSON.stringify(other);

const shortText = (value: unknown): string =>
  typeof value === "string" && !/[\s"=]/.test(value) && value !== ""
    ? value
    : JSON.stringify(value);
