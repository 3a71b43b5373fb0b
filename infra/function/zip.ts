/** A zip whose bytes depend on its files alone: not on the machine, the clock, the time zone or the order given. */
import { zipSync, type Zippable } from "fflate";

/** Archive path to content. Paths use `/` and are relative. */
export type ZipFiles = Readonly<Record<string, Uint8Array | string>>;

// Zip stores local wall-clock time without a zone, so a local date is the same bytes everywhere.
// Noon, because a few zones skip midnight on the day that daylight saving starts.
const FIXED_TIME = new Date(1980, 0, 1, 12);

// "Made by Unix", a regular file, readable by all: Lambda's sandbox runs as another user than the one who zipped.
const UNIX = 3;
const READABLE_FILE = (0o100644 << 16) >>> 0;

/** Packs the files, sorted by path, at the highest compression level. */
export function reproducibleZip(files: ZipFiles): Uint8Array {
  const entries: Zippable = {};
  // Sorted by code unit, not by locale, which differs between machines.
  for (const path of Object.keys(files).sort()) {
    const content = files[path];
    if (content === undefined) continue;
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    entries[path] = [bytes, { level: 9, mtime: FIXED_TIME, os: UNIX, attrs: READABLE_FILE }];
  }
  return zipSync(entries);
}
