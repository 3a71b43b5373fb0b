/**
 * How far behind its schedule a start may be and still be made up for, in milliseconds: timers wake late, on
 * a busy machine very late, and at 1,000 a second each start is due within one of their ticks. More would be
 * a burst.
 */
const CATCH_UP_MS = 200;

/** A schedule of starts, so many a second. The first is due at once. */
export class Rate {
  readonly #intervalMs: number;
  #nextMs = -Infinity;

  /** Infinity for no limit. */
  constructor(perSecond: number) {
    this.#intervalMs = 1000 / perSecond;
  }

  /** Milliseconds until the next start may be made; counts that start. */
  next(nowMs: number): number {
    // Before the first start there is nothing to catch up with.
    const due = this.#nextMs === -Infinity ? nowMs : this.#nextMs;
    const startMs = Math.max(due, nowMs - CATCH_UP_MS);
    this.#nextMs = startMs + this.#intervalMs;
    return Math.max(0, startMs - nowMs);
  }
}
