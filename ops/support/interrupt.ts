/** Ctrl-C and its like: one way for commands that have something to end in order. */
import { Refused } from "./refused.ts";

/** Exit statuses that shells expect of a process that a signal has ended. */
const STATUS_OF_SIGNAL = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

interface Interruption {
  /** Aborted by the first signal. The second one ends the process as usual, unless `again` hears it too. */
  readonly signal: AbortSignal;
  /** The exit status of the first signal; `undefined` until there is one. */
  readonly status: () => number | undefined;
  /** Hears signals no more. */
  readonly end: () => void;
}

function listen({ again }: { readonly again: boolean }): Interruption {
  const controller = new AbortController();
  let first: number | undefined;
  const listeners = Object.entries(STATUS_OF_SIGNAL).map(([name, status]) => {
    const listener = (): void => {
      first ??= status;
      if (!again) end();
      controller.abort();
    };
    process.on(name, listener);
    return { name, listener };
  });
  const end = (): void => {
    for (const { name, listener } of listeners) process.off(name, listener);
  };
  return { signal: controller.signal, status: () => first, end };
}

/** Aborted by the first Ctrl-C, or the cancellation of a job: a command then ends in order. The second one ends the process. */
export const onInterrupt = (): AbortSignal => listen({ again: false }).signal;

/**
 * Runs `work` with a signal that aborts on Ctrl-C and its like. The work ends its children and clears away
 * on the abort; what it then throws is not reported, because the user knows.
 */
export async function interruptible(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const { signal, status, end } = listen({ again: true });
  try {
    await work(signal);
  } catch (error) {
    if (status() === undefined) throw error;
  } finally {
    end();
  }
  const interrupted = status();
  if (interrupted !== undefined) process.exitCode = interrupted;
}

/** The reason of the refusal that `unlessInterrupted` ends with. */
export const INTERRUPTED = "interrupted";

/** Waits for `work`, and stops waiting at once when `signal` says so: then it throws `Refused` with that reason. */
export async function unlessInterrupted<T>(
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  const refused = (): Refused =>
    new Refused("interrupted; nothing was changed", undefined, { reason: INTERRUPTED });
  if (signal.aborted) throw refused();
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void => {
    reject(refused());
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([work(), promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
