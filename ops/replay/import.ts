/** Puts the letters of a file back into their queue. */
import { Archive, type ArchivedLetter, readArchive, readJournal } from "./archive.ts";

export interface Import {
  readonly queue: { send(letter: Pick<ArchivedLetter, "body" | "attributes">): Promise<void> };
  /** A file made by an export. */
  readonly path: string;
  readonly max: number;
  readonly signal?: AbortSignal;
  readonly progress?: (done: number, all: number) => void;
}

/** What lies in the file: all letters, and those that no earlier import has put back. */
export async function waitingIn(
  path: string,
): Promise<{ all: readonly ArchivedLetter[]; rest: readonly ArchivedLetter[] }> {
  const all = await readArchive(path);
  const imported = await readJournal(journalOf(path));
  return { all, rest: all.filter(({ id }) => !imported.has(id)) };
}

/**
 * Imports what no earlier run has imported; how many it did. Each letter is written down beside the file
 * as soon as the queue has it, so that it can be interrupted and run again.
 */
export async function importLetters(options: Import): Promise<number> {
  const { queue, path, max, signal, progress } = options;
  const { rest } = await waitingIn(path);
  const letters = rest.slice(0, max);
  const journal = await Archive.open(journalOf(path));
  let done = 0;
  try {
    for (const letter of letters) {
      if (signal?.aborted) break;
      await queue.send(letter);
      await journal.append({ id: letter.id });
      done += 1;
      progress?.(done, letters.length);
    }
  } finally {
    await journal.close();
  }
  return done;
}

const journalOf = (path: string) => `${path}.imported`;
