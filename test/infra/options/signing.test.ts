/** Code that is signed, and who says whose signature counts. */
import { expect } from "chai";
import { runProgram } from "../../support/mocks.ts";
import { settingsFaults } from "../../support/settings.ts";

const PROFILE = "arn:aws:signer:eu-central-1:123456789012:/signing-profiles/releases/0a1B2c3D4e";
const FUNCTION = "aws:lambda/function:Function";
const JOB = "aws:signer/signingJob:SigningJob";

describe("code signing", () => {
  it("runs the signed copy of each zip, and demands the signature", async () => {
    const program = await runProgram({ config: { signingProfileVersionArn: PROFILE } });
    const config = program.find("aws:lambda/codeSigningConfig:CodeSigningConfig");
    expect(config.options.parent?.type).to.equal("lambda-service:infra:Identity");
    expect(config.inputs).to.deep.include({
      allowedPublishers: { signingProfileVersionArns: [PROFILE] },
      policies: { untrustedArtifactOnDeployment: "Enforce" },
    });
    for (const [name, upload] of [
      ["function", "handler"],
      ["hook", "hook"],
    ] as const) {
      const { inputs } = program.find(FUNCTION, name);
      const zip = program.find("aws:s3/bucketObjectv2:BucketObjectv2", `${upload}-zip`).inputs;
      const job = program.find(JOB, `${upload}-signing`).inputs as {
        profileName: string;
        source: { s3: { bucket: string; key: string; version: string } };
        destination: { s3: { bucket: string; prefix: string } };
      };
      expect(job.profileName).to.equal("releases");
      expect(job.source.s3).to.deep.include({ bucket: zip["bucket"], key: zip["key"] });
      expect(job.source.s3.version).to.be.a("string").and.not.equal("");
      expect(inputs["s3Key"]).to.match(/^function\/signed\/[0-9a-f-]+\.zip$/);
      expect(inputs["codeSigningConfigArn"]).to.be.a("string");
      // The hash of the zip that was uploaded is not the signed one's.
      expect(inputs).not.to.have.property("sourceCodeHash");
    }
    // What commands read of an artifact, its source map among it, goes by the name of its content.
    expect(program.outputs["artifactKey"]).to.match(/^function\/[0-9a-f]{64}\.zip$/);
  });

  it("leaves nothing of itself in a stack without it", async () => {
    const { resources } = await runProgram();
    expect(JSON.stringify(resources)).not.to.match(/signer|codeSigning|CodeSigningConfig"/);
  });

  for (const [what, arn, message] of [
    ["a profile without its version", PROFILE.slice(0, -11), /must be the ARN of a version of a/],
    ["the name of a profile", "releases", /signingProfileVersionArn: "releases"; must be the ARN/],
    [
      "a profile of another region",
      PROFILE.replace("eu-central-1", "eu-west-1"),
      /is a profile of eu-west-1, .* name one of eu-central-1 in Pulumi.staging.yaml/,
    ],
  ] as const) {
    it(`refuses ${what} in one line`, () => {
      const found = settingsFaults({ signingProfileVersionArn: arn });
      expect(found).to.have.length(1);
      expect(found[0]).to.match(message);
    });
  }

  it("takes a version's ARN", () => {
    expect(settingsFaults({ signingProfileVersionArn: PROFILE })).to.deep.equal([]);
  });
});
