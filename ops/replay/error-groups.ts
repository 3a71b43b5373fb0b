/** Dead letters by their cause: errors without what differs from message to message. */
import type { DeadLetter } from "./dead-letter.ts";

/** Longest error text that a line has room for. */
const ERROR_LENGTH = 120;

/** Digits that name a cause and not a message: a status of HTTP, the number in the name of a type. */
const CAUSE =
  /(\b(?:status(?: ?code)?|code|HTTP|answered)[:= ]+[1-5]\d\d\b|\b[A-Z][A-Za-z]*\d[A-Za-z\d]*(?:Error|Exception)\b)/;

/** What names a message and not a cause, in order. */
const IDS: readonly RegExp[] = [
  /"[^"]*"|'[^']*'|`[^`]*`/g,
  // Whatever the handler says the id is; it may be a plain word.
  /(?<=\bcorrelation id:? ?)[^\s,;)]+/gi,
  // After a name that ends in "id" and a sign, as in `orderId=abc`, `RequestId: x` or `id #abc`.
  /(?<=\b(?:[a-z]\w*(?:Id|ID|_id)|id)s?\s?[:=#]\s?)[^\s,;)]+/g,
  // Any word with a digit in it: numbers, hex, UUIDs, ULIDs, times, ARNs, addresses.
  /[^\s,;()[\]{}<>=]*\d[^\s,;()[\]{}<>=]*/g,
  // Hex that happens to have none.
  /\b[0-9a-f]{8,}\b/gi,
];

/** Stands for what was left out; in `--error` it stands for anything. */
const LEFT_OUT = "…";

/**
 * The error without ids, numbers and quoted values. Messages with the same key failed for the same reason,
 * as far as their text can tell.
 */
export function errorKey(error: string): string {
  const [firstLine = ""] = error.trim().split("\n");
  // Every second part is a cause.
  const parts = firstLine.split(CAUSE).map((part, index) => (index % 2 ? part : withoutIds(part)));
  return parts.join("").replaceAll(/\s+/g, " ").trim().slice(0, ERROR_LENGTH) || "unknown error";
}

/** Keeps the sign at the end of a word: `order 17: …` stays apart from `order 17 …`. */
const withoutIds = (text: string): string =>
  IDS.reduce(
    (rest, id) => rest.replaceAll(id, (found) => `${LEFT_OUT}${/[.:!?]$/.exec(found)?.[0] ?? ""}`),
    text,
  );

/** What members of a group have in common, as people should read it: the very text where it is the same. */
function groupName(key: string, errors: readonly string[]): string {
  const [first = key] = errors;
  return new Set(errors).size === 1 && first.length <= ERROR_LENGTH && !first.includes("\n")
    ? first
    : key;
}

/** Messages that failed alike. */
export interface ErrorGroup {
  readonly error: string;
  readonly count: number;
  /** Milliseconds since 1970. */
  readonly oldest: number;
  readonly newest: number;
}

/** What failed alike, with the name of each group. */
export const membersByError = <T extends { readonly error: string }>(
  failed: readonly T[],
): { readonly error: string; readonly members: readonly T[] }[] =>
  [...Map.groupBy(failed, ({ error }) => errorKey(error))].map(([key, members]) => ({
    error: groupName(
      key,
      members.map(({ error }) => error),
    ),
    members,
  }));

/** The largest group first. */
export function groupByError(
  deadLetters: readonly Pick<DeadLetter, "error" | "sentAt">[],
): ErrorGroup[] {
  return membersByError(deadLetters)
    .map(({ error, members }) => ({
      error,
      count: members.length,
      oldest: members.reduce((least, { sentAt }) => Math.min(least, sentAt), Infinity),
      newest: members.reduce((most, { sentAt }) => Math.max(most, sentAt), 0),
    }))
    .sort((a, b) => b.count - a.count || a.error.localeCompare(b.error));
}

/** Which messages are meant. Absent fields ask nothing. */
export interface Selection {
  /** Part of the error or of its group's name, without regard to case; `…` stands for anything. */
  readonly error?: string;
  /** Milliseconds since 1970, inclusive. */
  readonly since?: number;
  /** Milliseconds since 1970, exclusive. */
  readonly until?: number;
}

export function isSelected(
  deadLetter: Pick<DeadLetter, "error" | "sentAt">,
  by: Selection,
): boolean {
  return (
    (by.error === undefined || says(deadLetter.error, by.error)) &&
    (by.since === undefined || deadLetter.sentAt >= by.since) &&
    (by.until === undefined || deadLetter.sentAt < by.until)
  );
}

/** Whether the parts around each `…` follow one another in the error. */
function says(error: string, wanted: string): boolean {
  const text = error.toLowerCase();
  let from = 0;
  for (const part of wanted.toLowerCase().split(LEFT_OUT)) {
    const at = text.indexOf(part, from);
    if (at < 0) return errorKey(error).toLowerCase().includes(wanted.toLowerCase());
    from = at + part.length;
  }
  return true;
}
