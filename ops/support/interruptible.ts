/** Ctrl-C in a command that has children and a folder to clear away. */
const STATUS_OF_SIGNAL = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/**
 * Runs `work` with a signal that aborts on Ctrl-C and its like. The work ends its children and clears away
 * on the abort; what it then throws is not reported, because the user knows.
 */
export async function interruptible(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  let status: number | undefined;
  const listeners = Object.entries(STATUS_OF_SIGNAL).map(([name, code]) => {
    const listener = () => {
      status ??= code;
      controller.abort();
    };
    process.on(name as keyof typeof STATUS_OF_SIGNAL, listener);
    return { name, listener };
  });
  try {
    await work(controller.signal);
  } catch (error) {
    if (status === undefined) throw error;
  } finally {
    for (const { name, listener } of listeners) process.off(name, listener);
  }
  if (status !== undefined) process.exitCode = status;
}
