/** One reading, again and again, for all who listen; while nobody does, nothing is asked. */
import { setTimeout as sleep } from "node:timers/promises";

export class Feed<T> {
  readonly #listeners = new Set<(value: T) => void>();
  #latest: T | undefined;
  #wake = Promise.withResolvers<void>();

  /** The listener gets what is known at once, and then what comes. Returns how to stop. */
  subscribe(listener: (value: T) => void): () => void {
    this.#listeners.add(listener);
    if (this.#latest !== undefined) listener(this.#latest);
    this.#wake.resolve();
    return () => this.#listeners.delete(listener);
  }

  publish(value: T): void {
    this.#latest = value;
    for (const listener of this.#listeners) listener(value);
  }

  /** Ends as soon as somebody listens, or with the signal. */
  async awaitListener(signal: AbortSignal): Promise<void> {
    while (this.#listeners.size === 0 && !signal.aborted) {
      this.#wake = Promise.withResolvers();
      const { promise, resolve } = this.#wake;
      const stop = () => {
        resolve();
      };
      signal.addEventListener("abort", stop, { once: true });
      await promise;
      signal.removeEventListener("abort", stop);
    }
  }

  /** Reads and publishes until the signal ends it. A reading never throws: what goes wrong is a part of what it says. */
  async run(read: () => Promise<T>, everyMs: number, signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.awaitListener(signal);
      if (signal.aborted) return;
      this.publish(await read());
      await sleep(everyMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
