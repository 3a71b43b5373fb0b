/**
 * Messages in a file, one JSON document a line: where poison messages can wait until someone has looked at them.
 *
 * A message is on the disk before it is deleted from the queue, and in the queue again before it is noted
 * as imported. So a kill can double a message, never lose one; ids tell the doubles apart. A line that could
 * not be written to its end is taken back, so that nothing is ever appended to a half line.
 */
import { appendFile, type FileHandle, open, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { Refused } from "../support/refused.ts";
import { type ArchivedDeadLetter, messagesOf, readArchiveText } from "./archive-text.ts";
import type { DeadLetter } from "./dead-letter.ts";
import { parse } from "./json-text.ts";

/** Readable by its owner alone: events may hold what is nobody else's business. */
const PRIVATE = 0o600;

/** What is needed of an open file. */
export type ArchiveFile = Pick<FileHandle, "write" | "sync" | "truncate" | "stat" | "close">;

interface Pending {
  readonly line: string;
  readonly written: PromiseWithResolvers<void>;
}

export class Archive {
  readonly #file: ArchiveFile;
  readonly #path: string;
  /** Bytes of whole lines. */
  #length: number;
  #pending: Pending[] = [];
  #flushing: Promise<void> | undefined;
  /** Why nothing can be written any more. */
  #broken: Refused | undefined;

  /** Over an open file that ends with a whole line. */
  constructor(path: string, file: ArchiveFile, length: number) {
    this.#path = path;
    this.#file = file;
    this.#length = length;
  }

  /** Opens for appending. A line that a kill cut off goes into a file beside it: its message is still in the queue. */
  static async open(path: string): Promise<Archive> {
    const file = await open(path, "a+", PRIVATE).catch((error: unknown) => {
      throw unwritable(path, error);
    });
    try {
      const bytes = await file.readFile();
      if (bytes.length === 0) await syncFolder(path);
      return new Archive(path, file, await wholeLines(path, file, bytes));
    } catch (error) {
      await file.close();
      throw error instanceof Refused ? error : unwritable(path, error);
    }
  }

  /** Returns when the line is on the disk. Throws `Refused` when it cannot be, as do all lines after it. */
  append(line: object): Promise<void> {
    const written = Promise.withResolvers<void>();
    this.#pending.push({ line: `${JSON.stringify(line)}\n`, written });
    this.#flushing ??= this.#flush();
    return written.promise;
  }

  /** Writes what has gathered at once: the disk is waited for once, not once a line. */
  async #flush(): Promise<void> {
    // Lines of the same moment first come together.
    await Promise.resolve();
    while (this.#pending.length > 0) {
      const lines = this.#pending.splice(0);
      try {
        if (!this.#broken) await this.#write(Buffer.from(lines.map(({ line }) => line).join("")));
      } catch (error) {
        this.#broken = unwritable(this.#path, error, NO_ROOM);
      }
      for (const { written } of lines) {
        if (this.#broken) written.reject(this.#broken);
        else written.resolve();
      }
    }
    this.#flushing = undefined;
  }

  async #write(bytes: Buffer): Promise<void> {
    let done = 0;
    try {
      // A full disk first writes less than it was given, and fails only then.
      while (done < bytes.length) {
        done += (await this.#file.write(bytes, done, bytes.length - done)).bytesWritten;
      }
      await this.#file.sync();
      this.#length += bytes.length;
    } catch (error) {
      await this.#takeBack(done).catch(() => {});
      throw error;
    }
  }

  /** What cannot be taken back now is put aside by the next run. What another run has added stays. */
  async #takeBack(written: number): Promise<void> {
    const { size } = await this.#file.stat();
    if (size > this.#length + written) return;
    await this.#file.truncate(this.#length);
    await this.#file.sync();
  }

  async close(): Promise<void> {
    await this.#flushing;
    await this.#file.close();
  }
}

/** Makes the file end with a whole line; its length then. */
async function wholeLines(path: string, file: FileHandle, bytes: Buffer): Promise<number> {
  const { cutAt } = readArchiveText(path, bytes);
  if (bytes.includes(0)) {
    throw new Refused(`${path}: not in UTF-8, so nothing can be added to it`, "name another file");
  }
  if (cutAt !== undefined) {
    // A kill leaves a beginning like this, but so could an editor: it is put aside, not thrown away.
    await appendFile(`${path}.cut`, `${bytes.toString("utf8", cutAt)}\n`, { mode: PRIVATE });
    await file.truncate(cutAt);
    await file.sync();
    return cutAt;
  }
  if (bytes.length === 0 || bytes.at(-1) === "\n".charCodeAt(0)) return bytes.length;
  await file.appendFile("\n");
  return bytes.length + 1;
}

/** Without this a new file could be gone after a power failure, with all that is in it. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(dirname(path), "r").catch(() => undefined);
  // Not every file system can.
  await folder?.sync().catch(() => {});
  await folder?.close();
}

function unwritable(path: string, error: unknown, remedy = "name another file"): Refused {
  const { code = String(error) } = error as NodeJS.ErrnoException;
  return new Refused(`${path}: cannot be written (${code})`, remedy);
}

const NO_ROOM =
  "make room or name another file, and run the command again: what is not in the file is still in the queue";

export const archived = (message: DeadLetter): ArchivedDeadLetter => ({
  id: message.id,
  sentAt: new Date(message.sentAt).toISOString(),
  error: message.error,
  body: message.body,
  attributes: message.attributes,
  ...(message.origin && { origin: message.origin }),
});

/** What is in an archive: each id once. */
export interface ArchiveContent {
  readonly messages: readonly ArchivedDeadLetter[];
  /** Whether a last line is left out that was not written to its end. */
  readonly cutOff: boolean;
}

/** Reads a file of messages. Throws `Refused` with what is no message. */
export async function readArchive(path: string): Promise<ArchiveContent> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new Refused(`${path}: cannot be read (${error.code})`, "name a file made by --export");
  });
  const { documents, cutAt } = readArchiveText(path, bytes);
  return { messages: messagesOf(path, documents), cutOff: cutAt !== undefined };
}

/** The ids that a journal notes as imported into a queue; none when there is no journal yet. */
export async function readJournal(path: string, queueUrl: string): Promise<Set<string>> {
  const content = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw new Refused(`${path}: cannot be read (${error.code})`, "make it readable");
  });
  const notes = content.split("\n").map((line) => parse(line) as Partial<Note> | undefined);
  // Notes without a queue are older than those with one.
  const here = notes.filter((note) => (note?.queueUrl ?? queueUrl) === queueUrl);
  return new Set(here.flatMap((note) => note?.id ?? []));
}

/** A line of the journal. */
export interface Note {
  readonly id: string;
  readonly queueUrl: string;
}
