/**
 * How long a minute is. 60 seconds, but for the local cloud, where a canary of five minutes can be
 * watched in seconds: it sets `EMULATED_MINUTE_MS` for itself and for the commands that are pointed at it.
 */
import { setTimeout } from "node:timers/promises";

export const MINUTE_MS = 60_000;

export const minuteMs = (environment: NodeJS.ProcessEnv = process.env): number => {
  const emulated = Number(environment["EMULATED_MINUTE_MS"]);
  return emulated > 0 ? emulated : MINUTE_MS;
};

/** Whether a command is pointed at a local cloud. */
export const inLocalCloud = (environment: NodeJS.ProcessEnv = process.env): boolean =>
  environment["EMULATED_MINUTE_MS"] !== undefined;

/** Polls of AWS in a minute: one every five seconds. */
export const POLLS_A_MINUTE = 12;

/** Waits until the next poll, with jitter, so that two who follow do not ask at the same moments. Ends early when `signal` says so. */
export async function nextPoll(minute: number, signal?: AbortSignal): Promise<void> {
  const jitter = 0.8 + 0.4 * Math.random();
  await setTimeout((minute / POLLS_A_MINUTE) * jitter, undefined, { signal }).catch(
    () => undefined,
  );
}
