/**
 * Installs the linters of the workflows on demand: once, by version and hash, into an ignored folder.
 *
 * The folder's name holds a hash of everything pinned, so that a change installs anew. It is made under
 * a temporary name and renamed when complete, so that a killed installation is never taken for a whole one.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { findPython } from "local-aws/python.ts";
import { Refused } from "../../ops/support/refused.ts";

const REQUIREMENTS = path.join(import.meta.dirname, "requirements.txt");
const CACHE = path.join(import.meta.dirname, "../../.cache/workflow-linters");

/** Go checks the module against its checksum database. */
const ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12";

/** Executables by their absolute paths. */
export interface Linters {
  readonly zizmor: string;
  readonly actionlint: string;
  /** Absent where no package of it exists for this machine; actionlint then looks for one on the PATH. */
  readonly shellcheck: string | undefined;
}

/** What the installation says about its progress. */
export type Progress = (message: string) => void;

/** The linters, installed first where needed. Throws `Refused` when Python, Go or a package cannot be had. */
export async function installLinters(progress: Progress): Promise<Linters> {
  const requirements = await readFile(REQUIREMENTS, "utf8");
  const hash = createHash("sha256").update(requirements).update(ACTIONLINT).digest("hex");
  const home = path.join(CACHE, hash.slice(0, 12));
  if (!existsSync(home)) {
    progress("installing the linters of the workflows (once, about 80 MB)");
    await mkdir(CACHE, { recursive: true });
    const unfinished = await mkdtemp(path.join(CACHE, "unfinished-"));
    try {
      await install(unfinished);
      await rename(unfinished, home).catch((error: unknown) => {
        // Another process was faster, and its installation is as good.
        if (!existsSync(home)) throw error;
      });
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
  }
  const shellcheck = executable(home, "shellcheck");
  return {
    zizmor: executable(home, "zizmor"),
    actionlint: executable(home, "actionlint"),
    shellcheck: existsSync(shellcheck) ? shellcheck : undefined,
  };
}

async function install(home: string): Promise<void> {
  const python = await findPython("linting the workflows");
  await step("make a virtual environment", python.executable, ["-m", "venv", home]);
  const pip =
    "-m pip install --quiet --disable-pip-version-check --no-input --require-hashes --only-binary=:all: --requirement";
  await step("install zizmor and ShellCheck", executable(home, "python"), [
    ...pip.split(" "),
    REQUIREMENTS,
  ]);
  await step("install actionlint", "go", ["install", ACTIONLINT], {
    GOBIN: path.dirname(executable(home, "actionlint")),
  });
}

const executable = (home: string, name: string): string =>
  process.platform === "win32"
    ? path.join(home, "Scripts", `${name}.exe`)
    : path.join(home, "bin", name);

async function step(
  what: string,
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<void> {
  const result = await execa(file, args, { reject: false, all: true, timeout: 300_000, env });
  if (result.code === "ENOENT") {
    throw new Refused(
      `could not ${what}: ${file} is not on the PATH`,
      "install Python 3.10 and Go 1.25 or later, which linting the workflows needs",
    );
  }
  if (result.failed) {
    const reason = result.all.trim().split("\n").at(-1);
    throw new Refused(
      `could not ${what}: ${reason || result.shortMessage}`,
      "try again once the package registries answer",
    );
  }
}
