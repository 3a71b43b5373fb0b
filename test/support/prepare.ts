/**
 * Prepares `npm test`: what the tests run on and npm does not bring, each once for a user and version.
 * What cannot be had is said here; its tests are then skipped by name. In CI it is an error.
 */
import { installEmulator } from "../../ops/emulator/install.ts";
import { resolveEngine } from "../../ops/engine/resolve.ts";
import { installRuntimeClient } from "../../ops/runtime-client/install.ts";
import { Refused } from "../../ops/support/command.ts";
import { openTerminal } from "../../ops/support/terminal.ts";

const say = (message: string) => console.log(message);

const runtimeClient = async (): Promise<void> => {
  const installed = await installRuntimeClient(say);
  if (!installed.ok) throw new Refused(installed.reason);
};

for (const prepare of [
  () => resolveEngine(openTerminal()),
  () => installEmulator(say),
  runtimeClient,
]) {
  try {
    await prepare();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    console.error(`${process.env["CI"] ? "error" : "without"}: ${error.message}`);
    if (process.env["CI"]) process.exitCode = 1;
  }
}
