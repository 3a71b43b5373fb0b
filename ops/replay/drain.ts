/**
 * Takes messages out of a queue one by one: delivered first, deleted only then.
 *
 * The rule that everything here serves: a message leaves the queue only after it was delivered. So whatever
 * is killed or fails whenever, each message was delivered at least once or is still in the queue. It may be
 * delivered twice, when the deletion is what failed; asynchronous invocation promises no more either.
 *
 * Messages that failed, and those not selected, are kept hidden until the end of the run, so that the queue
 * runs empty and none is tried twice; then they are released. After a kill they return by themselves.
 */
import { Refused } from "../support/refused.ts";
import type { DeadLetter } from "./dead-letter.ts";

/** How long a received message stays hidden from other readers unless it is kept. */
export const HIDDEN_SECONDS = 120;
/** Half of that: one lost renewal does no harm. */
const RENEWAL_MS = (HIDDEN_SECONDS * 1000) / 2;
/** Most messages that the queue hands over at once. */
const BATCH = 10;
/** Failures in a row, retries of the SDK not counted, after which the queue itself is taken to be down. */
const QUEUE_FAILURES = 5;

/** Why a drain ended that delivered as many messages as it was asked to. */
export const MAXIMUM_REACHED = "the maximum was reached";

/** What names a received message to its queue. */
export type Receipt = Pick<DeadLetter, "id" | "receipt">;

/** What is needed of a queue. Every call may fail, before or after it took effect. */
export interface DeadLetterQueue {
  /** Up to `max` messages, hidden from others for `HIDDEN_SECONDS`; empty when a long poll found none. */
  receive(max: number): Promise<readonly DeadLetter[]>;
  /** Hides messages for another `HIDDEN_SECONDS`, as far as it can. */
  keep(deadLetters: readonly Receipt[]): Promise<void>;
  /** Makes messages visible at once, as far as it can. */
  release(deadLetters: readonly Receipt[]): Promise<void>;
  delete(deadLetter: Receipt): Promise<void>;
}

export interface Clock {
  /** Milliseconds. */
  now(): number;
  /** Ends early, without an error, when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** What became of one delivery. */
export type Delivery = { readonly ok: true } | { readonly ok: false; readonly error: string };

export interface DrainOptions {
  readonly queue: DeadLetterQueue;
  /** Throws `Refused` when no message could be delivered; any other error is that message's failure. */
  readonly deliver: (deadLetter: DeadLetter) => Promise<Delivery>;
  readonly selects: (deadLetter: DeadLetter) => boolean;
  /** Deliveries at the same time. */
  readonly concurrency: number;
  /** Deliveries a second; Infinity for no limit. */
  readonly ratePerSecond: number;
  /** Most messages to deliver; Infinity for all. */
  readonly max: number;
  /** Give up after so many failures in a row: whatever broke them is still broken. */
  readonly maxFailuresInARow: number;
  readonly clock: Clock;
  /** Aborted: nothing more is begun, what has begun is finished. */
  readonly signal?: AbortSignal;
  readonly progress?: (counts: Counts) => void;
}

export interface Counts {
  readonly delivered: number;
  readonly failed: number;
  /** Not selected. */
  readonly passedOver: number;
}

export interface Failure {
  readonly id: string;
  /** Why it failed this time. */
  readonly error: string;
}

export interface DrainResult extends Counts {
  readonly failures: readonly Failure[];
  /** Delivered, but the queue did not confirm the deletion: they may be delivered again. */
  readonly undeletedIds: readonly string[];
  readonly durationMs: number;
  /** Why it ended before the queue was empty. */
  readonly endedEarly?: string;
}

/** Drains the queue. Throws what `deliver` refused, after everything in hand was given back. */
export async function drain(options: DrainOptions): Promise<DrainResult> {
  const run = new Run(options);
  const begun = options.clock.now();
  const ended = new AbortController();
  const renewals = run.renewUntil(ended.signal);
  try {
    await run.takeAll();
  } finally {
    ended.abort();
    await renewals;
    await run.giveBack();
  }
  return run.result(options.clock.now() - begun);
}

class Run {
  readonly #options: DrainOptions;
  /** Newest receipts, by id, of all that is hidden by us: being delivered, failed, passed over. */
  readonly #receipts = new Map<string, string>();
  /** Ids of all that was delivered: such a message is never delivered again by this run. */
  readonly #delivered = new Set<string>();
  readonly #undeleted = new Set<string>();
  readonly #failures: Failure[] = [];
  readonly #work = new Set<Promise<void>>();
  #passedOver = 0;
  #begun = 0;
  #failuresInARow = 0;
  #nextStartMs = 0;
  #endedEarly: string | undefined;
  #refusal: Refused | undefined;

  constructor(options: DrainOptions) {
    this.#options = options;
  }

