import { expect } from "chai";
import type { PolicyDocument } from "../../../infra/identity/document.ts";
import { compositeAlarms, serviceAlarms } from "../../../infra/observability/alarms.ts";
import { topicKeyPolicy, topicPolicy } from "../../../infra/observability/destination-policies.ts";
import { testSettings } from "../../support/settings.ts";
import { isLetIn } from "../identity/support/evaluator.ts";

const settings = testSettings({ serviceName: "orders", environment: "staging" });
const location = { partition: "aws", region: "eu-central-1", accountId: "210987654321" };
const CLOUDWATCH = "cloudwatch.amazonaws.com";
// As AWS forms them (service authorization reference), not as the program does.
const topic = "arn:aws:sns:eu-central-1:210987654321:orders-p1-staging";
const key = "arn:aws:kms:eu-central-1:210987654321:key/1";
const alarm = (name: string, account = "210987654321") =>
  `arn:aws:cloudwatch:eu-central-1:${account}:alarm:${name}`;

const alarms = serviceAlarms(settings, "shop");
const names = [...Object.keys(alarms), ...Object.keys(compositeAlarms(alarms))];

const publishes = (
  policy: PolicyDocument,
  action: string,
  resource: string,
  source: string,
  account = "210987654321",
) =>
  isLetIn(
    policy,
    {
      action,
      resource,
      context: {
        "aws:SourceArn": source,
        "aws:SourceAccount": account,
        "aws:SecureTransport": "true",
      },
    },
    CLOUDWATCH,
    location,
  );

describe("the alarms' topics", () => {
  const policy = topicPolicy(location, settings, "orders-p1-staging", { takesCosts: false });
  const keyPolicy = topicKeyPolicy(location, settings, { takesCosts: false });

  it("take what every alarm of the stack publishes, and their key encrypts it", () => {
    for (const name of names) {
      const source = alarm(`orders-${name}-staging`);
      expect(publishes(policy, "sns:Publish", topic, source), name).to.equal(true);
      for (const action of ["kms:GenerateDataKey", "kms:Decrypt"]) {
        expect(publishes(keyPolicy, action, key, source), name).to.equal(true);
      }
    }
  });

  it("take nothing from alarms of another stack, service or account", () => {
    const strangers = [
      [alarm("orders-errors-production"), "210987654321"],
      [alarm("shipping-errors-staging"), "210987654321"],
      [alarm("orders-errors-staging", "111122223333"), "111122223333"],
    ] as const;
    for (const [source, account] of strangers) {
      expect(publishes(policy, "sns:Publish", topic, source, account), source).to.equal(false);
      expect(publishes(keyPolicy, "kms:Decrypt", key, source, account), source).to.equal(false);
    }
  });

  it("take budgets and anomalies only where they are asked for", () => {
    const costs = topicPolicy(location, settings, "orders-p1-staging", { takesCosts: true });
    const costKey = topicKeyPolicy(location, settings, { takesCosts: true });
    const context = {
      "aws:SourceArn": "arn:aws:budgets::210987654321:budget/orders-budget-staging",
      "aws:SourceAccount": "210987654321",
      "aws:SecureTransport": "true",
    };
    const publish = { action: "sns:Publish", resource: topic, context };
    const encrypt = { action: "kms:GenerateDataKey", resource: key, context };
    for (const service of ["budgets.amazonaws.com", "costalerts.amazonaws.com"]) {
      expect(isLetIn(costs, publish, service, location), service).to.equal(true);
      expect(isLetIn(costKey, encrypt, service, location), service).to.equal(true);
      expect(isLetIn(policy, publish, service, location), service).to.equal(false);
      expect(isLetIn(keyPolicy, encrypt, service, location), service).to.equal(false);
    }
  });

  it("take nothing from another account's people or services", () => {
    const context = { "aws:SecureTransport": "true" };
    const publish = { action: "sns:Publish", resource: topic, context };

    expect(isLetIn(policy, publish, "arn:aws:iam::111122223333:user/eve", location)).to.equal(
      false,
    );
    expect(isLetIn(policy, publish, "s3.amazonaws.com", location)).to.equal(false);
  });
});
