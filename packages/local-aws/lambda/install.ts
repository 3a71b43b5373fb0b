/**
 * Installs AWS's Lambda runtime client on demand: once for each user, Node version and lockfile.
 *
 * It compiles native code (45 to 130 s on two cores), so it is no dependency of the project: it would slow
 * every `npm ci` and break it where there is no compiler. Its install scripts are run here, by name, after
 * an installation that runs none.
 */
import { createHash } from "node:crypto";
import { access, cp, mkdir, readFile, rm } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { execa } from "execa";
import { cacheFolder, makeOnce } from "../make-once.ts";
import { type Progress, silent } from "../progress.ts";

/** Where the client's entry is, or why there is none. */
export type Installed =
  | { readonly ok: true; readonly entry: string }
  | { readonly ok: false; readonly reason: string };

/** What compiling needs; without one of these it is not even tried. */
const TOOLS = ["cmake", "make", "c++", "tar", "python3"];

/** The package that depends on the client, with its lockfile. */
const PACKAGE = join(import.meta.dirname, "package");

const STEP_TIMEOUT_MS = 600_000;

/** The files that run; everything else of the package is there to make them. */
const KEPT = ["index.mjs", "rapid-client.node", "package.json", "LICENSE", "NOTICE"];

/** The client where it is installed already; never installs. */
export async function findRuntimeClient(): Promise<Installed> {
  const entry = join(await home(), "index.mjs");
  return (await exists(entry))
    ? { ok: true, entry }
    : { ok: false, reason: "AWS's Lambda runtime client is not installed" };
}

/** The client, installed first where needed. */
export async function installRuntimeClient(progress: Progress = silent): Promise<Installed> {
  const found = await findRuntimeClient();
  if (found.ok) return found;
  const obstacle = await whyNot();
  if (obstacle) return { ok: false, reason: obstacle };

  try {
    await makeOnce(
      await home(),
      async (folder) => {
        progress("installing AWS's Lambda runtime client, once: it takes one to two minutes");
        await build(folder, progress);
      },
      () => progress("waiting for another process that installs AWS's Lambda runtime client"),
    );
    return await findRuntimeClient();
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    return { ok: false, reason: error.message };
  }
}

async function build(home: string, progress: Progress): Promise<void> {
  const folder = join(home, "build");
  await mkdir(folder);
  for (const file of ["package.json", "package-lock.json"]) {
    await cp(join(PACKAGE, file), join(folder, file));
  }
  progress("1 of 3: downloading it");
  await step("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder);

  const client = join(folder, "node_modules/aws-lambda-ric");
  progress("2 of 3: compiling the libraries it uses");
  await step("sh", ["scripts/preinstall.sh"], client);

  progress("3 of 3: compiling its native part");
  const nodeGyp = join(folder, "node_modules/node-gyp/bin/node-gyp.js");
  const headers = dirname(dirname(process.execPath));
  const shipped = await exists(join(headers, "include/node/node_api.h"));
  await step(
    process.execPath,
    [
      nodeGyp,
      "rebuild",
      "--directory=src/native",
      // The headers that came with this very Node; without them node-gyp downloads some.
      ...(shipped ? [`--nodedir=${headers}`] : []),
    ],
    client,
    { DEPS_PREFIX: join(client, "deps/artifacts") },
  );
  await cp(
    join(client, "src/native/build/Release/rapid-client.node"),
    join(client, "rapid-client.node"),
  );
  for (const file of KEPT) await cp(join(client, file), join(home, file));
  await rm(folder, { recursive: true });
}

/** A step failed: one line that says which and why. */
class StepError extends Error {
  override readonly name = "StepError";
}

async function step(
  file: string,
  args: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
): Promise<void> {
  const result = await execa(file, args, {
    cwd,
    env,
    reject: false,
    all: true,
    stdin: "ignore",
    timeout: STEP_TIMEOUT_MS,
  });
  if (!result.failed) return;
  const lines = result.all.split("\n").filter((line) => /error/i.test(line));
  const reason = lines.at(-1)?.trim() ?? result.shortMessage;
  throw new StepError(`AWS's Lambda runtime client could not be built: ${reason}`);
}

/** Why it cannot be built here, before anything is downloaded. */
async function whyNot(): Promise<string | undefined> {
  if (process.platform !== "linux") {
    return `AWS's Lambda runtime client can be built on Linux only, not on ${process.platform}`;
  }
  const missing: string[] = [];
  for (const tool of TOOLS) if (!(await onPath(tool))) missing.push(tool);
  return missing.length > 0
    ? `AWS's Lambda runtime client cannot be built without ${missing.join(", ")}`
    : undefined;
}

async function home(): Promise<string> {
  const lockfile = await readFile(join(PACKAGE, "package-lock.json"));
  const hash = createHash("sha256").update(lockfile).digest("hex").slice(0, 12);
  return cacheFolder(
    `runtime-client-${hash}-${process.version}-${process.platform}-${process.arch}`,
  );
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

async function onPath(tool: string): Promise<boolean> {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    if (await exists(join(folder, tool))) return true;
  }
  return false;
}
