/** Tries one version: a few rounds of every smoke event, one call after the other. No AWS here. */
import { type Answer, faultOf, type SmokeEvent } from "./smoke-events.ts";

/** What a trial found; `faults` is empty when the version may get traffic. */
export interface Trial {
  readonly version: string;
  /** Calls that were made. */
  readonly calls: number;
  /** Slowest call but the first, which pays for the cold start. */
  readonly slowestMs: number;
  /** What is wrong with the version, in words. */
  readonly faults: readonly string[];
  /** Why the hook could not try the version, in words. Says nothing about the version. */
  readonly hookFault?: string;
}

export interface TrialOptions {
  readonly version: string;
  /** What it is tried with. */
  readonly events: readonly SmokeEvent[];
  /** Calls exactly this version. */
  readonly call: (event: SmokeEvent) => Promise<Answer>;
  /** Rounds of every event. */
  readonly rounds: number;
  /** A warm call may not take longer than this, in milliseconds. */
  readonly slowestCallMs: number;
  /** A clock in milliseconds. */
  readonly now?: () => number;
}

/**
 * Stops at the first round with a fault: more calls to a broken version tell nothing new. Throws when a call
 * cannot be made: that is no fault of the version.
 */
export async function tryVersion({
  version,
  events,
  call,
  rounds,
  slowestCallMs,
  now = () => performance.now(),
}: TrialOptions): Promise<Trial> {
  const faults: string[] = [];
  let calls = 0;
  let slowestMs = 0;
  for (let round = 0; round < rounds && faults.length === 0; round++) {
    for (const event of events) {
      const startedMs = now();
      const fault = faultOf(event, await call(event));
      const elapsedMs = Math.round(now() - startedMs);
      if (calls > 0) slowestMs = Math.max(slowestMs, elapsedMs);
      calls += 1;
      if (fault) faults.push(fault);
      else if (calls > 1 && elapsedMs > slowestCallMs) {
        faults.push(`${event.name}: took ${elapsedMs} ms; at most ${slowestCallMs} ms are allowed`);
      }
    }
  }
  return { version, calls, slowestMs, faults };
}
