/** Receives every message without changing any: they are hidden meanwhile, and released afterwards. */
import type { Clock } from "./clock.ts";
import { type DeadLetter, isSendable } from "./dead-letter.ts";
import { drain } from "./drain.ts";
import type { DeadLetterQueue } from "./queue.ts";

/** What is remembered of a message: not its body, since thousands of them may not fit into memory. */
export interface Seen extends Pick<DeadLetter, "error" | "sentAt"> {
  /** Whether it holds an event. */
  readonly sendable: boolean;
}

export interface Survey {
  readonly deadLetters: readonly Seen[];
  /** Whether there are more than were received. */
  readonly more: boolean;
}

/** A receive takes a second, and nothing else is under way. */
const GRACE_MS = 2000;
/** Enough for the receives of one survey to run side by side. */
const CONCURRENCY = 100;

/** Up to `max` messages. */
export async function survey(
  queue: DeadLetterQueue,
  clock: Clock,
  max: number,
  { signal, progress }: { signal?: AbortSignal; progress?: (seen: number) => void } = {},
): Promise<Survey> {
  const deadLetters: Seen[] = [];
  const enough = new AbortController();
  await drain({
    queue,
    clock,
    selects: (deadLetter) => {
      const { error, sentAt } = deadLetter;
      deadLetters.push({ error, sentAt, sendable: isSendable(deadLetter) });
      progress?.(deadLetters.length);
      if (deadLetters.length > max) enough.abort();
      return false;
    },
    deliver: () => Promise.reject(new Error("a survey delivers nothing")),
    concurrency: CONCURRENCY,
    ratePerSecond: Infinity,
    max: Infinity,
    maxFailuresInARow: Infinity,
    graceMs: GRACE_MS,
    signal: signal ? AbortSignal.any([signal, enough.signal]) : enough.signal,
  });
  return { deadLetters: deadLetters.slice(0, max), more: deadLetters.length > max };
}
