/** Prints log lines as they come, and says what was not there. */
import { commonFields, formatFields, formatLine } from "./format.ts";
import { type LogLine, selected, type Selection } from "./lines.ts";

export interface Output {
  /** What was asked for. */
  readonly print: (text: string) => void;
  /** What is said about it. */
  readonly say: (text: string) => void;
}

/** How many lines were shown, and how many were there beside them. */
export interface Printed {
  readonly shown: number;
  readonly leftOut: number;
}

/** Lines that are read before what they have in common is known. */
const FIRST_LINES = 500;

/** Prints lines that end. What the first of them have in common is said once. */
export async function printLines(
  lines: AsyncIterable<LogLine> | Iterable<LogLine>,
  selection: Selection,
  { print, say }: Output,
): Promise<Printed> {
  const first: LogLine[] = [];
  let shown = 0;
  let leftOut = 0;
  let common: LogLine["fields"] | undefined;
  const begin = (): LogLine["fields"] => {
    const fields = commonFields(first);
    if (Object.keys(fields).length > 0)
      say(`in each line but for those that say otherwise: ${formatFields(fields)}`);
    for (const line of first) print(formatLine(line, fields));
    return fields;
  };
  for await (const line of lines) {
    if (!selected(line, selection)) {
      leftOut += 1;
      continue;
    }
    shown += 1;
    if (common) print(formatLine(line, common));
    else if (first.push(line) === FIRST_LINES) common = begin();
  }
  if (!common) begin();
  return { shown, leftOut };
}

/** Prints lines that go on: nothing is waited for. */
export async function printFollowed(
  lines: AsyncIterable<LogLine>,
  selection: Selection,
  { print }: Output,
): Promise<void> {
  for await (const line of lines) if (selected(line, selection)) print(formatLine(line));
}

/** Why nothing was shown, for somebody who asked for something. */
export function nothingFound(
  { leftOut }: Printed,
  { level, id, all }: Selection,
  { sinceMs, untilMs }: { readonly sinceMs: number; readonly untilMs: number },
): string {
  const kept = [level !== "TRACE" && `at ${level} or above`, id !== undefined && `of ${id}`]
    .filter(Boolean)
    .join(" ");
  const span = `between ${new Date(sinceMs).toISOString()} and ${new Date(untilMs).toISOString()}`;
  const others =
    leftOut === 0
      ? ""
      : `; ${leftOut} ${leftOut === 1 ? "is" : "are"} there that the options leave out${all ? "" : ", see --all"}`;
  return `no lines ${kept && `${kept} `}${span}${others}`;
}
