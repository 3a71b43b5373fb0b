/** Finds a Python that can run the emulator. */
import { execa } from "execa";
import { LocalAwsError } from "./errors.ts";

/** Oldest Python that the emulator supports. */
const OLDEST = { major: 3, minor: 10 } as const;

/** Tried in this order; the first that is new enough is taken. */
const CANDIDATES = ["python3", "python", "python3.13", "python3.12", "python3.11", "python3.10"];

/** Prints the version, the real path, and whether virtual environments can be made (Debian splits that off). */
const PROBE = `
import importlib.util, json, sys
print(json.dumps({
    "major": sys.version_info[0],
    "minor": sys.version_info[1],
    "executable": sys.executable,
    "venv": all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")),
}))`;

/** A Python that answered. */
export interface Python {
  readonly major: number;
  readonly minor: number;
  /** Absolute path. */
  readonly executable: string;
  /** Whether it can make virtual environments. */
  readonly venv: boolean;
}

/** What Python is needed for, unless the caller says otherwise. */
const EMULATOR = "the local AWS emulator";

/** Takes the first usable Python. Throws `LocalAwsError` with the remedy when there is none. */
export function choosePython(found: readonly Python[], purpose = EMULATOR): Python {
  const oldest = `${OLDEST.major}.${OLDEST.minor}`;
  const recent = found.filter(
    ({ major, minor }) => major === OLDEST.major && minor >= OLDEST.minor,
  );
  const usable = recent.find(({ venv }) => venv);
  if (usable) return usable;
  const [withoutVenv] = recent;
  if (withoutVenv) {
    throw new LocalAwsError(
      `${purpose} needs Python's modules venv and ensurepip, which ${withoutVenv.executable} lacks`,
      "install them (Debian and Ubuntu: apt-get install python3-venv)",
    );
  }
  const versions = found.map(({ major, minor }) => `${major}.${minor}`).join(", ");
  throw new LocalAwsError(
    `${purpose} needs Python ${oldest} or later and found ${versions || "none"}`,
    "install it and put python3 on the PATH",
  );
}

/** Asks every candidate on the PATH for its version. */
export async function findPython(purpose = EMULATOR): Promise<Python> {
  const found = await Promise.all(CANDIDATES.map(probe));
  return choosePython(
    found.filter((python) => python !== undefined),
    purpose,
  );
}

async function probe(name: string): Promise<Python | undefined> {
  const result = await execa(name, ["-c", PROBE], { reject: false, timeout: 10_000 });
  if (result.failed) return undefined;
  try {
    return JSON.parse(result.stdout) as Python;
  } catch {
    return undefined;
  }
}
