/**
 * Gets what this package works with and npm does not bring, each once for a user and version: the engine, the
 * emulator and the runtime client. What cannot be had is said here; in CI it is an error.
 */
import { installEmulator } from "./emulator/install.ts";
import { resolveEngine } from "./engine/resolve.ts";
import { LocalAwsError } from "./errors.ts";
import { installRuntimeClient } from "./lambda/install.ts";
import type { Progress } from "./progress.ts";

let lastState: string | undefined;
const progress: Progress = (message, state) => {
  if (state === undefined || state !== lastState) console.log(message);
  lastState = state;
};

const runtimeClient = async (): Promise<void> => {
  const installed = await installRuntimeClient(progress);
  if (!installed.ok) throw new LocalAwsError(installed.reason);
};

for (const prepare of [
  () => resolveEngine({ progress }),
  () => installEmulator(progress),
  runtimeClient,
]) {
  try {
    await prepare();
  } catch (error) {
    if (!(error instanceof LocalAwsError)) throw error;
    console.error(`${process.env["CI"] ? "error" : "without"}: ${error.message}`);
    if (process.env["CI"]) process.exitCode = 1;
  }
}
