/**
 * Gets what this package works with and npm does not bring, each once for a user and version: the engine, the
 * emulator and the runtime client, or those of them that are named. What cannot be had is said here; in CI it is
 * an error.
 *
 *     node prepare.ts emulator runtime-client
 */
import { LocalAwsError } from "./errors.ts";
import type { Progress } from "./progress.ts";

let lastState: string | undefined;
const progress: Progress = (message, state) => {
  if (state === undefined || state !== lastState) console.log(message);
  lastState = state;
};

const engine = async (): Promise<void> => {
  const { resolveEngine } = await import("./engine/resolve.ts");
  await resolveEngine({ progress });
};

const emulator = async (): Promise<void> => {
  const { installEmulator } = await import("./emulator/install.ts");
  await installEmulator(progress);
};

const runtimeClient = async (): Promise<void> => {
  const { installRuntimeClient } = await import("./lambda/install.ts");
  const installed = await installRuntimeClient(progress);
  if (!installed.ok) throw new LocalAwsError(installed.reason);
};

/** Each loads what it takes when it is asked for: the engine's own package alone costs a second. */
const PARTS: Readonly<Record<string, () => Promise<void>>> = {
  engine,
  emulator,
  "runtime-client": runtimeClient,
};

const named = process.argv.slice(2);
const unknown = named.filter((name) => !Object.hasOwn(PARTS, name));
if (unknown.length > 0) {
  console.error(
    `error: there is no ${unknown.join(" or ")} to get; name some of ${Object.keys(PARTS).join(", ")}, or none for all`,
  );
  process.exit(2);
}
for (const [name, prepare] of Object.entries(PARTS)) {
  if (named.length > 0 && !named.includes(name)) continue;
  try {
    await prepare();
  } catch (error) {
    if (!(error instanceof LocalAwsError)) throw error;
    console.error(`${process.env["CI"] ? "error" : "without"}: ${error.message}`);
    if (process.env["CI"]) process.exitCode = 1;
  }
}
