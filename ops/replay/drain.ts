/**
 * Takes messages out of a queue: each is delivered first, deleted only then.
 *
 * The rule that everything here serves: a message leaves the queue only after it was delivered. So whatever
 * is killed or fails whenever, each message was delivered at least once or is still in the queue. It may be
 * delivered twice, when the deletion is what failed; asynchronous invocation promises no more either.
 *
 * Messages that failed, and those not meant, are kept hidden until the end of the run, so that the queue
 * runs empty and none is tried twice; then they are released. After a kill they return by themselves.
 */
import { Refused } from "../support/refused.ts";
import { Batches } from "./batches.ts";
import { Breaker } from "./breaker.ts";
import type { Clock } from "./clock.ts";
import type { DeadLetter } from "./dead-letter.ts";
import { errorKey } from "./error-groups.ts";
import { BATCH, type DeadLetterQueue, type Receipt } from "./queue.ts";
import { Rate } from "./rate.ts";

/** Failures in a row, retries of the SDK not counted, after which the queue itself is taken to be down. */
const QUEUE_FAILURES = 5;
/** One receive hands over 300 messages a second (10 in 30 ms); more run side by side. */
const MOST_RECEIVERS = 16;
const LEAST_ROOM = 4 * BATCH;
const GRACE_MS = 10_000;

/** Why a drain ended that delivered as many messages as it was asked to. */
export const MAXIMUM_REACHED = "the maximum was reached";

/** What became of one delivery. `unsendable`: this message can never be delivered, whatever is fixed. */
export type Delivery =
  | { readonly ok: true }
  | { readonly ok: false; readonly error: string; readonly unsendable?: true };

export interface DrainOptions {
  readonly queue: DeadLetterQueue;
  /**
   * Throws `Refused` when no message could be delivered; any other error is that message's failure. The
   * signal says that nobody waits any more.
   */
  readonly deliver: (message: DeadLetter, signal: AbortSignal) => Promise<Delivery>;
  readonly selects: (message: DeadLetter) => boolean;
  /** Why a message cannot be delivered at all; undefined when it can. */
  readonly unsendable?: (message: DeadLetter) => string | undefined;
  /** Deliveries at the same time. */
  readonly concurrency: number;
  /** Deliveries a second; Infinity for no limit. */
  readonly ratePerSecond: number;
  /** Most messages to deliver; Infinity for all. */
  readonly max: number;
  /** After so many failures in a row, messages with the same error are held back: see `Breaker`. */
  readonly maxFailuresInARow: number;
  readonly clock: Clock;
  /** How long calls that have begun may go on after an interruption, in milliseconds. Default ten seconds. */
  readonly graceMs?: number;
  /** Aborted: nothing more is begun. A text as reason is reported. */
  readonly signal?: AbortSignal;
  readonly progress?: (counts: Counts) => void;
  /** Yields 0 to 1. */
  readonly random?: () => number;
}

export interface Counts {
  readonly delivered: number;
  readonly failed: number;
  /** Cannot be delivered, ever. */
  readonly unsendable: number;
  /** Not selected. */
  readonly passedOver: number;
  /** Held back, because others with the same error failed again. */
  readonly heldBack: number;
}

export interface Failure {
  readonly id: string;
  /** Why it failed this time. */
  readonly error: string;
}

export interface DrainResult extends Counts {
  readonly failures: readonly Failure[];
  readonly unsendables: readonly Failure[];
  /** Delivered, but the queue did not confirm the deletion: they may be delivered again. */
  readonly undeletedIds: readonly string[];
  /** Calls that were cut off: nobody knows whether they succeeded, and their messages come back. */
  readonly unknownIds: readonly string[];
  readonly durationMs: number;
  /** Why it ended before the queue was empty. */
  readonly endedEarly?: string;
}

/** Drains the queue. Throws what `deliver` refused, after everything in hand was given back. */
export async function drain(options: DrainOptions): Promise<DrainResult> {
  const run = new Run(options);
  const begun = options.clock.now();
  const ended = new AbortController();
  const background = [run.renewUntil(ended.signal), run.limitGrace(ended.signal)];
  try {
    await run.takeAll();
  } finally {
    ended.abort();
    await run.unlessAbandoned(Promise.all(background));
    await run.giveBack();
  }
  return run.result(options.clock.now() - begun);
}

class Run {
  readonly #options: DrainOptions;
  /** Newest receipts, by id, of all that is hidden by us. */
  readonly #receipts = new Map<string, string>();
  /** Received and not begun yet. What is being begun is still in it. */
  readonly #waiting: DeadLetter[] = [];
  /** Ids of all that was delivered: such a message is never delivered again by this run. */
  readonly #delivered = new Set<string>();
  readonly #undeleted = new Set<string>();
  readonly #failures: Failure[] = [];
  readonly #unsendables: Failure[] = [];
  readonly #delivering = new Set<string>();
  readonly #unknown = new Set<string>();
  /** Ids held back, by the key of their error. */
  readonly #heldBack = new Map<string, Set<string>>();
  readonly #work = new Set<Promise<void>>();
  readonly #graceMs: number;
  /** Messages to have at hand, so that no delivery waits for a receive. */
  readonly #room: number;
  readonly #breaker: Breaker;
  readonly #rate: Rate;
  readonly #deletions: Batches<Receipt>;
  /** Nobody waits for calls any more. */
  readonly #abandoned = new AbortController();
  /** Resolved and replaced whenever something has changed that a loop may be waiting for. */
  #change = Promise.withResolvers<void>();
  #receiving = 0;
  #queueFailures = 0;
  #passedOver = 0;
  #begun = 0;
  #empty = false;
  #endedEarly: string | undefined;
  #refusal: Refused | undefined;

