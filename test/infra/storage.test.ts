import { expect } from "chai";
import { lifecycleRules, Storage } from "../../infra/storage.ts";
import { readSettings } from "../../infra/settings.ts";
import { standInLocation } from "local-aws/provider/aws-outputs.ts";
import { withMocks } from "../support/mocks.ts";
import { TEST_REGION } from "../support/settings.ts";

const build = (config = {}) =>
  withMocks(
    () =>
      new Storage("storage", { settings: readSettings(), location: standInLocation(TEST_REGION) })
        .bucketName,
    {
      config,
    },
  );

describe("storage", () => {
  it("names the bucket by service, environment and account, and protects it", async () => {
    const bucket = (await build()).find("aws:s3/bucket:Bucket");
    expect(bucket.inputs["bucket"]).to.equal("ledger-artifacts-staging-123456789012");
    expect(bucket.options.protect).to.equal(true);
    expect(bucket.inputs["forceDestroy"] ?? false).to.equal(false);
  });

  it("is versioned, encrypted, private and owned by the bucket's owner", async () => {
    const run = await build();
    const inputs = (type: string) => run.find(`aws:s3/${type}`).inputs;
    expect(inputs("bucketVersioning:BucketVersioning")["versioningConfiguration"]).to.deep.equal({
      status: "Enabled",
    });
    expect(
      inputs("bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration")[
        "rules"
      ],
    ).to.deep.equal([{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }]);
    expect(inputs("bucketPublicAccessBlock:BucketPublicAccessBlock")).to.include({
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    expect(inputs("bucketOwnershipControls:BucketOwnershipControls")["rule"]).to.deep.equal({
      objectOwnership: "BucketOwnerEnforced",
    });
  });

  it("refuses plain HTTP to the bucket and to every object, and grants nothing", async () => {
    const { inputs } = (await build()).find("aws:s3/bucketPolicy:BucketPolicy");
    const { Statement } = JSON.parse(String(inputs["policy"]));
    expect(Statement).to.have.length(1);
    expect(Statement[0]).to.deep.include({
      Effect: "Deny",
      Principal: { AWS: "*" },
      Action: ["s3:*"],
      Resource: [
        "arn:aws:s3:::ledger-artifacts-staging-123456789012",
        "arn:aws:s3:::ledger-artifacts-staging-123456789012/*",
      ],
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    });
  });

  it("expires what was replaced and never what is current", () => {
    const [rule, ...others] = lifecycleRules(30);
    expect(others).to.be.empty;
    expect(rule).to.deep.include({
      status: "Enabled",
      noncurrentVersionExpiration: { noncurrentDays: 30 },
      abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
    });
    expect(rule).to.not.have.any.keys("expiration", "transitions");
  });

  it("keeps replaced artifacts as long as configured", async () => {
    const { inputs } = (await build({ artifactRetentionDays: 90 })).find(
      "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    );
    expect(inputs["rules"]).to.deep.equal(lifecycleRules(90));
  });

  it("hands out the bucket's name only after its guards are in place", async () => {
    const run = await build();
    expect(run.outputs).to.equal("ledger-artifacts-staging-123456789012");
    const policy = run.find("aws:s3/bucketPolicy:BucketPolicy");
    expect(policy.options.dependsOn).to.include("artifacts-privacy");
    const lifecycle = run.find("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration");
    expect(lifecycle.options.dependsOn).to.include("artifacts-versioning");
  });

  it("makes everything its own child", async () => {
    const { resources } = await build();
    const strays = resources.filter(
      ({ name, options }) => name !== "storage" && options.parent?.name !== "storage",
    );
    expect(resources).to.have.length.above(4);
    expect(strays).to.deep.equal([]);
  });
});
