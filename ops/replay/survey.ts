/** Looks at every letter without changing any: they are hidden while it looks, and released afterwards. */
import { type Clock, drain, type LetterQueue } from "./drain.ts";
import type { Letter } from "./letter.ts";

/** What is remembered of a letter: not its body, since thousands of them may not fit into memory. */
export type Seen = Pick<Letter, "error" | "sentAt">;

export interface Survey {
  readonly letters: readonly Seen[];
  /** Whether there are more than were looked at. */
  readonly more: boolean;
}

/** Looks at up to `max` letters. */
export async function survey(
  queue: LetterQueue,
  clock: Clock,
  max: number,
  signal?: AbortSignal,
): Promise<Survey> {
  const letters: Seen[] = [];
  const enough = new AbortController();
  const stop = signal ? AbortSignal.any([signal, enough.signal]) : enough.signal;
  await drain({
    queue,
    clock,
    selects: ({ error, sentAt }) => {
      letters.push({ error, sentAt });
      if (letters.length > max) enough.abort();
      return false;
    },
    deliver: () => Promise.reject(new Error("a survey delivers nothing")),
    concurrency: 1,
    ratePerSecond: Infinity,
    max: Infinity,
    maxFailuresInARow: Infinity,
    signal: stop,
  });
  return { letters: letters.slice(0, max), more: letters.length > max };
}
