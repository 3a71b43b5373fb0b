/** Pulumi's state in S3: one private bucket an environment, and a KMS key for the stack's secrets. */
import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  EnableKeyRotationCommand,
  GetKeyRotationStatusCommand,
  type KMSClient,
  ListResourceTagsCommand,
  paginateListKeys,
} from "@aws-sdk/client-kms";
import { bucketArn, type AwsLocation } from "../../infra/arns.ts";
import { type Scope, stateBucketName, stateKeyAlias } from "../../infra/names.ts";
import { tlsOnly } from "../../infra/tls-only.ts";
import { Refused } from "../support/refused.ts";
import { exists, type Step, unlessAbsent } from "./steps.ts";

/** Days that replaced versions of the state are kept: time to notice a broken one. */
const OLD_STATE_DAYS = 90;

/** Where Pulumi finds the state. */
export const backendUrl = (location: AwsLocation, scope: Scope): string =>
  `s3://${stateBucketName(scope, location.accountId)}?region=${location.region}`;

/** What encrypts the stack's secrets. */
export const secretsProvider = (location: AwsLocation, scope: Scope): string =>
  `awskms:///${stateKeyAlias(scope)}?region=${location.region}`;

/** Makes the bucket: versioned, encrypted, private, TLS-only. */
export function stateBucketSteps(
  s3: S3Client,
  location: AwsLocation,
  scope: Scope,
): readonly Step[] {
  const name = stateBucketName(scope, location.accountId);
  // Bucket names are global: with this, a bucket of another account is refused, not used.
  const bucket = { Bucket: name, ExpectedBucketOwner: location.accountId };
  const step = (
    what: string,
    isDone: () => Promise<boolean>,
    make: () => Promise<unknown>,
  ): Step => ({
    what: `state bucket ${name}${what}`,
    isDone,
    make: async () => {
      await make();
    },
  });
  const policy = JSON.stringify(
    tlsOnly("s3:*", [bucketArn(location, name), `${bucketArn(location, name)}/*`]),
  );
  const absent = ["NoSuchBucket", "NotFound"];
  return [
    step(
      "",
      () => bucketExists(s3, bucket),
      () =>
        s3.send(
          new CreateBucketCommand({
            Bucket: name,
            // S3's own home region takes no constraint.
            ...(location.region !== "us-east-1" && {
              CreateBucketConfiguration: {
                LocationConstraint: location.region as BucketLocationConstraint,
              },
            }),
          }),
        ),
    ),
    step(
      " keeps old versions",
      async () => {
        const found = await unlessAbsent(
          s3.send(new GetBucketVersioningCommand(bucket)),
          ...absent,
        );
        return found?.Status === "Enabled";
      },
      () =>
        s3.send(
          new PutBucketVersioningCommand({
            ...bucket,
            VersioningConfiguration: { Status: "Enabled" },
          }),
        ),
    ),
    step(
      " is encrypted",
      () =>
        exists(
          s3.send(new GetBucketEncryptionCommand(bucket)),
          ...absent,
          "ServerSideEncryptionConfigurationNotFoundError",
        ),
      () =>
        s3.send(
          new PutBucketEncryptionCommand({
            ...bucket,
            ServerSideEncryptionConfiguration: {
              Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
            },
          }),
        ),
    ),
    step(
      " blocks public access",
      async () => {
        const found = await unlessAbsent(
          s3.send(new GetPublicAccessBlockCommand(bucket)),
          ...absent,
          "NoSuchPublicAccessBlockConfiguration",
        );
        const block = found?.PublicAccessBlockConfiguration;
        return PUBLIC_ACCESS_BLOCK.every((key) => block?.[key] === true);
      },
      () =>
        s3.send(
          new PutPublicAccessBlockCommand({
            ...bucket,
            PublicAccessBlockConfiguration: Object.fromEntries(
              PUBLIC_ACCESS_BLOCK.map((key) => [key, true]),
            ),
          }),
        ),
    ),
    step(
      " belongs wholly to the account",
      async () => {
        const found = await unlessAbsent(
          s3.send(new GetBucketOwnershipControlsCommand(bucket)),
          ...absent,
          "OwnershipControlsNotFoundError",
        );
        return found?.OwnershipControls?.Rules?.[0]?.ObjectOwnership === "BucketOwnerEnforced";
      },
      () =>
        s3.send(
          new PutBucketOwnershipControlsCommand({
            ...bucket,
            OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] },
          }),
        ),
    ),
    step(
      " refuses requests without TLS",
      async () => {
        const found = await unlessAbsent(
          s3.send(new GetBucketPolicyCommand(bucket)),
          ...absent,
          "NoSuchBucketPolicy",
        );
        return found?.Policy?.includes("DenyPlainHttp") === true;
      },
      async () => {
        await refuseForeignPolicy(s3, bucket);
        await s3.send(new PutBucketPolicyCommand({ ...bucket, Policy: policy }));
      },
    ),
    step(
      ` drops old versions after ${OLD_STATE_DAYS} days`,
      () =>
        exists(
          s3.send(new GetBucketLifecycleConfigurationCommand(bucket)),
          ...absent,
          "NoSuchLifecycleConfiguration",
        ),
      () =>
        s3.send(
          new PutBucketLifecycleConfigurationCommand({
            ...bucket,
            LifecycleConfiguration: {
              Rules: [
                {
                  ID: "drop-old-state",
                  Status: "Enabled",
                  Filter: { Prefix: "" },
                  NoncurrentVersionExpiration: { NoncurrentDays: OLD_STATE_DAYS },
                },
              ],
            },
          }),
        ),
    ),
  ];
}

