/** A key of one's own: what it encrypts, whom it admits, and what is refused before anything is planned. */
import { expect } from "chai";
import type { PolicyDocument } from "../../../infra/identity/document.ts";
import { dataKeyPolicy } from "../../../infra/options/encryption.ts";
import { type MockOptions, type MockRun, runProgram } from "../../support/mocks.ts";
import { settingsFaults, testSettings } from "../../support/settings.ts";
import { isAllowed, isLetIn } from "../identity/support/evaluator.ts";
import { recordProgram } from "../identity/support/program.ts";

const KEY = "arn:aws:kms:eu-central-1:123456789012:key/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f";
const MADE = "identity-data-key";

/** Every resource that holds data at rest, with what it names as its key. */
function encryptedBy({ resources }: MockRun<unknown>): Record<string, unknown> {
  const keyOf: Record<string, (inputs: Readonly<Record<string, unknown>>) => unknown> = {
    "aws:cloudwatch/logGroup:LogGroup": ({ kmsKeyId }) => kmsKeyId,
    "aws:sqs/queue:Queue": ({ kmsMasterKeyId }) => kmsMasterKeyId,
    "aws:sns/topic:Topic": ({ kmsMasterKeyId }) => kmsMasterKeyId,
    "aws:lambda/function:Function": ({ kmsKeyArn }) => kmsKeyArn,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": ({
      rules,
    }) => {
      const [rule] = rules as [
        { applyServerSideEncryptionByDefault: { kmsMasterKeyId?: string; sseAlgorithm: string } },
      ];
      const { kmsMasterKeyId, sseAlgorithm } = rule.applyServerSideEncryptionByDefault;
      expect(sseAlgorithm).to.equal(kmsMasterKeyId === undefined ? "AES256" : "aws:kms");
      return kmsMasterKeyId;
    },
  };
  return Object.fromEntries(
    resources.flatMap(({ type, name, inputs }) =>
      type in keyOf ? [[name, keyOf[type]?.(inputs)]] : [],
    ),
  );
}

const run = (config: MockOptions["config"] = {}) => runProgram({ config });

