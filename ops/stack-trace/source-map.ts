/** Where the source map of a bundle comes from: a file, the artifacts bucket, or a build of this tree. */
import { readFile } from "node:fs/promises";
import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { functionBuild } from "../../infra/function/builds.ts";
import type { OwnFunction } from "../../infra/functions/own-function.ts";
import { bundleHandler } from "../../infra/function/bundle.ts";
import { sourceMapKey } from "../../infra/names.ts";
import type { StackOutputs } from "../../infra/outputs.ts";
import { Refused } from "../support/refused.ts";

/** The map of this tree: right when the tree is at the commit that was deployed. */
export const builtMap = async (own?: OwnFunction): Promise<string> =>
  (await bundleHandler(own && functionBuild(own))).sourceMap;

/** A map in a file. Throws `Refused` when it cannot be read or is none. */
export async function mapInFile(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new Refused(`${file} cannot be read (${error.code})`, "name a source map with --map");
  });
  return checked(text, file);
}

/** The map beside the zip that a version was made from; by default that of the newest version. */
export async function deployedMap(
  s3: S3Client,
  { artifactsBucketName, artifactKey }: Pick<StackOutputs, "artifactsBucketName" | "artifactKey">,
  sha256Hex = /([0-9a-f]{64})\.zip$/.exec(artifactKey)?.[1] ?? "",
): Promise<string> {
  const Key = sourceMapKey(sha256Hex);
  const where = `s3://${artifactsBucketName}/${Key}`;
  const object = await s3
    .send(new GetObjectCommand({ Bucket: artifactsBucketName, Key }))
    .catch((error: Error) => {
      if (error.name !== "NoSuchKey") throw error;
      throw new Refused(
        `${where} is not there`,
        "name another with --artifact, or a file with --map",
      );
    });
  return checked((await object.Body?.transformToString()) ?? "", where);
}

function checked(text: string, where: string): string {
  try {
    if ("mappings" in (JSON.parse(text) as object)) return text;
  } catch {
    // Said below, as for JSON that is no map.
  }
  throw new Refused(`${where} is no source map`, "name another with --artifact or --map");
}
