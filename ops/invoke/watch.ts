/** Runs something again when a file changes, one run at a time. */
import { watch } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** Editors write a file in several steps. */
const SETTLE_MS = 100;

/** Resolves at the next change below one of the paths, or when the signal aborts. */
export async function nextChange(paths: readonly string[], signal: AbortSignal): Promise<void> {
  const enough = new AbortController();
  const either = AbortSignal.any([signal, enough.signal]);
  await Promise.race(
    paths.map(async (path) => {
      try {
        // The first change is all that is waited for.
        for await (const _ of watch(path, { recursive: true, signal: either })) return;
      } catch (error) {
        if (!either.aborted) throw error;
      }
    }),
  ).finally(() => enough.abort());
  await sleep(SETTLE_MS, undefined, { signal }).catch(() => {});
}