describe("encryption with a key of one's own", () => {
  it("covers everything that holds data, by the key that config names", async () => {
    const encrypted = encryptedBy(await run({ kmsKeyArn: KEY }));
    expect(Object.keys(encrypted)).to.have.members([
      "logs",
      "hook-logs",
      "dead-letters",
      "function",
      "hook",
      "artifacts-encryption",
      "p1-topic",
      "p2-topic",
      "p3-topic",
      "p4-topic",
    ]);
    for (const [name, key] of Object.entries(encrypted)) expect(key, name).to.equal(KEY);
  });

  it("makes a key that is kept when the option goes, with the roles' alias on it", async () => {
    const program = await run({ createKey: true });
    const key = program.find("aws:kms/key:Key", MADE);
    expect(key.inputs).to.deep.include({ enableKeyRotation: true, deletionWindowInDays: 30 });
    expect(key.options.retainOnDelete).to.equal(true);
    expect(key.options.parent?.type).to.equal("lambda-service:infra:Identity");
    expect(program.find("aws:kms/alias:Alias", `${MADE}-alias`).inputs["name"]).to.equal(
      "alias/ledger-data-staging",
    );
    const keys = new Set(Object.values(encryptedBy(program)));
    expect(keys.size).to.equal(1);
    expect([...keys][0]).to.match(/^arn:aws:kms:eu-central-1:\d{12}:key\//);
  });

  it("does not send a dead letter to a queue before the function's role may encrypt it", async () => {
    const program = await run({ createKey: true });
    const queue = program.find("aws:sqs/queue:Queue", "dead-letters");
    expect(queue.options.dependsOn).to.include("execution-permissions");
    // AWS takes one kind of encryption, not two.
    expect(queue.inputs).not.to.have.property("sqsManagedSseEnabled");
  });

  it("encrypts nothing new with keyUse decrypt, and keeps key and rights", async () => {
    const on = await run({ createKey: true });
    const leaving = await run({ createKey: true, keyUse: "decrypt" });
    const off = await run();
    expect(encryptedBy(leaving)).to.deep.equal(encryptedBy(off));
    const policies = ({ resources }: MockRun<unknown>) =>
      resources
        .filter(({ type }) => /^aws:(iam|kms)\//.test(type))
        .map(({ name, inputs }) => ({ name, inputs }));
    expect(policies(leaving)).to.deep.equal(policies(on));
  });

  it("leaves nothing of itself in a stack without it", async () => {
    const { resources } = await run();
    const text = JSON.stringify(resources);
    for (const trace of ["ledger-data-staging", MADE, "kms:EncryptionContext", "AssociateKmsKey"]) {
      expect(text).not.to.contain(trace);
    }
  });

  it("gives rights to the named key alone", async () => {
    const { roles, location } = await recordProgram({
      stack: "staging",
      config: { kmsKeyArn: KEY },
    });
    const context = {
      "kms:ViaService": "sqs.eu-central-1.amazonaws.com",
      "kms:EncryptionContext:aws:sqs:arn":
        "arn:aws:sqs:eu-central-1:123456789012:ledger-dlq-staging",
      "kms:ResourceAliases": ["alias/ledger-data-staging"],
    };
    const encrypt = { action: "kms:GenerateDataKey", resource: KEY, context };
    const other = { ...encrypt, resource: KEY.replace("0a1b2c3d-", "ffffffff-") };
    for (const role of [roles.execution, roles.operator]) {
      expect(await isAllowed(role, encrypt, location), role.name).to.equal(true);
      expect(await isAllowed(role, other, location), role.name).to.equal(false);
    }
  });
});

describe("the key that a service makes", () => {
  const location = { partition: "aws", region: "eu-central-1", accountId: "210987654321" };
  const settings = testSettings({ serviceName: "orders", createKey: true });
  const keyPolicy = dataKeyPolicy(location, settings);
  const resource = "arn:aws:kms:eu-central-1:210987654321:key/1";
  const admits = (
    principal: string,
    action: string,
    context: Readonly<Record<string, string>>,
    policy: PolicyDocument = keyPolicy,
  ) => isLetIn(policy, { action, resource, context }, principal, location);
  const logs = (name: string, account = "210987654321") => ({
    "kms:EncryptionContext:aws:logs:arn": `arn:aws:logs:eu-central-1:${account}:log-group:${name}`,
  });
  const LOGS = "logs.eu-central-1.amazonaws.com";
  const OWN = ["/aws/lambda/orders-function-staging", "/aws/lambda/orders-hook-staging"];
  const USES = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom"];

  it("encrypts the service's log groups for CloudWatch Logs, and no others", () => {
    for (const action of USES) {
      for (const name of OWN) expect(admits(LOGS, action, logs(name)), name).to.equal(true);
      for (const name of [
        "/aws/lambda/orders-function-production",
        "/aws/lambda/orders-function-staging2",
        "/aws/lambda/payroll-function-staging",
        "/payroll",
      ]) {
        expect(admits(LOGS, action, logs(name)), name).to.equal(false);
      }
      expect(admits(LOGS, action, {}), "without a group").to.equal(false);
      expect(admits(LOGS, action, logs(OWN[0] ?? "", "999999999999"))).to.equal(false);
      expect(admits("logs.us-east-1.amazonaws.com", action, logs(OWN[0] ?? ""))).to.equal(false);
    }
  });

  it("encrypts what the service's alarms publish, and no others", () => {
    const alarm = (name: string, account = "210987654321") => ({
      "aws:SourceAccount": account,
      "aws:SourceArn": `arn:aws:cloudwatch:eu-central-1:${account}:alarm:${name}`,
    });
    for (const action of ["kms:Decrypt", "kms:GenerateDataKey"]) {
      const by = (context: Readonly<Record<string, string>>) =>
        admits("cloudwatch.amazonaws.com", action, context);
      expect(by(alarm("orders-errors-staging"))).to.equal(true);
      expect(by(alarm("payroll-errors-staging"))).to.equal(false);
      expect(by(alarm("orders-errors-staging", "999999999999"))).to.equal(false);
    }
  });

  it("admits no other account and no other service", () => {
    for (const principal of [
      "arn:aws:iam::999999999999:root",
      "arn:aws:iam::999999999999:role/reader",
      ...["s3", "sqs", "sns", "lambda", "events", "delivery.logs"].map(
        (service) => `${service}.amazonaws.com`,
      ),
    ]) {
      for (const action of [...USES, "kms:CreateGrant", "kms:PutKeyPolicy"]) {
        expect(admits(principal, action, logs(OWN[0] ?? "")), principal).to.equal(false);
      }
    }
  });
});

describe("the settings of the key", () => {
  for (const [what, values, message] of [
    ["an alias", { kmsKeyArn: "alias/shared" }, /an alias can be moved to another key/],
    [
      "the ARN of an alias",
      { kmsKeyArn: "arn:aws:kms:eu-central-1:123456789012:alias/shared" },
      /kmsKeyArn: "arn:[^"]*alias\/shared"; must be the ARN .* an alias can be moved/,
    ],
    [
      "the id of a key",
      { kmsKeyArn: "0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f" },
      /must be the ARN of a KMS key, such as/,
    ],
    [
      "an account of eleven digits",
      { kmsKeyArn: KEY.replace("123456789012", "12345678901") },
      /must be the ARN/,
    ],
    ["an ARN with more at its end", { kmsKeyArn: `${KEY}x` }, /must be the ARN/],
    [
      "the ARN of something else",
      { kmsKeyArn: "arn:aws:s3:::keys" },
      /kmsKeyArn: "arn:aws:s3:::keys"; must be the ARN/,
    ],
    [
      "a key of another region",
      { kmsKeyArn: KEY.replace("eu-central-1", "us-east-1") },
      /is a key of us-east-1, and AWS encrypts with keys of the stack's own region, eu-central-1; name a key of eu-central-1 in Pulumi.staging.yaml/,
    ],
    [
      "a key besides one that is to be made",
      { kmsKeyArn: KEY, createKey: "true" },
      /createKey: "true"; makes a key, and kmsKeyArn names one already; remove one/,
    ],
    ["an answer that is none", { createKey: "yes" }, /createKey: "yes"; must be true or false/],
    ["a use without a key", { keyUse: "decrypt" }, /keyUse: "decrypt"; .*there is no key; set/],
    ["an unknown use", { keyUse: "both" }, /keyUse: "both"; must be one of encrypt, decrypt/],
  ] as const) {
    it(`refuse ${what} in one line`, () => {
      const found = settingsFaults(values);
      expect(found).to.have.length(1);
      expect(found[0]).to.match(message);
    });
  }

  it("take a key of several regions", () => {
    const kmsKeyArn =
      "arn:aws:kms:eu-central-1:123456789012:key/mrk-0a1b2c3d4e5f0a1b2c3d4e5f0a1b2c3d";
    expect(settingsFaults({ kmsKeyArn })).to.deep.equal([]);
  });
});
