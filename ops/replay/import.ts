/** Puts the messages of a file back into their queue. */
import { Archive, type ArchivedDeadLetter, readArchive, readJournal } from "./archive.ts";

export interface Import {
  readonly queue: {
    send(deadLetter: Pick<ArchivedDeadLetter, "body" | "attributes">): Promise<void>;
  };
  /** A file made by an export. */
  readonly path: string;
  readonly max: number;
  readonly signal?: AbortSignal;
  readonly progress?: (done: number, all: number) => void;
}

/** What lies in the file: all messages, and those that no earlier import has put back. */
export async function waitingIn(
  path: string,
): Promise<{ all: readonly ArchivedDeadLetter[]; rest: readonly ArchivedDeadLetter[] }> {
  const all = await readArchive(path);
  const imported = await readJournal(journalOf(path));
  return { all, rest: all.filter(({ id }) => !imported.has(id)) };
}

/**
 * Imports what no earlier run has imported; how many it did. Each message is written down beside the file
 * as soon as the queue has it, so that it can be interrupted and run again.
 */
export async function importDeadLetters(options: Import): Promise<number> {
  const { queue, path, max, signal, progress } = options;
  const { rest } = await waitingIn(path);
  const deadLetters = rest.slice(0, max);
  const journal = await Archive.open(journalOf(path));
  let done = 0;
  try {
    for (const deadLetter of deadLetters) {
      if (signal?.aborted) break;
      await queue.send(deadLetter);
      await journal.append({ id: deadLetter.id });
      done += 1;
      progress?.(done, deadLetters.length);
    }
  } finally {
    await journal.close();
  }
  return done;
}

const journalOf = (path: string) => `${path}.imported`;
