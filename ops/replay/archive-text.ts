/**
 * The text of an archive: one JSON document a line as we write it, and what editors make of it.
 *
 * Read as well: a byte-order mark, UTF-16, CRLF, blank lines, comments, documents over several lines or in
 * one array, a last line without a line break. Refused, with the line: anything of which it is not certain
 * what it says, since a message would be lost or changed without a word.
 */
import { Refused } from "../support/refused.ts";
import type { Attribute, Origin } from "./forms.ts";
import { parse, spansAt } from "./json-text.ts";

/** What the file keeps of a message. */
export interface ArchivedDeadLetter {
  readonly id: string;
  /** When it came into the queue, for people. */
  readonly sentAt: string;
  readonly error: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly origin?: Origin;
}

export interface ArchiveText {
  readonly documents: readonly unknown[];
  /** Where a last line begins, in bytes, that was not written to its end. */
  readonly cutAt?: number;
}

const LINE_BREAK = 10;

/**
 * Takes an archive apart. A kill or a full disk leaves at most one line cut off, at the end; its message was
 * not deleted from the queue.
 */
export function readArchiveText(name: string, bytes: Buffer): ArchiveText {
  if (encodingOf(bytes) !== "utf-8") return { documents: whole(name, decode(name, bytes)) };
  // No other character of UTF-8 holds this byte, so a half character can only be after the last of them.
  const end = bytes.lastIndexOf(LINE_BREAK) + 1;
  const head = decode(name, bytes.subarray(0, end));
  const tail = bytes.toString("utf8", end).trim();
  return isCutOff(tail)
    ? { documents: whole(name, head), cutAt: end }
    : { documents: whole(name, decode(name, bytes)) };
}

/** Whether this is the beginning of a document. */
function isCutOff(tail: string): boolean {
  const spans = [...spansAt(tail, 0)];
  return tail.startsWith("{") && spans.length === 1 && spans[0]?.end === undefined;
}

/** Every document of the text, or a refusal. */
const whole = (name: string, text: string): readonly unknown[] =>
  lineByLine(text) ?? spanBySpan(name, text);

/** The documents, when each line that is not blank is one. */
function lineByLine(text: string): readonly unknown[] | undefined {
  const documents = text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map(parse);
  return documents.every(isDocument) ? documents : undefined;
}

/** The documents, however they are spread over lines; an array of them is unpacked. */
function spanBySpan(name: string, text: string): readonly unknown[] {
  return [...spansAt(text, 0)].flatMap(({ start, end }) => {
    const value = end === undefined ? undefined : parse(text.slice(start, end));
    const documents: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (!documents.every(isDocument)) {
      const line = text.slice(0, start).split("\n").length;
      throw new Refused(`${name}, line ${line}: not a message`, "correct or remove it");
    }
    return documents;
  });
}

const isDocument = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const encodingOf = (bytes: Buffer): string =>
  bytes[0] === 0xff && bytes[1] === 0xfe
    ? "utf-16le"
    : bytes[0] === 0xfe && bytes[1] === 0xff
      ? "utf-16be"
      : "utf-8";

/** Without the byte-order mark. */
function decode(name: string, bytes: Buffer): string {
  const encoding = encodingOf(bytes);
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new Refused(`${name}: not text in ${encoding.toUpperCase()}`, "save it as UTF-8");
  }
}

/** The messages of an archive, each id once: the last one, should somebody have corrected a copy. */
export function messagesOf(name: string, documents: readonly unknown[]): ArchivedDeadLetter[] {
  const messages = new Map<string, ArchivedDeadLetter>();
  for (const [index, document] of documents.entries()) {
    const message = messageOf(document);
    if (!message) {
      throw new Refused(
        `${name}, message ${index + 1}: needs the texts id and body, and attributes of type and value`,
        "correct or remove it",
      );
    }
    messages.set(message.id, message);
  }
  return [...messages.values()];
}

function messageOf(document: unknown): ArchivedDeadLetter | undefined {
  const { id, body, attributes = {} } = document as Partial<ArchivedDeadLetter>;
  const valid =
    typeof id === "string" &&
    typeof body === "string" &&
    isDocument(attributes) &&
    Object.values(attributes).every(isAttribute);
  return valid ? ({ ...(document as object), attributes } as ArchivedDeadLetter) : undefined;
}

function isAttribute(value: unknown): boolean {
  const { type, value: text } = (value ?? {}) as Partial<Attribute>;
  return typeof type === "string" && typeof text === "string";
}
