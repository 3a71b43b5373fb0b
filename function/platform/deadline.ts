/**
 * A deadline before Lambda's own, so that a slow dependency ends as a logged and counted error.
 * Put here: time limits. A loop that never yields cannot be stopped by this, only by Lambda.
 */
import { DeadlineError } from "./errors.ts";

/** Time kept to log, count and answer, in ms; a tenth of what remains where that is less. */
const MARGIN_MS = 500;

export const marginMs = (remainingMs: number): number => Math.min(MARGIN_MS, remainingMs / 10);

/**
 * Runs the work until `remainingMs` less the margin. Then its signal aborts and a `DeadlineError` is
 * thrown, even when the work does not listen to the signal.
 */
export async function withDeadline<T>(
  remainingMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limitMs = Math.max(0, Math.floor(remainingMs - marginMs(remainingMs)));
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new DeadlineError(limitMs);
      controller.abort(error);
      reject(error);
    }, limitMs);
  });
  try {
    return await Promise.race([work(controller.signal), expired]);
  } finally {
    clearTimeout(timer);
  }
}