  constructor(options: DrainOptions) {
    this.#options = options;
    this.#graceMs = options.graceMs ?? GRACE_MS;
    this.#room = Math.max(LEAST_ROOM, options.concurrency);
    this.#breaker = new Breaker(options.maxFailuresInARow, options.random);
    this.#rate = new Rate(options.ratePerSecond);
    this.#deletions = new Batches(BATCH, options.clock, (batch) => this.#delete(batch));
    options.signal?.addEventListener("abort", () => this.#changed());
  }

  async takeAll(): Promise<void> {
    const receivers = Math.min(MOST_RECEIVERS, Math.ceil(this.#room / BATCH));
    const loops = Array.from({ length: receivers }, () => this.#receiveAll());
    await this.unlessAbandoned(Promise.all([this.#startAll(), ...loops]));
    await this.#untilDone();
    if (this.#refusal) throw this.#refusal;
  }

  /** Keeps what is in hand hidden, however slow its delivery is. Twice in its time: one may be lost. */
  async renewUntil(ended: AbortSignal): Promise<void> {
    const { clock, queue } = this.#options;
    const pauseMs = (queue.hiddenSeconds * 1000) / 2;
    await clock.sleep(pauseMs, ended);
    while (!ended.aborted) {
      // A message that could not be kept comes back and is recognised by its id.
      await queue.keep(this.#inHand()).catch(() => {});
      await clock.sleep(pauseMs, ended);
    }
  }

  /** After an interruption, cuts off what does not end by itself. */
  async limitGrace(ended: AbortSignal): Promise<void> {
    const { signal } = this.#options;
    await aborted(signal ? AbortSignal.any([ended, signal]) : ended);
    await this.#options.clock.sleep(this.#graceMs, ended);
    if (ended.aborted) return;
    // Their calls may still be under way, so they are not given to the next reader at once.
    for (const id of this.#delivering) {
      this.#unknown.add(id);
      this.#receipts.delete(id);
    }
    this.#abandoned.abort();
  }

  /** Waits for the work, or until nobody waits any more. */
  async unlessAbandoned(work: Promise<unknown>): Promise<void> {
    await Promise.race([work, aborted(this.#abandoned.signal)]);
  }

  async giveBack(): Promise<void> {
    const { clock, queue, signal } = this.#options;
    await this.#untilDone();
    // Those that could not be released return by themselves when their time is over.
    const released = queue.release(this.#inHand()).catch(() => {});
    await (signal?.aborted ? Promise.race([released, clock.sleep(this.#graceMs)]) : released);
  }

  result(durationMs: number): DrainResult {
    return {
      ...this.#counts(),
      failures: this.#failures,
      unsendables: this.#unsendables,
      undeletedIds: [...this.#undeleted],
      unknownIds: [...this.#unknown],
      durationMs,
      ...(this.#endedEarly === undefined ? {} : { endedEarly: this.#endedEarly }),
    };
  }

  /** One of several: receives as long as there is room, until the queue is empty. */
  async #receiveAll(): Promise<void> {
    while (!this.#isOver() && !this.#empty) {
      if (!this.#hasRoom()) {
        await this.#change.promise;
        continue;
      }
      // Only a receive that began when nothing was under way can find that nothing will come back.
      const idle = this.#isIdle();
      const found = await this.#receive();
      if (found === 0 && idle && this.#isIdle()) this.#empty = true;
      this.#changed();
    }
  }

  /** How many came; undefined when the call failed. */
  async #receive(): Promise<number | undefined> {
    this.#receiving += 1;
    try {
      const messages = await this.#options.queue.receive(this.#abandoned.signal);
      this.#queueFailures = 0;
      // Another receive may just have found nothing.
      if (messages.length > 0) this.#empty = false;
      for (const message of messages) if (this.#isFresh(message)) this.#sort(message);
      return messages.length;
    } catch (error) {
      if (error instanceof Refused) this.#refusal ??= error;
      this.#queueFailures += 1;
      if (this.#queueFailures >= QUEUE_FAILURES) this.#end(`the queue fails: ${text(error)}`);
      return undefined;
    } finally {
      this.#receiving -= 1;
    }
  }

  #hasRoom(): boolean {
    return this.#waiting.length + this.#receiving * BATCH < this.#room;
  }

  #isIdle(): boolean {
    return this.#waiting.length === 0 && this.#work.size === 0;
  }

  /** Whether a message is seen for the first time; of one seen before only the newer receipt matters. */
  #isFresh({ id, receipt }: DeadLetter): boolean {
    if (this.#delivered.has(id)) {
      // Its deletion failed or came to nothing: only that is done again.
      this.#track(this.#deletions.add({ id, receipt }));
      return false;
    }
    const known = this.#receipts.has(id) || this.#unknown.has(id);
    this.#receipts.set(id, receipt);
    return !known;
  }

  #sort(message: DeadLetter): void {
    if (!this.#options.selects(message)) {
      this.#passedOver += 1;
      return;
    }
    const error = this.#options.unsendable?.(message);
    if (error === undefined) this.#waiting.push(message);
    else this.#unsendables.push({ id: message.id, error });
  }

  /** Begins the deliveries, each in its turn. */
  async #startAll(): Promise<void> {
    const { clock, concurrency, max, signal } = this.#options;
    while (!this.#isOver()) {
      const [message] = this.#waiting;
      if (!message) {
        if (this.#empty && this.#receiving === 0) return;
        await this.#change.promise;
      } else if (this.#delivering.size >= concurrency) {
        await this.#change.promise;
      } else if (this.#holdsBack(message)) {
        this.#waiting.shift();
        this.#changed();
      } else {
        const waitMs = this.#rate.next(clock.now());
        if (waitMs > 0) await clock.sleep(waitMs, signal);
        if (this.#isOver()) return;
        this.#begun += 1;
        if (this.#begun >= max) this.#end(MAXIMUM_REACHED);
        this.#track(this.#deliver(message));
        this.#waiting.shift();
        this.#changed();
      }
    }
  }

  #holdsBack({ id, error }: DeadLetter): boolean {
    const key = errorKey(error);
    if (this.#breaker.lets(key)) return false;
    const ids = this.#heldBack.get(key) ?? new Set();
    this.#heldBack.set(key, ids.add(id));
    return true;
  }

  async #deliver(message: DeadLetter): Promise<void> {
    this.#delivering.add(message.id);
    const delivery = await this.#options
      .deliver(message, this.#abandoned.signal)
      .catch((error: unknown) => {
        if (error instanceof Refused) this.#refusal ??= error;
        return { ok: false, error: text(error) } as const;
      });
    this.#delivering.delete(message.id);
    this.#changed();
    if (this.#unknown.has(message.id)) return;
    if (delivery.ok) await this.#succeeded(message);
    else this.#failed(message, delivery);
    this.#options.progress?.(this.#counts());
  }

  async #succeeded({ id, receipt, error }: DeadLetter): Promise<void> {
    this.#delivered.add(id);
    const newest = this.#receipts.get(id) ?? receipt;
    this.#receipts.delete(id);
    const key = errorKey(error);
    await Promise.all([
      this.#deletions.add({ id, receipt: newest }),
      this.#breaker.succeeded(key) && this.#letThrough(key),
    ]);
  }

  #failed(
    { id, error: group }: DeadLetter,
    { error, unsendable }: Exclude<Delivery, { ok: true }>,
  ): void {
    if (unsendable) {
      this.#unsendables.push({ id, error });
    } else {
      this.#failures.push({ id, error });
      this.#breaker.failed(errorKey(group));
    }
  }

  /** Gives back what was held back, to receive it again as if it were new. */
  async #letThrough(key: string): Promise<void> {
    const ids = this.#heldBack.get(key) ?? [];
    this.#heldBack.delete(key);
    const receipts = [...ids].map((id) => ({ id, receipt: this.#receipts.get(id) ?? "" }));
    for (const id of ids) this.#receipts.delete(id);
    await this.#options.queue.release(receipts).catch(() => {});
  }

  async #delete(batch: readonly Receipt[]): Promise<void> {
    const failed = await this.#options.queue.delete(batch).catch(() => batch.map(({ id }) => id));
    for (const { id } of batch) this.#undeleted.delete(id);
    for (const id of failed) this.#undeleted.add(id);
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => {
      this.#work.delete(tracked);
      this.#changed();
    });
    this.#work.add(tracked);
  }

  async #untilDone(): Promise<void> {
    while (this.#work.size > 0 && !this.#abandoned.signal.aborted) {
      await this.unlessAbandoned(Promise.all(this.#work));
    }
  }

  #changed(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }

  #isOver(): boolean {
    const { signal } = this.#options;
    if (signal?.aborted) {
      this.#end(typeof signal.reason === "string" ? signal.reason : "interrupted");
    }
    return this.#endedEarly !== undefined || this.#refusal !== undefined;
  }

  #end(why: string): void {
    this.#endedEarly ??= why;
    this.#changed();
  }

  #inHand(): Receipt[] {
    return [...this.#receipts].map(([id, receipt]) => ({ id, receipt }));
  }

  #counts(): Counts {
    return {
      delivered: this.#delivered.size,
      failed: this.#failures.length,
      unsendable: this.#unsendables.length,
      passedOver: this.#passedOver,
      heldBack: [...this.#heldBack.values()].reduce((sum, { size }) => sum + size, 0),
    };
  }
}

const text = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
