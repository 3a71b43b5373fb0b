/**
 * Stops sending messages of one group of errors while all of them fail, and that group alone.
 *
 * After so many failures in a row most of the group is held back. Now and then one is still tried, at
 * distances that double and are drawn at random, so that a few poison messages at the head of the queue
 * never keep the rest from being tried, while a thousand that all fail cost ten more calls. One success lets
 * the whole group through again.
 */
export class Breaker {
  readonly #maxFailures: number;
  readonly #random: () => number;
  readonly #groups = new Map<string, Group>();

  /** `random` yields 0 to 1. */
  constructor(maxFailures: number, random: () => number = Math.random) {
    this.#maxFailures = maxFailures;
    this.#random = random;
  }

  /** Whether the next message of this group is to be tried; counts it. */
  lets(key: string): boolean {
    const group = this.#groups.get(key);
    if (!group || group.failures < this.#maxFailures) return true;
    if (group.toHoldBack > 0) {
      group.toHoldBack -= 1;
      return false;
    }
    group.distance *= 2;
    group.toHoldBack = 1 + Math.floor(this.#random() * group.distance);
    return true;
  }

  failed(key: string): void {
    const group = this.#groups.get(key) ?? { failures: 0, distance: 1, toHoldBack: 0 };
    this.#groups.set(key, { ...group, failures: group.failures + 1 });
  }

  /** Whether messages may have been held back that are now let through. */
  succeeded(key: string): boolean {
    const heldBack = (this.#groups.get(key)?.failures ?? 0) >= this.#maxFailures;
    this.#groups.delete(key);
    return heldBack;
  }
}

interface Group {
  /** In a row. */
  readonly failures: number;
  /** Most messages to hold back before the next is tried, half of that on average. */
  distance: number;
  toHoldBack: number;
}
