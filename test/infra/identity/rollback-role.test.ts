/** The role of an emergency: what a rollback calls is allowed, and nothing beside it. */
import { expect } from "chai";
import { rollbackPolicy } from "../../../infra/identity/rollback-policy.ts";
import { rollbackTrust } from "../../../infra/identity/trust.ts";
import { standInLocation } from "local-aws/provider/aws-outputs.ts";
import { testSettings } from "../../support/settings.ts";
import { SECOND } from "../../support/second-function.ts";
import { isAllowed, isTrusted } from "./support/evaluator.ts";

const location = standInLocation("eu-west-1");
const settings = testSettings({
  serviceName: "ledger",
  environment: "production",
  database: "dynamodb",
});
const role = {
  name: "GitHubActions-Ledger-Production-Rollback",
  policies: [{ name: "rollback", policy: rollbackPolicy(location, settings) }],
};

const { accountId } = location;
// Written out as AWS forms them, and not by the helpers that the policy is made of.
const FUNCTION = `arn:aws:lambda:eu-west-1:${accountId}:function:ledger-function-production`;
const GROUP = `arn:aws:codedeploy:eu-west-1:${accountId}:deploymentgroup:ledger-release-production/ledger-release-production`;
const BUCKET = `arn:aws:s3:::ledger-artifacts-production-${accountId}`;
const TABLE = `arn:aws:dynamodb:eu-west-1:${accountId}:table/ledger-table-production`;
const STAGING = FUNCTION.replace("production", "staging");

/** What the commands rollback and smoke send, by action. */
const NEEDED: readonly (readonly [action: string, resource: string])[] = [
  ["lambda:GetAlias", FUNCTION],
  ["lambda:GetAlias", `${FUNCTION}:live`],
  ["lambda:UpdateAlias", FUNCTION],
  ["lambda:UpdateAlias", `${FUNCTION}:live`],
  ["lambda:ListVersionsByFunction", FUNCTION],
  ["lambda:InvokeFunction", `${FUNCTION}:live`],
  ["codedeploy:ListDeployments", GROUP],
  ["codedeploy:BatchGetDeployments", GROUP],
  ["codedeploy:GetDeployment", GROUP],
  ["codedeploy:StopDeployment", "*"],
  ["s3:GetObject", `${BUCKET}/releases/records.json`],
  ["s3:PutObject", `${BUCKET}/releases/records.json`],
  ["s3:ListBucket", BUCKET],
];

const FORBIDDEN: readonly (readonly [action: string, resource: string])[] = [
  ["lambda:UpdateFunctionCode", FUNCTION],
  ["lambda:UpdateFunctionConfiguration", FUNCTION],
  ["lambda:PublishVersion", FUNCTION],
  ["lambda:DeleteFunction", FUNCTION],
  ["lambda:DeleteAlias", FUNCTION],
  ["lambda:CreateAlias", FUNCTION],
  ["lambda:AddPermission", FUNCTION],
  ["lambda:GetFunction", FUNCTION],
  ["lambda:GetFunctionConfiguration", FUNCTION],
  ["lambda:InvokeFunction", FUNCTION],
  ["lambda:UpdateAlias", `${STAGING}:live`],
  ["lambda:UpdateAlias", STAGING],
  ["codedeploy:CreateDeployment", GROUP],
  ["codedeploy:UpdateDeploymentGroup", GROUP],
  ["s3:PutObject", `${BUCKET}/function/0a1b.zip`],
  ["s3:GetObject", `${BUCKET}/function/0a1b.zip`],
  ["s3:DeleteObject", `${BUCKET}/releases/records.json`],
  ["s3:PutBucketPolicy", BUCKET],
  ["dynamodb:GetItem", TABLE],
  ["dynamodb:PutItem", TABLE],
  ["dynamodb:Scan", TABLE],
  ["dynamodb:UpdateTable", TABLE],
  ["dynamodb:DeleteTable", TABLE],
  [
    "s3:GetObject",
    `arn:aws:s3:::ledger-state-production-${accountId}/.pulumi/stacks/ledger/production.json`,
  ],
  ["s3:ListBucket", `arn:aws:s3:::ledger-state-production-${accountId}`],
  ["kms:Decrypt", `arn:aws:kms:eu-west-1:${accountId}:key/0a1b`],
  ["sqs:ReceiveMessage", `arn:aws:sqs:eu-west-1:${accountId}:ledger-dlq-production`],
  [
    "logs:FilterLogEvents",
    `arn:aws:logs:eu-west-1:${accountId}:log-group:/aws/lambda/ledger-function-production:*`,
  ],
  ["iam:PassRole", `arn:aws:iam::${accountId}:role/ledger-execution-production`],
  ["iam:UpdateAssumeRolePolicy", `arn:aws:iam::${accountId}:role/${role.name}`],
  ["secretsmanager:GetSecretValue", `arn:aws:secretsmanager:eu-west-1:${accountId}:secret:x`],
  ["sts:AssumeRole", `arn:aws:iam::${accountId}:role/GitHubActions-Ledger-Production`],
];

