import type { DeadLetter } from "./dead-letter.ts";

/** Most messages that one call of the queue takes or gives. */
export const BATCH = 10;

/** What names a received message to its queue. */
export type Receipt = Pick<DeadLetter, "id" | "receipt">;

/** What is needed of a queue. Every call may fail, before or after it took effect. */
export interface DeadLetterQueue {
  /** How long a received message stays hidden from other readers unless it is kept, in seconds. */
  readonly hiddenSeconds: number;
  /** Up to `BATCH` messages, hidden from others; empty when a long poll found none. */
  receive(signal?: AbortSignal): Promise<readonly DeadLetter[]>;
  /** Hides messages for another `hiddenSeconds`, as far as it can. */
  keep(messages: readonly Receipt[]): Promise<void>;
  /** Makes messages visible at once, as far as it can. */
  release(messages: readonly Receipt[]): Promise<void>;
  /** Deletes up to `BATCH` messages; yields the ids of those that the queue did not delete. */
  delete(messages: readonly Receipt[]): Promise<readonly string[]>;
}
