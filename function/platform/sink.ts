/**
 * Where lines go.
 * Put here: how a line is written. What is in it stands in log-value.ts, logger.ts and metrics.ts.
 */
import { writeSync } from "node:fs";

/** Takes one line of JSON, without its end. */
export type Write = (line: string) => void;

/**
 * Has a utility of Powertools print through `write`. It would make a console over stdout and stderr in its
 * constructor: opening these costs 1.5 ms of every cold start. The method is private, so it is set from outside.
 */
export function printThrough(utility: { readonly prototype: object }, write: Write): void {
  const console = {
    log: write,
    trace: write,
    debug: write,
    info: write,
    warn: write,
    error: write,
  };
  Object.assign(utility.prototype, {
    setConsole(this: object) {
      Object.assign(this, { console });
    },
  });
}

/** Milliseconds that a full pipe is waited for. */
const MAX_WAIT_MS = 1000;

/** Writes a line to the log at once: `process.stdout` costs more at its first line than all others together. */
export function writeLine(line: string): void {
  const bytes = Buffer.from(`${line}\n`);
  for (let at = 0, waitedMs = 0; at < bytes.length && waitedMs < MAX_WAIT_MS; ) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      // A full pipe is read from in a moment. A line that cannot be written is no reason to fail an event.
      if (!isFull(error)) return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
      waitedMs += 1;
    }
  }
}

const isFull = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "EAGAIN";