describe("the rollback role", () => {
  for (const [action, resource] of NEEDED) {
    it(`may ${action} on ${resource}`, async () => {
      expect(await isAllowed(role, { action, resource }, location)).to.equal(true);
    });
  }
  for (const [action, resource] of FORBIDDEN) {
    it(`cannot ${action} on ${resource}`, async () => {
      expect(await isAllowed(role, { action, resource }, location)).to.equal(false);
    });
  }

  it("may roll back every function of the service, and do no more with any", async () => {
    const both = testSettings({
      serviceName: "ledger",
      environment: "production",
      functions: [SECOND],
    });
    const judged = {
      ...role,
      policies: [{ name: "rollback", policy: rollbackPolicy(location, both) }],
    };
    const ofSecond = (resource: string) =>
      resource
        .replaceAll(/ledger-(function|release|dlq|execution)-/g, "ledger-statements-$1-")
        .replace("/releases/records", "/releases/statements/records");
    for (const [action, resource] of NEEDED) {
      for (const one of [resource, ofSecond(resource)]) {
        expect(await isAllowed(judged, { action, resource: one }, location), one).to.equal(true);
        if (one === "*" || one === BUCKET) continue;
        const before = await isAllowed(role, { action, resource: ofSecond(one) }, location);
        expect(before, `${one}, before there is one`).to.equal(false);
      }
    }
    for (const [action, resource] of FORBIDDEN) {
      expect(
        await isAllowed(judged, { action, resource: ofSecond(resource) }, location),
        `${action} on ${ofSecond(resource)}`,
      ).to.equal(false);
    }
  });

  it("has no statement that no rollback needs", async () => {
    const [{ policy }] = role.policies as [(typeof role.policies)[number]];
    for (const one of policy.Statement) {
      const narrower = { ...policy, Statement: policy.Statement.filter((other) => other !== one) };
      const judged = { ...role, policies: [{ name: "rollback", policy: narrower }] };
      const allowed = await Promise.all(
        NEEDED.map(([action, resource]) => isAllowed(judged, { action, resource }, location)),
      );
      expect(allowed, one.Sid).to.include(false);
    }
  });

  it("is taken by jobs of its own environment alone", () => {
    const trust = rollbackTrust(
      {
        environment: "production",
        githubRepository: "acme/ledger",
        githubSubjectPrefix: undefined,
        githubRepositoryId: undefined,
        githubDefaultBranch: "trunk",
        oidcProviderArn: undefined,
      },
      location,
    );
    const takes = (sub: string, ref = "refs/heads/trunk") =>
      isTrusted(trust, { aud: "sts.amazonaws.com", sub, ref }, location);
    const own = "repo:acme/ledger:environment:production-rollback";
    expect(takes(own, "refs/heads/feature")).to.equal(false);
    expect(takes("repo:acme/ledger:environment:production-rollback")).to.equal(true);
    for (const sub of [
      "repo:acme/ledger:environment:production",
      "repo:acme/ledger:environment:staging-rollback",
      "repo:acme/ledger:environment:production-rollback2",
      "repo:acme/ledger:ref:refs/heads/trunk",
      "repo:acme/ledger:pull_request",
      "repo:mallory/ledger:environment:production-rollback",
    ]) {
      expect(takes(sub), sub).to.equal(false);
    }
  });
});
