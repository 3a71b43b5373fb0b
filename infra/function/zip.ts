/** A zip whose bytes depend on its files alone: not on the machine, the clock, the time zone or the order given. */
import { Zip, ZipPassThrough } from "fflate";
import { deflateRaw } from "pako";

/** Archive path to content. Paths use `/` and are relative. */
export type ZipFiles = Readonly<Record<string, Uint8Array | string>>;

// Zip stores local wall-clock time without a zone, so a local date is the same bytes everywhere.
// Noon, because a few zones skip midnight on the day that daylight saving starts.
const FIXED_TIME = new Date(1980, 0, 1, 12);

// "Made by Unix", a regular file, readable by all: Lambda's sandbox runs as another user than the one who zipped.
const UNIX = 3;
const READABLE_FILE = (0o100644 << 16) >>> 0;

const DEFLATED = 8;

/**
 * One file of the zip, compressed by zlib's algorithm in JavaScript: Node's own zlib makes other bytes on
 * arm64 than on x86-64, and fflate's compression is 4 % larger.
 */
class DeflatedFile extends ZipPassThrough {
  override compression = DEFLATED;
  override mtime = FIXED_TIME;
  override os = UNIX;
  override attrs = READABLE_FILE;
  protected override process(chunk: Uint8Array, final: boolean): void {
    this.ondata(null, deflateRaw(chunk, { level: 9, memLevel: 9 }), final);
  }
}

/** Packs the files, sorted by path, at the highest compression level. */
export function reproducibleZip(files: ZipFiles): Uint8Array {
  const chunks: Uint8Array[] = [];
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    chunks.push(chunk);
  });
  // Sorted by code unit, not by locale, which differs between machines.
  for (const [path, content] of Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const file = new DeflatedFile(path);
    zip.add(file);
    file.push(typeof content === "string" ? new TextEncoder().encode(content) : content, true);
  }
  zip.end();
  return Buffer.concat(chunks);
}
