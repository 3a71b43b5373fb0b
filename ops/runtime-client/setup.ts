/**
 * Prepares `npm test`: the tests of the bundle run it in AWS's runtime client, so that is installed first.
 * Where it cannot be built they are skipped by name; in CI that is an error.
 */
import { installRuntimeClient } from "./install.ts";

const installed = await installRuntimeClient((message) => console.log(message));
if (!installed.ok) {
  console.error(`${process.env.CI ? "error: " : ""}${installed.reason}`);
  if (process.env.CI) process.exitCode = 1;
}
