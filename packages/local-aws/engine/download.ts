/**
 * Installs the official engine into the folder given as the only argument, by the Automation API's installer.
 * A program of its own: the installer runs the vendor's script, which cannot be interrupted from inside.
 */
import { createRequire } from "node:module";
import { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import type { SemVer } from "semver";
import { assertReachable, officialUrls } from "./reach.ts";
import { ENGINE_VERSION } from "./version.ts";

const [root] = process.argv.slice(2);
if (root === undefined) throw new Error("usage: node download.ts FOLDER");

// The installer takes only instances of the class that Pulumi itself resolves.
const requireAsPulumi = createRequire(import.meta.resolve("@pulumi/pulumi/package.json"));
const semver = requireAsPulumi("semver") as { SemVer: new (version: string) => SemVer };

try {
  await assertReachable(officialUrls());
  await PulumiCommand.install({ root, version: new semver.SemVer(ENGINE_VERSION) });
} catch (error) {
  // The one line that whoever started this reads.
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
