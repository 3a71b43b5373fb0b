/**
 * Messages in a file, one JSON document a line: where poison messages can lie until someone has looked at them.
 *
 * A message is on the disk before it is deleted from the queue, and in the queue again before it is marked
 * as imported. So a kill can double a message, never lose one; ids tell the doubles apart.
 */
import { type FileHandle, open, readFile } from "node:fs/promises";
import { Refused } from "../support/refused.ts";
import type { Attribute, DeadLetter } from "./dead-letter.ts";

/** What the file keeps of a message. */
export interface ArchivedDeadLetter {
  readonly id: string;
  /** When it came into the queue, for people. */
  readonly sentAt: string;
  readonly error: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** Readable by its owner alone: events may hold what is nobody else's business. */
const PRIVATE = 0o600;

export class Archive {
  readonly #file: FileHandle;
  /** One append after the other, so that lines stay whole. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Opens for appending. What a kill left half written is cut off: that message is still in the queue. */
  static async open(path: string): Promise<Archive> {
    const file = await open(path, "a+", PRIVATE).catch((error: NodeJS.ErrnoException) => {
      throw new Refused(`${path}: cannot be written (${error.code}); name another file`);
    });
    const content = await file.readFile();
    const whole = content.lastIndexOf("\n") + 1;
    if (parse(content.toString("utf8", whole)) !== undefined) await file.appendFile("\n");
    else if (whole < content.length) await file.truncate(whole);
    return new Archive(file);
  }

  /** Returns when the line is on the disk. */
  append(line: object): Promise<void> {
    const written = this.#last.then(() => this.#write(line));
    this.#last = written.catch(() => {});
    return written;
  }

  async #write(line: object): Promise<void> {
    await this.#file.appendFile(`${JSON.stringify(line)}\n`);
    await this.#file.sync();
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#file.close();
  }
}

export const archived = (deadLetter: DeadLetter): ArchivedDeadLetter => ({
  id: deadLetter.id,
  sentAt: new Date(deadLetter.sentAt).toISOString(),
  error: deadLetter.error,
  body: deadLetter.body,
  attributes: deadLetter.attributes,
});

/** Reads a file of messages, each id once. Throws `Refused` with the line that is no message. */
export async function readArchive(path: string): Promise<ArchivedDeadLetter[]> {
  const deadLetters = new Map<string, ArchivedDeadLetter>();
  for (const [index, line] of (await wholeLines(path)).entries()) {
    const deadLetter = parseDeadLetter(line);
    if (!deadLetter)
      throw new Refused(`${path}, line ${index + 1}: not a message; correct or remove it`);
    deadLetters.set(deadLetter.id, deadLetter);
  }
  return [...deadLetters.values()];
}

/** The ids in a journal of imported messages; none when there is no journal yet. */
export async function readJournal(path: string): Promise<Set<string>> {
  const lines = await wholeLines(path).catch(() => []);
  return new Set(lines.flatMap((line) => (parse(line) as { id?: string } | undefined)?.id ?? []));
}

async function wholeLines(path: string): Promise<string[]> {
  const content = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new Refused(`${path}: cannot be read (${error.code}); name a file made by --export`);
  });
  const lines = content.split("\n");
  // After the last line break there is nothing, or what a kill cut off, or an editor's last line.
  const last = lines.pop() ?? "";
  return parse(last) === undefined ? lines : [...lines, last];
}

function parseDeadLetter(line: string): ArchivedDeadLetter | undefined {
  const deadLetter = parse(line) as Partial<ArchivedDeadLetter> | null | undefined;
  const valid = typeof deadLetter?.id === "string" && typeof deadLetter.body === "string";
  return valid ? ({ attributes: {}, ...deadLetter } as ArchivedDeadLetter) : undefined;
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}
