/** The doctor's look at a KMS key that somebody else made. */
import { CreateKeyCommand, DisableKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { expect } from "chai";
import { useEmulator } from "local-aws/testing/emulator.ts";
import { checkKey } from "../../../ops/doctor/key.ts";
import { missingStatements, type KeyStatement } from "../../../ops/doctor/key-policy.ts";
import { dataKeyPolicy } from "../../../infra/options/encryption.ts";
import { testSettings } from "../../support/settings.ts";

const ACCOUNT = "210987654321";
const location = { partition: "aws", region: "eu-central-1", accountId: ACCOUNT };
const KEY = `arn:aws:kms:eu-central-1:${ACCOUNT}:key/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f`;
const settings = testSettings({ serviceName: "orders", kmsKeyArn: KEY });
const needed = dataKeyPolicy(location, settings);

const OWNER = {
  Effect: "Allow",
  Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
  Action: "kms:*",
};
// As AWS's guides print them, with the account's own numbers.
const LOGS = {
  Effect: "Allow",
  Principal: { Service: "logs.eu-central-1.amazonaws.com" },
  Action: [
    "kms:Encrypt*",
    "kms:Decrypt*",
    "kms:ReEncrypt*",
    "kms:GenerateDataKey*",
    "kms:Describe*",
  ],
  Condition: {
    ArnLike: {
      "kms:EncryptionContext:aws:logs:arn": `arn:aws:logs:eu-central-1:${ACCOUNT}:log-group:*`,
    },
  },
};
const ALARMS = {
  Effect: "Allow",
  Principal: { Service: ["cloudwatch.amazonaws.com", "sns.amazonaws.com"] },
  Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
};

const missing = (...statements: readonly KeyStatement[]) =>
  missingStatements({ Statement: statements }, needed).map(({ Sid }) => Sid);

describe("the policy of a key that somebody else made", () => {
  it("is enough as AWS's guides have it", () => {
    expect(missing(OWNER, LOGS, ALARMS)).to.deep.equal([]);
    expect(missing({ ...OWNER, Principal: { AWS: ACCOUNT } }, LOGS, ALARMS)).to.deep.equal([]);
  });

  it("is enough when it is our own", () => {
    expect(missingStatements(needed, needed)).to.deep.equal([]);
  });

  it("lacks what it does not say", () => {
    expect(missing(OWNER)).to.deep.equal(["Alarms", "Logs"]);
    expect(missing(LOGS, ALARMS)).to.deep.equal(["Owner"]);
    expect(missing(OWNER, ALARMS, { ...LOGS, Action: "kms:Decrypt" })).to.deep.equal(["Logs"]);
  });

  it("lacks what it says of other log groups, regions and accounts only", () => {
    const logs = (arn: string) => ({
      ...LOGS,
      Condition: { ArnLike: { "kms:EncryptionContext:aws:logs:arn": arn } },
    });
    for (const arn of [
      `arn:aws:logs:us-east-1:${ACCOUNT}:log-group:*`,
      "arn:aws:logs:eu-central-1:999999999999:log-group:*",
      // The function's, and not the hook's.
      `arn:aws:logs:eu-central-1:${ACCOUNT}:log-group:/aws/lambda/orders-function-staging`,
    ]) {
      expect(missing(OWNER, ALARMS, logs(arn)), arn).to.deep.equal(["Logs"]);
    }
    expect(
      missing(OWNER, ALARMS, { ...LOGS, Principal: { Service: "logs.us-east-1.amazonaws.com" } }),
    ).to.deep.equal(["Logs"]);
  });

  it("lacks what it takes away again, and what it ties to something unknown", () => {
    expect(missing(OWNER, LOGS, ALARMS, { ...ALARMS, Effect: "Deny" })).to.deep.equal(["Alarms"]);
    const tied = { ...ALARMS, Condition: { StringEquals: { "aws:SourceOrgID": "o-1" } } };
    expect(missing(OWNER, LOGS, tied)).to.deep.equal(["Alarms"]);
  });
});

describe("npm run doctor: key", () => {
  const emulator = useEmulator();
  const look = (kmsKeyArn: string) =>
    checkKey(
      {
        stack: "staging",
        settings: { ...settings, kmsKeyArn },
        location: { ...location, accountId: emulator().accountId },
      },
      new KMSClient(emulator().client),
    );

  it("says what is wrong with a key, and what to paste into its policy", async () => {
    const kms = new KMSClient(emulator().client);
    const owner = { ...OWNER, Principal: { AWS: `arn:aws:iam::${emulator().accountId}:root` } };
    const { KeyMetadata } = await kms.send(
      new CreateKeyCommand({
        Policy: JSON.stringify({ Version: "2012-10-17", Statement: [{ ...owner, Resource: "*" }] }),
      }),
    );
    const arn = KeyMetadata?.Arn ?? "";

    const found = await look(arn);
    expect(found.map(({ severity }) => severity)).to.deep.equal(["error", "error"]);
    expect(found[0]?.problem).to.contain(`${arn} does not admit CloudWatch, so no alarm`);
    expect(found[1]?.remedy).to.match(
      /^add to the key's policy: \{"Sid":"Logs","Effect":"Allow".*orders-hook-staging/,
    );

    await kms.send(new DisableKeyCommand({ KeyId: arn }));
    expect((await look(arn))[0]?.problem).to.contain("is Disabled: what it has encrypted");
  });

  it("says so when there is no such key", async () => {
    const [finding] = await look(KEY);
    expect(finding?.problem).to.equal(`there is no KMS key ${KEY}`);
    expect(finding?.remedy).to.equal("name one that exists as kmsKeyArn in Pulumi.staging.yaml");
  });
});
