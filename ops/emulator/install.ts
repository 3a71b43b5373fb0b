/**
 * Installs the AWS emulator on demand: once, by version and hash, into an ignored folder.
 *
 * The folder's name holds a hash of the requirements and Python's version, so that a change of either
 * installs anew. It is made under a temporary name and renamed when complete: a killed installation
 * leaves nothing that could be taken for a whole one, and two at the same time do not disturb each other.
 */
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { Refused } from "../support/command.ts";
import { findPython } from "./python.ts";

const REQUIREMENTS = join(import.meta.dirname, "requirements.txt");
const CACHE = join(import.meta.dirname, "../../.cache/emulator");

/** Wheels only: building a source package would run its code. */
const PIP_INSTALL =
  "-m pip install --quiet --disable-pip-version-check --no-input --require-hashes --only-binary=:all: --requirement"
    .split(" ")
    .concat(REQUIREMENTS);

/** What the installation says about its progress. */
export type Progress = (message: string) => void;

/**
 * The path of the Python that runs the emulator, installed first where needed (about 8 s and 90 MB).
 * Throws `Refused` when Python is missing or a package cannot be had.
 */
export async function installEmulator(progress: Progress = () => {}): Promise<string> {
  const requirements = await readFile(REQUIREMENTS, "utf8");
  const python = await findPython();
  const hash = createHash("sha256").update(requirements).digest("hex").slice(0, 12);
  const home = join(CACHE, `${hash}-python${python.major}.${python.minor}`);
  if (await exists(pythonIn(home))) return pythonIn(home);

  progress("installing the local AWS emulator (once, about 90 MB)");
  await mkdir(CACHE, { recursive: true });
  const unfinished = await mkdtemp(join(CACHE, "unfinished-"));
  try {
    await step("make a virtual environment", python.executable, ["-m", "venv", unfinished]);
    await step("install the emulator's packages", pythonIn(unfinished), PIP_INSTALL);
    await rename(unfinished, home).catch(async () => {
      // Either another process was faster and its installation is as good, or there is an old one
      // whose Python has gone from the machine.
      if (await exists(pythonIn(home))) return;
      await rm(home, { recursive: true, force: true });
      await rename(unfinished, home);
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  progress("installed the local AWS emulator");
  return pythonIn(home);
}

const pythonIn = (home: string): string =>
  process.platform === "win32" ? join(home, "Scripts/python.exe") : join(home, "bin/python");

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

async function step(what: string, file: string, args: readonly string[]): Promise<void> {
  const result = await execa(file, args, { reject: false, all: true, timeout: 300_000 });
  if (!result.failed) return;
  const lines = result.all.split("\n").filter((line) => /error/i.test(line));
  const reason = lines.at(-1)?.trim() ?? result.shortMessage;
  throw new Refused(
    `the local AWS emulator: could not ${what}: ${reason}; try again when pip works`,
  );
}
