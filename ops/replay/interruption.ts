/** Ctrl-C and SIGTERM: the first ends a run in good order, the second at once. */

/**
 * A signal that is aborted at the first SIGINT or SIGTERM. `said` is called then. At the second the process
 * ends; that is safe too, only less tidy. `end` brings the usual behaviour back.
 */
export function interruption(said: () => void): { signal: AbortSignal; end: () => void } {
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(1);
    said();
    controller.abort();
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const name of signals) process.on(name, interrupt);
  return {
    signal: controller.signal,
    end: () => {
      for (const name of signals) process.off(name, interrupt);
    },
  };
}
