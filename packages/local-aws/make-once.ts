/** Where things are kept between runs, and how one is put there once, whoever else is at it. */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LocalAwsError } from "./errors.ts";

/** The user's cache folder, by the convention of the platform; XDG_CACHE_HOME decides where it is set. */
export function userCache(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const configured = env["XDG_CACHE_HOME"];
  if (configured !== undefined && path.isAbsolute(configured)) return configured;
  if (platform === "darwin") return path.join(homedir(), "Library", "Caches");
  if (platform === "win32") return env["LOCALAPPDATA"] ?? path.join(homedir(), "AppData", "Local");
  return path.join(homedir(), ".cache");
}

/** Where this package keeps one thing that it made, for example `pulumi-3.258.0-linux-x64`. */
export const cacheFolder = (name: string, cache = userCache()): string =>
  path.join(cache, "local-aws", name);

/** A holder shows that it is alive by touching its lock this often … */
const HEARTBEAT_MS = 2_000;
/** … and is taken for dead after this long, so that a killed build blocks nobody for good. */
const STALE_MS = 15_000;

/**
 * Makes `folder` by running `make` on an empty folder beside it, which is then renamed: it is there whole
 * or not at all. A second process waits for the first and finds the work done; `waiting` is called once then.
 */
export async function makeOnce(
  folder: string,
  make: (staging: string) => Promise<void>,
  waiting: () => void = () => {},
): Promise<void> {
  await mkdir(path.dirname(folder), { recursive: true }).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    throw new LocalAwsError(
      `${path.dirname(folder)} cannot be made (${code})`,
      "name a folder of yours in XDG_CACHE_HOME",
      { cause: error },
    );
  });
  const release = await acquire(`${folder}.lock`, () => existsSync(folder), waiting);
  if (release === undefined) return;
  await sweep(folder);
  // The lock only saves work: each process has a folder of its own, and the rename decides.
  const staging = await mkdtemp(`${folder}.partial-`);
  try {
    await make(staging);
    await rename(staging, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
    await release();
  }
}

/** Removes what processes left that died at it: gigabytes, where it was a build. */
async function sweep(folder: string): Promise<void> {
  const parent = path.dirname(folder);
  for (const name of await readdir(parent)) {
    if (!name.startsWith(`${path.basename(folder)}.partial-`)) continue;
    await rm(path.join(parent, name), { recursive: true, force: true });
  }
}

/** Waits for the lock, or until `done`. Returns how to give it back, or undefined when all is done. */
async function acquire(
  lock: string,
  done: () => boolean,
  waiting: () => void,
): Promise<(() => Promise<void>) | undefined> {
  let reported = false;
  for (;;) {
    if (done()) return undefined;
    try {
      await mkdir(lock);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      await stealIfStale(lock);
      if (!reported) waiting();
      reported = true;
      await sleep(250);
      continue;
    }
    const heartbeat = setInterval(() => {
      const now = new Date();
      // A lock that is gone was taken for dead; the work goes on, and the rename decides.
      utimes(lock, now, now).catch(() => {});
    }, HEARTBEAT_MS);
    heartbeat.unref();
    return async () => {
      clearInterval(heartbeat);
      await rm(lock, { recursive: true, force: true });
    };
  }
}

async function stealIfStale(lock: string): Promise<void> {
  const touched = await stat(lock).catch(() => undefined);
  if (touched === undefined || Date.now() - touched.mtimeMs < STALE_MS) return;
  await rm(lock, { recursive: true, force: true });
}
