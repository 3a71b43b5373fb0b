/**
 * Bundles that were built before: a pipeline builds once and deploys the same bytes to every environment. The folder
 * has them under their hashes, and a manifest that says what each was built from.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Bundle, BundleError } from "./bundle.ts";

/** Names the folder of the bundles; without it, the program builds them itself. */
export const PREBUILT_VARIABLE = "PREBUILT_ARTIFACTS";

export const MANIFEST_FILE = "manifest.json";

/** Hash of the zip in hexadecimal, by the build's name: see builds.ts. */
export interface Manifest {
  readonly sha256: Readonly<Record<string, string>>;
  /** The features that are in them: see features.ts. */
  readonly features: readonly string[];
}

export type PrebuiltBundle = Pick<Bundle, "zip" | "sourceMap" | "sha256Hex" | "sha256Base64">;

/**
 * Reads one bundle. Throws `BundleError` where it is not there, is not what the manifest says, or has not all of the
 * features that are needed: a table that nobody writes to would be silence.
 */
export function readPrebuilt(
  folder: string,
  name: string,
  needed: readonly string[] = [],
): PrebuiltBundle {
  const read = (file: string): Buffer => {
    try {
      return readFileSync(join(folder, file));
    } catch (error) {
      throw new BundleError(
        `${PREBUILT_VARIABLE}: ${join(folder, file)} cannot be read (${(error as NodeJS.ErrnoException).code}); build it with: npm run build -- --output ${folder}`,
      );
    }
  };
  const { sha256, features } = JSON.parse(read(MANIFEST_FILE).toString()) as Manifest;
  const missing = needed.find((feature) => !features.includes(feature));
  if (missing !== undefined) {
    throw new BundleError(
      `${PREBUILT_VARIABLE}: ${folder} was built without ${missing}, which this stack's config turns on; set it in Pulumi.yaml or a Pulumi.<stack>.yaml of the project, which is what a build goes by, and build again`,
    );
  }
  const expected = sha256[name];
  if (expected === undefined) {
    throw new BundleError(
      `${PREBUILT_VARIABLE}: ${folder} has no bundle of ${name}; build them again with: npm run build -- --output FOLDER`,
    );
  }
  const zip = read(`${expected}.zip`);
  const digest = createHash("sha256").update(zip).digest();
  if (digest.toString("hex") !== expected) {
    throw new BundleError(
      `${PREBUILT_VARIABLE}: ${expected}.zip has the hash ${digest.toString("hex")}, so it is not what was built`,
    );
  }
  return {
    zip,
    sourceMap: read(`${expected}.map.json`).toString(),
    sha256Hex: expected,
    sha256Base64: digest.toString("base64"),
  };
}
