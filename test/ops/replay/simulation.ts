/** A queue, a function and a clock in memory, with SQS's rules and faults at will, for the fault tests. */
import {
  type Clock,
  type Delivery,
  HIDDEN_SECONDS,
  type DeadLetterQueue,
} from "../../../ops/replay/drain.ts";
import type { DeadLetter } from "../../../ops/replay/dead-letter.ts";

/** Time that passes only when nothing is left to do: a run of hours takes milliseconds. */
export class VirtualClock implements Clock {
  #now = 0;
  readonly #timers: { at: number; wake: () => void }[] = [];
  #running = false;

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (signal?.aborted) resolve();
    else {
      this.#timers.push({ at: this.#now + ms, wake: resolve });
      signal?.addEventListener("abort", () => resolve(), { once: true });
      this.#run();
    }
    return promise;
  }

  #run(): void {
    if (this.#running) return;
    this.#running = true;
    setImmediate(() => {
      this.#running = false;
      const next = this.#timers.reduce((least, { at }) => Math.min(least, at), Infinity);
      if (next === Infinity) return;
      this.#now = Math.max(this.#now, next);
      const due = this.#timers.filter(({ at }) => at <= next);
      const later = this.#timers.filter(({ at }) => at > next);
      this.#timers.splice(0, this.#timers.length, ...later);
      for (const { wake } of due) wake();
      if (later.length > 0) this.#run();
    });
  }
}

/** Random numbers from a seed (mulberry32), so that a failing run can be repeated. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export interface Faults {
  /** Chance that a call fails; half of those fail after they took effect. */
  readonly callFails: number;
  /** Chance that the function fails. */
  readonly functionFails: number;
  /** Longest run of the function, ms. */
  readonly longestRunMs: number;
}

/** The world outside one replay: what is in it survives a kill. */
export class World {
  readonly clock = new VirtualClock();
  /** Messages in the queue, by id, with the time from which they can be seen and their valid receipt. */
  readonly #messages = new Map<string, { visibleAt: number; receipt: string }>();
  readonly successes = new Map<string, number>();
  invocations = 0;
  /** Deletions of a message that had not succeeded: must stay empty. */
  readonly lost: string[] = [];
  /** Nobody hears the calls of a killed process. */
  #life = 0;
  #receipts = 0;
  readonly #random: () => number;
  readonly #faults: Faults;
  readonly #poison: (id: string) => boolean;

  constructor(seed: number, count: number, faults: Faults, poison = (_id: string) => false) {
    this.#random = randomFrom(seed);
    this.#faults = faults;
    this.#poison = poison;
    for (let n = 0; n < count; n++) this.#messages.set(String(n), { visibleAt: 0, receipt: "" });
  }

  get remainingIds(): string[] {
    return [...this.#messages.keys()];
  }

  get visibleIds(): string[] {
    const now = this.clock.now();
    return [...this.#messages].filter(([, { visibleAt }]) => visibleAt <= now).map(([id]) => id);
  }

  /** Ends the process that holds the ports handed out so far: nothing that it does takes effect any more. */
  kill(): void {
    this.#life += 1;
  }

  /** The queue and the function, as a new process sees them. */
  ports(): { queue: DeadLetterQueue; deliver: (deadLetter: DeadLetter) => Promise<Delivery> } {
    const life = this.#life;
    const call = async <T>(ms: number, effect: () => T): Promise<T> => {
      const dead = () => life !== this.#life;
      if (dead()) throw new Error("killed");
      await this.clock.sleep(ms);
      if (dead()) throw new Error("killed");
      const fails = this.#random() < this.#faults.callFails;
      if (fails && this.#random() < 0.5) throw new Error("lost on the way there");
      const result = effect();
      if (fails) throw new Error("lost on the way back");
      return result;
    };
    const hide = (deadLetters: readonly { id: string; receipt: string }[], ms: number) => {
      for (const { id, receipt } of deadLetters) {
        const deadLetter = this.#messages.get(id);
        if (deadLetter?.receipt === receipt) deadLetter.visibleAt = this.clock.now() + ms;
      }
    };
    return {
      queue: {
        receive: (max) => call(10, () => this.#receive(max)),
        keep: (deadLetters) => call(10, () => hide(deadLetters, HIDDEN_SECONDS * 1000)),
        release: (deadLetters) => call(10, () => hide(deadLetters, 0)),
        delete: ({ id, receipt }) =>
          call(10, () => {
            if (this.#messages.get(id)?.receipt !== receipt) return;
            if (!this.successes.has(id)) this.lost.push(id);
            this.#messages.delete(id);
          }),
      },
      deliver: ({ id }) =>
        call(this.#random() * this.#faults.longestRunMs, () => {
          this.invocations += 1;
          if (this.#poison(id) || this.#random() < this.#faults.functionFails) {
            return { ok: false, error: "boom" };
          }
          this.successes.set(id, (this.successes.get(id) ?? 0) + 1);
          return { ok: true };
        }),
    };
  }

  #receive(max: number): DeadLetter[] {
    const now = this.clock.now();
    const deadLetters: DeadLetter[] = [];
    for (const [id, deadLetter] of this.#messages) {
      if (deadLetters.length === max) break;
      if (deadLetter.visibleAt > now) continue;
      deadLetter.visibleAt = now + HIDDEN_SECONDS * 1000;
      deadLetter.receipt = `${id}/${++this.#receipts}`;
      const { receipt } = deadLetter;
      deadLetters.push({
        id,
        receipt,
        sentAt: 0,
        body: "{}",
        attributes: {},
        event: "{}",
        error: "e",
      });
    }
    return deadLetters;
  }
}
