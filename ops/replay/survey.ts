/** Looks at every message without changing any: they are hidden while it looks, and released afterwards. */
import { type Clock, drain, type DeadLetterQueue } from "./drain.ts";
import type { DeadLetter } from "./dead-letter.ts";

/** What is remembered of a message: not its body, since thousands of them may not fit into memory. */
export type Seen = Pick<DeadLetter, "error" | "sentAt">;

export interface Survey {
  readonly deadLetters: readonly Seen[];
  /** Whether there are more than were looked at. */
  readonly more: boolean;
}

/** Looks at up to `max` messages. */
export async function survey(
  queue: DeadLetterQueue,
  clock: Clock,
  max: number,
  signal?: AbortSignal,
): Promise<Survey> {
  const deadLetters: Seen[] = [];
  const enough = new AbortController();
  const stop = signal ? AbortSignal.any([signal, enough.signal]) : enough.signal;
  await drain({
    queue,
    clock,
    selects: ({ error, sentAt }) => {
      deadLetters.push({ error, sentAt });
      if (deadLetters.length > max) enough.abort();
      return false;
    },
    deliver: () => Promise.reject(new Error("a survey delivers nothing")),
    concurrency: 1,
    ratePerSecond: Infinity,
    max: Infinity,
    maxFailuresInARow: Infinity,
    signal: stop,
  });
  return { deadLetters: deadLetters.slice(0, max), more: deadLetters.length > max };
}
