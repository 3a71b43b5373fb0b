/**
 * Aborted by the first SIGINT (Ctrl-C) or SIGTERM (a cancelled job): a command then ends in order.
 * The second one ends the process as usual.
 */
export function onInterrupt(): AbortSignal {
  const controller = new AbortController();
  const abort = (): void => {
    process.off("SIGINT", abort);
    process.off("SIGTERM", abort);
    controller.abort();
  };
  process.on("SIGINT", abort);
  process.on("SIGTERM", abort);
  return controller.signal;
}
