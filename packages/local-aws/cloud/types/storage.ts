import { readFile } from "node:fs/promises";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
} from "@aws-sdk/client-s3";
import { type Properties, text } from "../../provider/aws-types.ts";
import { capitalised, deeplyCapitalised, list, type Maker, part, putting } from "./maker.ts";

/** A file or a text as the engine hands it over. */
async function contentOf(asset: Properties): Promise<Uint8Array | string> {
  const path = text(asset, "path");
  return path === "" ? text(asset, "text") : readFile(path);
}

const object: Maker = putting(
  async ({ inputs }, { s3 }) => {
    const source = inputs["source"] as Properties | undefined;
    await s3.send(
      new PutObjectCommand({
        Bucket: text(inputs, "bucket"),
        Key: text(inputs, "key"),
        Body: source ? await contentOf(source) : text(inputs, "content"),
        ContentType: text(inputs, "contentType") || "application/octet-stream",
      }),
    );
  },
  async ({ inputs }, { s3 }) => {
    await s3.send(
      new DeleteObjectCommand({ Bucket: text(inputs, "bucket"), Key: text(inputs, "key") }),
    );
  },
);

/** The members that the program's rules use. */
const lifecycleRule = (rule: Properties) => ({
  ID: text(rule, "id"),
  Status: rule["status"] as "Enabled" | "Disabled",
  Filter: { Prefix: text(part(rule, "filter"), "prefix") },
  ...(deeplyCapitalised({
    noncurrentVersionExpiration: rule["noncurrentVersionExpiration"],
    abortIncompleteMultipartUpload: rule["abortIncompleteMultipartUpload"],
  }) as object),
});

export const storageMakers: Readonly<Record<string, Maker>> = {
  "aws:s3/bucket:Bucket": {
    create: async ({ inputs }, { s3 }) => {
      await s3.send(new CreateBucketCommand({ Bucket: text(inputs, "bucket") }));
      return {};
    },
    // What can change of it is settings of their own, and tags.
    update: () => Promise.resolve({}),
  },
  "aws:s3/bucketVersioning:BucketVersioning": putting(({ inputs }, { s3 }) =>
    s3.send(
      new PutBucketVersioningCommand({
        Bucket: text(inputs, "bucket"),
        VersioningConfiguration: capitalised(part(inputs, "versioningConfiguration")),
      }),
    ),
  ),
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": putting(
    ({ inputs }, { s3 }) =>
      s3.send(
        new PutBucketEncryptionCommand({
          Bucket: text(inputs, "bucket"),
          ServerSideEncryptionConfiguration: {
            Rules: list(inputs, "rules").map((rule) => ({
              ApplyServerSideEncryptionByDefault: {
                SSEAlgorithm: part(rule, "applyServerSideEncryptionByDefault")[
                  "sseAlgorithm"
                ] as "AES256",
              },
            })),
          },
        }),
      ),
  ),
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": putting(({ inputs }, { s3 }) => {
    const { bucket, ...settings } = inputs;
    return s3.send(
      new PutPublicAccessBlockCommand({
        Bucket: String(bucket),
        PublicAccessBlockConfiguration: capitalised(settings),
      }),
    );
  }),
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": putting(({ inputs }, { s3 }) =>
    s3.send(
      new PutBucketOwnershipControlsCommand({
        Bucket: text(inputs, "bucket"),
        OwnershipControls: {
          Rules: [
            { ObjectOwnership: part(inputs, "rule")["objectOwnership"] as "BucketOwnerEnforced" },
          ],
        },
      }),
    ),
  ),
  "aws:s3/bucketPolicy:BucketPolicy": putting(({ inputs }, { s3 }) =>
    s3.send(
      new PutBucketPolicyCommand({
        Bucket: text(inputs, "bucket"),
        Policy: text(inputs, "policy"),
      }),
    ),
  ),
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": putting(
    ({ inputs }, { s3 }) =>
      s3.send(
        new PutBucketLifecycleConfigurationCommand({
          Bucket: text(inputs, "bucket"),
          LifecycleConfiguration: { Rules: list(inputs, "rules").map(lifecycleRule) },
        }),
      ),
  ),
  "aws:s3/bucketObjectv2:BucketObjectv2": object,
};
