/**
 * Installs what the peers are made of, on demand: once for each user and lockfile, into the user's cache.
 * The project does without them, so no clone and no `npm ci` pays for them.
 */
import { createHash } from "node:crypto";
import { cp, readFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { cacheFolder, makeOnce } from "local-aws/make-once.ts";
import { Refused } from "../../../ops/support/refused.ts";

/** The package that depends on them, with its lockfile. */
const PACKAGE = join(import.meta.dirname, "package");

/** The folder `node_modules` of the peers where it is installed already. */
export async function findPeers(): Promise<string | undefined> {
  const modules = join(await home(), "node_modules");
  return existsSync(modules) ? modules : undefined;
}

/** The same, installed first where needed. Throws `Refused` when npm cannot. */
export async function installPeers(progress: (message: string) => void): Promise<string> {
  const folder = await home();
  await makeOnce(folder, async (staging) => {
    progress("installing what the peers are made of, once");
    await cp(PACKAGE, staging, { recursive: true });
    const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
    await execa("npm", args, { cwd: staging, stdin: "ignore" }).catch((error: Error) => {
      throw new Refused(
        "the benchmark's peers cannot be installed",
        `see why npm ci fails in tools/bench/peers/package: ${error.message.split("\n")[0]}`,
        { cause: error },
      );
    });
  });
  return join(folder, "node_modules");
}

async function home(): Promise<string> {
  const lockfile = await readFile(join(PACKAGE, "package-lock.json"));
  const hash = createHash("sha256").update(lockfile).digest("hex").slice(0, 12);
  return cacheFolder(`bench-peers-${hash}`);
}