const PUBLIC_ACCESS_BLOCK = [
  "BlockPublicAcls",
  "BlockPublicPolicy",
  "IgnorePublicAcls",
  "RestrictPublicBuckets",
] as const;

interface OwnBucket {
  readonly Bucket: string;
  readonly ExpectedBucketOwner: string;
}

async function bucketExists(s3: S3Client, bucket: OwnBucket): Promise<boolean> {
  try {
    await s3.send(new HeadBucketCommand(bucket));
    return true;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error.name === "NotFound" || error.name === "NoSuchBucket") return false;
    const { $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    if ($metadata?.httpStatusCode === 403 || $metadata?.httpStatusCode === 301) {
      throw new Refused(
        `bucket ${bucket.Bucket} exists, but not in account ${bucket.ExpectedBucketOwner} and this region, or these credentials may not see it`,
        "choose another serviceName, or --backend cloud",
      );
    }
    throw error;
  }
}

/** A policy that somebody else wrote is not overwritten. */
async function refuseForeignPolicy(s3: S3Client, bucket: OwnBucket): Promise<void> {
  const found = await unlessAbsent(
    s3.send(new GetBucketPolicyCommand(bucket)),
    "NoSuchBucketPolicy",
  );
  if (found?.Policy === undefined) return;
  throw new Refused(
    `bucket ${bucket.Bucket} has a policy that is not ours`,
    "add a denial of requests without TLS named DenyPlainHttp to it, and run this again",
  );
}

/** Tells a key of ours from others when a run ended before the key had its alias. */
const ALIAS_TAG = "PulumiSecretsOf";

/** Makes the key, with yearly rotation; about 1 USD a month. */
export function secretsKeySteps(kms: KMSClient, scope: Scope): readonly Step[] {
  const alias = stateKeyAlias(scope);
  const described = () =>
    unlessAbsent(kms.send(new DescribeKeyCommand({ KeyId: alias })), "NotFoundException");
  return [
    {
      what: `key ${alias} for the stack's secrets`,
      isDone: async () => (await described()) !== undefined,
      make: async () => {
        const keyId = (await unfinishedKey(kms, alias)) ?? (await createKey(kms, alias, scope));
        await kms.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: keyId }));
      },
    },
    {
      what: `key ${alias} rotates every year`,
      isDone: async () => {
        const keyId = (await described())?.KeyMetadata?.KeyId;
        if (keyId === undefined) return false;
        const status = await kms.send(new GetKeyRotationStatusCommand({ KeyId: keyId }));
        return status.KeyRotationEnabled === true;
      },
      make: async () => {
        const keyId = (await described())?.KeyMetadata?.KeyId;
        await kms.send(new EnableKeyRotationCommand({ KeyId: keyId }));
      },
    },
  ];
}

async function createKey(kms: KMSClient, alias: string, scope: Scope): Promise<string> {
  const { KeyMetadata } = await kms.send(
    new CreateKeyCommand({
      Description: `Secrets of the Pulumi stack ${scope.environment}`,
      Tags: [{ TagKey: ALIAS_TAG, TagValue: alias }],
    }),
  );
  if (KeyMetadata?.KeyId === undefined) throw new Error("KMS made a key without an id");
  return KeyMetadata.KeyId;
}

/** A key that an earlier run made and gave no alias. */
async function unfinishedKey(kms: KMSClient, alias: string): Promise<string | undefined> {
  for await (const { Keys = [] } of paginateListKeys({ client: kms }, {})) {
    for (const { KeyId } of Keys) {
      const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }));
      if (KeyMetadata?.KeyManager !== "CUSTOMER" || KeyMetadata.KeyState !== "Enabled") continue;
      const { Tags = [] } = await kms.send(new ListResourceTagsCommand({ KeyId }));
      if (Tags.some(({ TagKey, TagValue }) => TagKey === ALIAS_TAG && TagValue === alias)) {
        return KeyId;
      }
    }
  }
  return undefined;
}
