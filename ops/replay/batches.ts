/** Collects items, so that one call takes several. */
import type { Clock } from "./clock.ts";

/** Longest wait of an item for others, in milliseconds. */
const LINGER_MS = 5;

export class Batches<T> {
  readonly #size: number;
  readonly #send: (items: readonly T[]) => Promise<void>;
  readonly #clock: Clock;
  #open:
    | { readonly items: T[]; readonly full: AbortController; readonly sent: Promise<void> }
    | undefined;

  /** `send` takes up to `size` items and never rejects. */
  constructor(size: number, clock: Clock, send: (items: readonly T[]) => Promise<void>) {
    this.#size = size;
    this.#clock = clock;
    this.#send = send;
  }

  /** Returns when the item's batch was sent. */
  add(item: T): Promise<void> {
    const batch = (this.#open ??= this.#begin());
    batch.items.push(item);
    if (batch.items.length >= this.#size) {
      this.#open = undefined;
      batch.full.abort();
    }
    return batch.sent;
  }

  #begin() {
    const items: T[] = [];
    const full = new AbortController();
    const sent = this.#clock.sleep(LINGER_MS, full.signal).then(() => {
      if (this.#open?.items === items) this.#open = undefined;
      return this.#send(items);
    });
    return { items, full, sent };
  }
}
