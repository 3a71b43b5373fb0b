/** From source to an object in the artifacts bucket, named by its content. */
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { artifactKey, sourceMapKey } from "../names.ts";
import { buildName } from "./builds.ts";
import { BundleError, type BundleOptions, bundleHandler } from "./bundle.ts";
import { PREBUILT_VARIABLE, type PrebuiltBundle, readPrebuilt } from "./prebuilt.ts";

/** A built bundle whose files lie in the project's ignored build folder. */
export interface Artifact {
  readonly sha256Hex: string;
  /** As Lambda's CodeSha256. */
  readonly sha256Base64: string;
  readonly zip: pulumi.asset.Asset;
  readonly sourceMap: pulumi.asset.Asset;
}

/** Where a Lambda finds its code, as the inputs of `aws.lambda.Function` name it. */
export interface CodeLocation {
  readonly s3Bucket: pulumi.Output<string>;
  readonly s3Key: pulumi.Output<string>;
  readonly sourceCodeHash: string;
}

const BUILD_FOLDER = fileURLToPath(new URL("../../.build/", import.meta.url));

/** Builds a Lambda's code, or takes what was built before. Throws `pulumi.RunError`, one line, when it cannot be had. */
export async function buildArtifact(options?: BundleOptions): Promise<Artifact> {
  const folder = process.env[PREBUILT_VARIABLE];
  try {
    return artifactOf(
      folder ? readPrebuilt(folder, buildName(options), options?.needed) : await bundled(options),
    );
  } catch (error) {
    if (error instanceof BundleError) throw new pulumi.RunError(error.message);
    throw error;
  }
}

const bundles = new Map<string, Promise<PrebuiltBundle>>();

/** Built once in a process: tests run the program many times, and a build is most of what that costs. */
function bundled(options: BundleOptions = {}): Promise<PrebuiltBundle> {
  const key = JSON.stringify({ ...options, needed: options.needed ?? [] });
  const known = bundles.get(key) ?? bundleHandler(options);
  bundles.set(key, known);
  return known;
}

const artifactOf = ({ zip, sourceMap, sha256Hex, sha256Base64 }: PrebuiltBundle): Artifact => ({
  sha256Hex,
  sha256Base64,
  zip: fileAsset(`${sha256Hex}.zip`, zip),
  sourceMap: fileAsset(`${sha256Hex}.map.json`, sourceMap),
});

/** Written aside and renamed: two previews at once never see half a file. One that is there has what its name says. */
function fileAsset(fileName: string, content: string | Uint8Array): pulumi.asset.FileAsset {
  mkdirSync(BUILD_FOLDER, { recursive: true });
  const path = `${BUILD_FOLDER}${fileName}`;
  if (existsSync(path)) return new pulumi.asset.FileAsset(path);
  const unfinished = `${path}.${randomUUID()}`;
  writeFileSync(unfinished, content);
  renameSync(unfinished, path);
  return new pulumi.asset.FileAsset(path);
}

/** A zip in the bucket. */
export interface UploadedArtifact {
  /** Where a Lambda finds it. */
  readonly code: CodeLocation;
  /** The version of the object, by which AWS Signer takes it. */
  readonly versionId: pulumi.Output<string>;
}

/** Uploads the zip, and the source map beside it. */
export function uploadArtifact(
  name: string,
  { sha256Hex, sha256Base64, zip, sourceMap }: Artifact,
  bucket: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions,
): UploadedArtifact {
  // A new key replaces the object in the plan; the old one stays in the bucket, for a rollback.
  // `npm run prune` removes it when nothing can go back to it.
  const kept = { ...opts, retainOnDelete: true };
  const object = new aws.s3.BucketObjectv2(
    `${name}-zip`,
    { bucket, key: artifactKey(sha256Hex), source: zip, contentType: "application/zip" },
    kept,
  );
  new aws.s3.BucketObjectv2(
    `${name}-source-map`,
    { bucket, key: sourceMapKey(sha256Hex), source: sourceMap, contentType: "application/json" },
    kept,
  );
  return {
    code: { s3Bucket: object.bucket, s3Key: object.key, sourceCodeHash: sha256Base64 },
    versionId: object.versionId,
  };
}
