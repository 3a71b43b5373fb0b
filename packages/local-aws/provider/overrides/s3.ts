import { type Override, digits, dnsSuffix, type Resource, text } from "../aws-types.ts";

const arn = ({ location, inputs }: Resource, path = ""): string =>
  `arn:${location.partition}:s3:::${text(inputs, "bucket")}${path}`;

/** One setting of a bucket: its id is the bucket's name. */
const setting = (...replaceOn: readonly string[]): Override => ({
  replaceOn: ["bucket", ...replaceOn],
  id: ({ inputs }) => text(inputs, "bucket"),
});

const OWNER = "expectedBucketOwner";

const object: Override = {
  replaceOn: ["bucket", "key"],
  id: ({ inputs }) => `${text(inputs, "bucket")}/${text(inputs, "key")}`,
  computed: (resource) => ({
    arn: arn(resource, `/${text(resource.inputs, "key")}`),
    versionId: digits(`version/${JSON.stringify(resource.inputs)}`, 32),
    etag: digits(`etag/${JSON.stringify(resource.inputs)}`, 32),
  }),
  renewed: () => ["versionId", "etag"],
};

export const s3: Readonly<Record<string, Override>> = {
  "aws:s3/bucket:Bucket": {
    nameKey: "bucket",
    replaceOn: ["bucket", "bucketPrefix", "objectLockEnabled"],
    id: ({ inputs }) => text(inputs, "bucket"),
    computed: (resource) => {
      const bucket = text(resource.inputs, "bucket");
      const suffix = dnsSuffix(resource.location);
      return {
        arn: arn(resource),
        bucketRegion: resource.location.region,
        bucketDomainName: `${bucket}.s3.${suffix}`,
        bucketRegionalDomainName: `${bucket}.s3.${resource.location.region}.${suffix}`,
        hostedZoneId: "Z3AQBSTGFYJSTF",
      };
    },
  },
  "aws:s3/bucketVersioning:BucketVersioning": setting(OWNER),
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration":
    setting(OWNER),
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": setting(),
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": setting(),
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": {
    ...setting(OWNER),
    required: ["rules"],
  },
  "aws:s3/bucketPolicy:BucketPolicy": setting(),
  "aws:s3/bucketNotification:BucketNotification": setting(),
  "aws:s3/bucketObjectv2:BucketObjectv2": object,
  "aws:s3/bucketObject:BucketObject": object,
};
