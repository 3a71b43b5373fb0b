/** Has a zip signed that lies in the artifacts bucket. */
import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { SIGNED_PREFIX, signingProfile } from "../options/signing.ts";
import type { Settings } from "../settings.ts";
import type { UploadedArtifact } from "./artifact.ts";

/** Whose signature a function demands, and where its code is then. */
export type SignedCode = Pick<
  aws.lambda.FunctionArgs,
  "s3Bucket" | "s3Key" | "sourceCodeHash" | "codeSigningConfigArn"
>;

/** The code as uploaded where nothing is to be signed; else the signed copy, and the demand for it. */
export function signedCode(
  name: string,
  { code, versionId }: UploadedArtifact,
  settings: Settings,
  codeSigningConfigArn: pulumi.Input<string> | undefined,
  opts: pulumi.CustomResourceOptions,
): SignedCode {
  const profile = signingProfile(settings);
  if (profile === undefined || codeSigningConfigArn === undefined) return code;
  const job = new aws.signer.SigningJob(
    `${name}-signing`,
    {
      profileName: profile.name,
      source: { s3: { bucket: code.s3Bucket, key: code.s3Key, version: versionId } },
      destination: { s3: { bucket: code.s3Bucket, prefix: SIGNED_PREFIX } },
    },
    opts,
  );
  const s3Key = job.signedObjects.apply(([object]) => object?.s3s[0]?.key ?? "");
  // A signed zip has a hash of its own, which nobody knows beforehand: its new key says that the code is new.
  return { s3Bucket: code.s3Bucket, s3Key, codeSigningConfigArn };
}
