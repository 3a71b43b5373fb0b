/** Puts the messages of a file back into their queue. */
import { Archive, readArchive, readJournal } from "./archive.ts";
import type { ArchivedDeadLetter } from "./archive-text.ts";
import type { Failure } from "./drain.ts";
import { BATCH } from "./queue.ts";

export interface Import {
  readonly queue: {
    /** Sends up to `BATCH` messages, and yields why some were refused, by index. */
    send(messages: readonly ArchivedDeadLetter[]): Promise<ReadonlyMap<number, string>>;
  };
  /** A file made by an export. */
  readonly path: string;
  readonly queueUrl: string;
  readonly max: number;
  readonly signal?: AbortSignal;
  readonly progress?: (done: number, all: number) => void;
}

export interface Imported {
  readonly imported: number;
  /** Not taken by the queue; they stay to be imported. */
  readonly refused: readonly Failure[];
}

/** SQS's limit of all messages of one call (since 2025), less some room for names and types of attributes. */
const BATCH_BYTES = 1_000_000;
/** Calls at the same time. */
const WORKERS = 8;

/** What waits in the file: all messages, and those that no earlier import has put back into this queue. */
export async function waitingIn(path: string, queueUrl: string) {
  const { messages, cutOff } = await readArchive(path);
  const imported = await readJournal(journalOf(path), queueUrl);
  return { all: messages, rest: messages.filter(({ id }) => !imported.has(id)), cutOff };
}

/**
 * Imports what no earlier run has imported. Each message is noted beside the file as soon as the queue has
 * it, so that it can be interrupted and run again. A message that the queue refuses stops no other.
 */
export async function importDeadLetters(options: Import): Promise<Imported> {
  const { queue, path, queueUrl, max, signal, progress } = options;
  const { rest } = await waitingIn(path, queueUrl);
  const messages = rest.slice(0, max);
  const journal = await Archive.open(journalOf(path));
  const refused: Failure[] = [];
  let imported = 0;
  const next = batchesOf(messages);
  const worker = async () => {
    for (const batch of next) {
      if (signal?.aborted) return;
      const why = await queue.send(batch);
      const taken = batch.filter((_, index) => !why.has(index));
      for (const [index, error] of why) refused.push({ id: batch[index]?.id ?? "", error });
      await Promise.all(taken.map(({ id }) => journal.append({ id, queueUrl })));
      imported += taken.length;
      progress?.(imported, messages.length);
    }
  };
  try {
    // Each notes what it has sent before the journal is closed, although another one failed.
    const ends = await Promise.allSettled(Array.from({ length: WORKERS }, worker));
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  } finally {
    await journal.close();
  }
  return { imported, refused };
}

/** As many messages at once as one call takes. */
function* batchesOf(messages: readonly ArchivedDeadLetter[]): Generator<ArchivedDeadLetter[]> {
  let batch: ArchivedDeadLetter[] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = sizeOf(message);
    if (batch.length === BATCH || (batch.length > 0 && bytes + size > BATCH_BYTES)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(message);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

const sizeOf = ({ body, attributes, origin }: ArchivedDeadLetter): number =>
  Buffer.byteLength(body) + Buffer.byteLength(JSON.stringify({ attributes, origin }));

const journalOf = (path: string) => `${path}.imported`;
