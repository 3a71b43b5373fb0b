import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { bucketArn, type AwsLocation } from "./arns.ts";
import { artifactsBucketName } from "./names.ts";
import { tlsOnly } from "./tls-only.ts";
import type { Settings } from "./settings.ts";

export interface StorageArgs {
  readonly settings: Settings;
  readonly location: AwsLocation;
  /** The KMS key that encrypts what is uploaded. Default S3's own. */
  readonly keyArn?: pulumi.Input<string> | undefined;
}

/** Days after which the parts of an upload that never finished are removed. */
const UNFINISHED_UPLOAD_DAYS = 7;

/** The artifacts bucket: private, encrypted, versioned, and cleaned of what was replaced. */
export class Storage extends pulumi.ComponentResource {
  /** The bucket, once everything that protects it is in place: upload to this. */
  readonly bucketName: pulumi.Output<string>;

  constructor(
    name: string,
    { settings, location, keyArn }: StorageArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("lambda-service:infra:Storage", name, {}, opts);
    const child = { parent: this };

    const bucketName = artifactsBucketName(settings, location.accountId);
    const bucket = new aws.s3.Bucket(
      "artifacts",
      { bucket: bucketName },
      // The state names objects in it, and a rollback needs them.
      { ...child, protect: true },
    );
    const versioning = new aws.s3.BucketVersioning(
      "artifacts-versioning",
      { bucket: bucket.bucket, versioningConfiguration: { status: "Enabled" } },
      child,
    );
    const encryption = new aws.s3.BucketServerSideEncryptionConfiguration(
      "artifacts-encryption",
      { bucket: bucket.bucket, rules: [encryptionRule(keyArn)] },
      child,
    );
    const privacy = new aws.s3.BucketPublicAccessBlock(
      "artifacts-privacy",
      {
        bucket: bucket.bucket,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      child,
    );
    const ownership = new aws.s3.BucketOwnershipControls(
      "artifacts-ownership",
      { bucket: bucket.bucket, rule: { objectOwnership: "BucketOwnerEnforced" } },
      child,
    );
    const policy = new aws.s3.BucketPolicy(
      "artifacts-policy",
      { bucket: bucket.bucket, policy: JSON.stringify(tlsOnlyBucketPolicy(location, bucketName)) },
      // S3 refuses two changes of a bucket's access settings at once.
      { ...child, dependsOn: [privacy] },
    );
    new aws.s3.BucketLifecycleConfiguration(
      "artifacts-lifecycle",
      { bucket: bucket.bucket, rules: lifecycleRules(settings.artifactRetentionDays) },
      // Rules on noncurrent versions need versioning to be on first.
      { ...child, dependsOn: [versioning] },
    );

    const guards = [versioning, encryption, policy, ownership].map((guard) => guard.id);
    this.bucketName = pulumi.all(guards).apply(() => bucketName);
    this.registerOutputs({ bucketName: this.bucketName });
  }
}

/** A bucket key spares a call of KMS for each object, and the roles' rights name the bucket by it. */
const encryptionRule = (
  keyArn: pulumi.Input<string> | undefined,
): aws.types.input.s3.BucketServerSideEncryptionConfigurationRule =>
  keyArn === undefined
    ? { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }
    : {
        applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: keyArn },
        bucketKeyEnabled: true,
      };

/** Only what was replaced expires: the state and a rollback may name any current object. */
export const lifecycleRules = (
  artifactRetentionDays: number,
): aws.types.input.s3.BucketLifecycleConfigurationRule[] => [
  {
    id: "expire-replaced-artifacts",
    status: "Enabled",
    filter: { prefix: "" },
    noncurrentVersionExpiration: { noncurrentDays: artifactRetentionDays },
    abortIncompleteMultipartUpload: { daysAfterInitiation: UNFINISHED_UPLOAD_DAYS },
  },
];

/** Refuses every request that does not use TLS. */
export const tlsOnlyBucketPolicy = (location: AwsLocation, bucketName: string) => {
  const arn = bucketArn(location, bucketName);
  return tlsOnly("s3:*", [arn, `${arn}/*`]);
};
