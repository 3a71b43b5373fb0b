/**
 * Gets the official engine and compares it with the checksum in this folder before a byte of it runs. Without
 * packages, because a pipeline installs the engine before them.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { ENGINE_VERSION } from "./version.ts";

const CHECKSUMS = path.join(import.meta.dirname, "checksums.txt");

/** The official archive for this machine: its name, its address and its checksum. */
export interface Archive {
  readonly name: string;
  readonly url: string;
  /** SHA-256 in hexadecimal. */
  readonly sha256: string;
}

/** The archive of the pinned version. Throws where no checksum of it is known. */
export async function officialArchive(
  platform: string = process.platform,
  architecture: string = process.arch,
): Promise<Archive> {
  const name = `pulumi-v${ENGINE_VERSION}-${platform}-${architecture}.tar.gz`;
  const lines = (await readFile(CHECKSUMS, "utf8")).split("\n");
  const [sha256] = lines.find((line) => line.endsWith(`  ${name}`))?.split("  ") ?? [];
  if (sha256 === undefined) throw new Error(`checksums.txt has no checksum of ${name}`);
  const url = `https://github.com/pulumi/pulumi/releases/download/v${ENGINE_VERSION}/${name}`;
  return { name, url, sha256 };
}

/** Puts the engine into the folder, as `bin/pulumi`. Throws where it cannot be had, or is not the one that is expected. */
export async function downloadEngine(
  folder: string,
  { name, url, sha256 }: Archive,
  signal?: AbortSignal,
): Promise<void> {
  const response = await fetch(url, signal && { signal });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  const content = new Uint8Array(await response.arrayBuffer());
  const found = createHash("sha256").update(content).digest("hex");
  if (found !== sha256) {
    throw new Error(`${name} has the checksum ${found}, and checksums.txt says ${sha256}`);
  }
  const bin = path.join(folder, "bin");
  await mkdir(bin, { recursive: true });
  const archive = path.join(folder, name);
  await writeFile(archive, content);
  // All of it is in one folder named pulumi.
  await promisify(execFile)("tar", ["-xzf", archive, "-C", bin, "--strip-components=1"], {
    ...(signal && { signal }),
  });
  await rm(archive);
}
