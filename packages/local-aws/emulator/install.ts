/** Installs the AWS emulator on demand: once for each user, version of its packages and version of Python. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { LocalAwsError } from "../errors.ts";
import { cacheFolder, makeOnce } from "../make-once.ts";
import { type Progress, silent } from "../progress.ts";
import { findPython } from "../python.ts";

const REQUIREMENTS = join(import.meta.dirname, "requirements.txt");

/** Wheels only: building a source package would run its code. */
const PIP_INSTALL =
  "-m pip install --quiet --disable-pip-version-check --no-input --require-hashes --only-binary=:all: --requirement"
    .split(" ")
    .concat(REQUIREMENTS);

/**
 * The path of the Python that runs the emulator, installed first where needed (about 8 s and 90 MB).
 * Throws `LocalAwsError` when Python is missing or a package cannot be had.
 */
export async function installEmulator(progress: Progress = silent): Promise<string> {
  const requirements = await readFile(REQUIREMENTS, "utf8");
  const python = await findPython();
  const hash = createHash("sha256").update(requirements).digest("hex").slice(0, 12);
  const folder = cacheFolder(`emulator-${hash}-python${python.major}.${python.minor}`);
  if (existsSync(pythonIn(folder))) return pythonIn(folder);
  // A virtual environment is of no use without the Python that made it.
  await rm(folder, { recursive: true, force: true });

  progress("installing the local AWS emulator (once, about 90 MB)");
  await makeOnce(
    folder,
    async (staging) => {
      await step("make a virtual environment", python.executable, ["-m", "venv", staging]);
      await step("install the emulator's packages", pythonIn(staging), PIP_INSTALL);
    },
    () => {
      progress("waiting for another process that installs the local AWS emulator");
    },
  );
  progress("installed the local AWS emulator");
  return pythonIn(folder);
}

const pythonIn = (home: string): string =>
  process.platform === "win32" ? join(home, "Scripts/python.exe") : join(home, "bin/python");

async function step(what: string, file: string, args: readonly string[]): Promise<void> {
  const result = await execa(file, args, { reject: false, all: true, timeout: 300_000 });
  if (!result.failed) return;
  const lines = result.all.split("\n").filter((line) => /error/i.test(line));
  const reason = lines.at(-1)?.trim() ?? result.shortMessage;
  throw new LocalAwsError(
    `the local AWS emulator: could not ${what}: ${reason}`,
    "try again when pip works",
  );
}
