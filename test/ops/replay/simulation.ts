/**
 * A queue, a function and a clock in memory, with SQS's rules and faults at will.
 *
 * Sources of the rules, all of the SQS developer guide and API reference: at most 10 messages a receive, in
 * no promised order; a standard queue may hand out a message that is hidden, now and then; deleting with a
 * stale receipt answers 200 and deletes nothing; a batch may fail for some of its entries.
 */
import type { Clock } from "../../../ops/replay/clock.ts";
import type { DeadLetter } from "../../../ops/replay/dead-letter.ts";
import type { Delivery } from "../../../ops/replay/drain.ts";
import { BATCH, type DeadLetterQueue, type Receipt } from "../../../ops/replay/queue.ts";

/** Time that passes only when nothing is left to do: a run of hours takes milliseconds. */
export class VirtualClock implements Clock {
  #now = 0;
  readonly #timers = new Set<{ readonly at: number; readonly wake: () => void }>();
  #running = false;

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (signal?.aborted) resolve();
    else {
      const timer = { at: this.#now + ms, wake: resolve };
      this.#timers.add(timer);
      const abort = () => {
        this.#timers.delete(timer);
        resolve();
      };
      signal?.addEventListener("abort", abort, { once: true });
      this.#run();
    }
    return promise;
  }

  #run(): void {
    if (this.#running) return;
    this.#running = true;
    setImmediate(() => {
      this.#running = false;
      let next = Infinity;
      for (const { at } of this.#timers) next = Math.min(next, at);
      if (next === Infinity) return;
      this.#now = Math.max(this.#now, next);
      for (const timer of this.#timers) {
        if (timer.at > next) continue;
        this.#timers.delete(timer);
        timer.wake();
      }
      if (this.#timers.size > 0) this.#run();
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
  /** Chance that a receive hands out one message too that is hidden. */
  readonly duplicates?: number;
  /** How long each call takes, ms. */
  readonly receiveMs?: number;
  readonly deleteMs?: number;
  /** Shortest run of the function, ms. */
  readonly shortestRunMs?: number;
}

/** What a message is like. */
export interface Kind {
  /** The function fails with it every time. */
  readonly poison?: boolean;
  /** It holds no event. */
  readonly unsendable?: boolean;
  /** Why it failed the first time. */
  readonly error?: string;
}

export const HIDDEN_SECONDS = 120;
const POLL_MS = 1000;
const CALL_MS = 10;

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
  readonly #kind: (id: string) => Kind;

  constructor(seed: number, count: number, faults: Faults, kind = (_id: string): Kind => ({})) {
    this.#random = randomFrom(seed);
    this.#faults = faults;
    this.#kind = kind;
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
    const { receiveMs = CALL_MS, deleteMs = CALL_MS, shortestRunMs = 0 } = this.#faults;
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
    const hide = (receipts: readonly Receipt[], ms: number) => {
      for (const { id, receipt } of receipts) {
        const message = this.#messages.get(id);
        if (message?.receipt === receipt) message.visibleAt = this.clock.now() + ms;
      }
    };
    return {
      queue: {
        hiddenSeconds: HIDDEN_SECONDS,
        receive: async () => {
          const found = await call(receiveMs, () => this.#receive());
          // A long poll waits a while before it says that there is nothing.
          if (found.length === 0) await this.clock.sleep(POLL_MS);
          return found;
        },
        keep: (receipts) => call(CALL_MS, () => hide(receipts, HIDDEN_SECONDS * 1000)),
        release: (receipts) => call(CALL_MS, () => hide(receipts, 0)),
        delete: (receipts) =>
          call(deleteMs, () =>
            receipts.filter((receipt) => !this.#delete(receipt)).map(({ id }) => id),
          ),
      },
      deliver: ({ id }) => {
        const spreadMs = this.#faults.longestRunMs - shortestRunMs;
        return call(shortestRunMs + this.#random() * spreadMs, () => this.#invoke(id));
      },
    };
  }

  #invoke(id: string): Delivery {
    this.invocations += 1;
    if (this.#kind(id).poison || this.#random() < this.#faults.functionFails) {
      return { ok: false, error: "boom" };
    }
    this.successes.set(id, (this.successes.get(id) ?? 0) + 1);
    return { ok: true };
  }

  /** Whether the entry of the batch succeeded; it may have taken effect all the same. */
  #delete({ id, receipt }: Receipt): boolean {
    const fails = this.#random() < this.#faults.callFails;
    if (fails && this.#random() < 0.5) return false;
    if (this.#messages.get(id)?.receipt === receipt) {
      if (!this.successes.has(id)) this.lost.push(id);
      this.#messages.delete(id);
    }
    return !fails;
  }

  #receive(): DeadLetter[] {
    const now = this.clock.now();
    const received: DeadLetter[] = [];
    for (const [id, { visibleAt }] of this.#messages) {
      if (received.length === BATCH) break;
      const isDuplicate = visibleAt > now && this.#random() < (this.#faults.duplicates ?? 0);
      if (visibleAt <= now || isDuplicate) received.push(this.#handOut(id));
    }
    return received;
  }

  #handOut(id: string): DeadLetter {
    const receipt = `${id}/${++this.#receipts}`;
    this.#messages.set(id, { visibleAt: this.clock.now() + HIDDEN_SECONDS * 1000, receipt });
    const { unsendable, error = "e" } = this.#kind(id);
    const event = unsendable ? undefined : "{}";
    return { id, receipt, sentAt: 0, body: "{}", attributes: {}, event, error };
  }
}
