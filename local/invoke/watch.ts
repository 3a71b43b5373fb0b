/** Waits until something is worth another run. */
import { watch } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Editors write a file in several steps. */
const SETTLE_MS = 100;

/** Resolves at the next change of the file or of anything below the folder, or when the signal aborts. */
export async function nextChange(folder: string, file: string, signal: AbortSignal): Promise<void> {
  const enough = new AbortController();
  const either = AbortSignal.any([signal, enough.signal]);
  const changed = async (path: string, recursive: boolean, name?: string): Promise<void> => {
    try {
      for await (const { filename } of watch(path, { recursive, signal: either })) {
        if (name === undefined || filename === name) return;
      }
    } catch (error) {
      if (!either.aborted) throw error;
    }
  };
  // The file by its folder: many editors write another file and put it in the place of this one.
  await Promise.race([
    changed(folder, true),
    changed(dirname(file), false, basename(file)),
  ]).finally(() => enough.abort());
  await sleep(SETTLE_MS, undefined, { signal }).catch(() => {});
}
