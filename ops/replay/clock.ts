import { setTimeout } from "node:timers/promises";

export interface Clock {
  /** Milliseconds. */
  now(): number;
  /** Ends early, without an error, when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => setTimeout(ms, undefined, signal && { signal }).catch(() => {}),
};