  async takeAll(): Promise<void> {
    const { queue, concurrency } = this.#options;
    let empty = false;
    let queueFailures = 0;
    while (!this.#stopped() && !empty) {
      await this.#untilFewerThan(concurrency);
      let fresh: readonly DeadLetter[];
      try {
        fresh = (await queue.receive(BATCH)).filter((deadLetter) => this.#isFresh(deadLetter));
        queueFailures = 0;
      } catch (error) {
        if (error instanceof Refused) throw error;
        queueFailures += 1;
        if (queueFailures >= QUEUE_FAILURES) this.#endEarly(`the queue fails: ${text(error)}`);
        continue;
      }
      for (const deadLetter of fresh) await this.#take(deadLetter);
      if (fresh.length > 0) continue;
      if (this.#work.size > 0) await Promise.race(this.#work);
      else empty = true;
    }
    await Promise.all(this.#work);
    if (this.#refusal) throw this.#refusal;
  }

  /** Keeps what is in hand hidden, however slow its delivery is. */
  async renewUntil(ended: AbortSignal): Promise<void> {
    const { clock, queue } = this.#options;
    await clock.sleep(RENEWAL_MS, ended);
    while (!ended.aborted) {
      // A message that could not be kept comes back and is recognised by its id.
      await queue.keep(this.#inHand()).catch(() => {});
      await clock.sleep(RENEWAL_MS, ended);
    }
  }

  async giveBack(): Promise<void> {
    await Promise.all(this.#work);
    // Those that could not be released return by themselves when their time is over.
    await this.#options.queue.release(this.#inHand()).catch(() => {});
  }

  result(durationMs: number): DrainResult {
    return {
      ...this.#counts(),
      failures: this.#failures,
      undeletedIds: [...this.#undeleted],
      durationMs,
      ...(this.#endedEarly === undefined ? {} : { endedEarly: this.#endedEarly }),
    };
  }

  /** Whether a message is seen for the first time; of one seen before only the newer receipt matters. */
  #isFresh({ id, receipt }: DeadLetter): boolean {
    if (this.#delivered.has(id)) {
      // Its deletion failed or came to nothing: only that is done again.
      this.#track(this.#delete({ id, receipt }));
      return false;
    }
    const known = this.#receipts.has(id);
    this.#receipts.set(id, receipt);
    return !known;
  }

  async #take(deadLetter: DeadLetter): Promise<void> {
    if (this.#stopped()) return;
    if (!this.#options.selects(deadLetter)) {
      this.#passedOver += 1;
      return;
    }
    await this.#untilFewerThan(this.#options.concurrency);
    await this.#untilItsTurn();
    if (this.#stopped()) return;
    this.#begun += 1;
    if (this.#begun >= this.#options.max) this.#endEarly(MAXIMUM_REACHED);
    this.#track(this.#deliver(deadLetter));
  }

  async #deliver(deadLetter: DeadLetter): Promise<void> {
    const { deliver, progress, maxFailuresInARow } = this.#options;
    const { id } = deadLetter;
    const delivery = await deliver(deadLetter).catch((error: unknown) => {
      if (error instanceof Refused) this.#refusal ??= error;
      return { ok: false, error: text(error) } as const;
    });
    if (delivery.ok) {
      this.#failuresInARow = 0;
      this.#delivered.add(id);
      const receipt = this.#receipts.get(id) ?? deadLetter.receipt;
      this.#receipts.delete(id);
      await this.#delete({ id, receipt });
    } else {
      this.#failures.push({ id, error: delivery.error });
      this.#failuresInARow += 1;
      if (this.#failuresInARow >= maxFailuresInARow) {
        this.#endEarly(`${maxFailuresInARow} messages in a row failed`);
      }
    }
    progress?.(this.#counts());
  }

  async #delete(deadLetter: Receipt): Promise<void> {
    await this.#options.queue.delete(deadLetter).then(
      () => this.#undeleted.delete(deadLetter.id),
      () => this.#undeleted.add(deadLetter.id),
    );
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#work.delete(tracked));
    this.#work.add(tracked);
  }

  async #untilFewerThan(count: number): Promise<void> {
    while (this.#work.size >= count) await Promise.race(this.#work);
  }

  async #untilItsTurn(): Promise<void> {
    const { clock, ratePerSecond, signal } = this.#options;
    const now = clock.now();
    this.#nextStartMs = Math.max(now, this.#nextStartMs);
    const waitMs = this.#nextStartMs - now;
    this.#nextStartMs += 1000 / ratePerSecond;
    if (waitMs > 0) await clock.sleep(waitMs, signal);
  }

  #stopped(): boolean {
    if (this.#options.signal?.aborted) this.#endEarly("interrupted");
    return this.#endedEarly !== undefined || this.#refusal !== undefined;
  }

  #endEarly(why: string): void {
    this.#endedEarly ??= why;
  }

  #inHand(): Receipt[] {
    return [...this.#receipts].map(([id, receipt]) => ({ id, receipt }));
  }

  #counts(): Counts {
    return {
      delivered: this.#delivered.size,
      failed: this.#failures.length,
      passedOver: this.#passedOver,
    };
  }
}

const text = (error: unknown): string => (error instanceof Error ? error.message : String(error));
