import { expect } from "chai";
import { admitsService } from "../../emulator/policy.ts";

const request = {
  service: "cloudwatch.amazonaws.com",
  action: "sns:Publish",
  resource: "arn:aws:sns:eu-west-1:123456789012:orders-p1-staging",
  context: {
    "aws:sourcearn": "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:orders-down-staging",
    "aws:sourceaccount": "123456789012",
    "aws:securetransport": "true",
  },
};
const allow = {
  Effect: "Allow",
  Principal: { Service: "cloudwatch.amazonaws.com" },
  Action: "SNS:Publish",
  Resource: request.resource,
};
const admits = (...statements: readonly object[]) =>
  admitsService(JSON.stringify({ Version: "2012-10-17", Statement: statements }), request);

describe("a resource's policy", () => {
  it("lets the named service do the named action on the resource, in any case of letters", () => {
    expect(admits(allow)).to.equal(true);
    expect(admits({ ...allow, Action: ["sns:Sub*", "sns:Pub*"] })).to.equal(true);
    expect(admits({ ...allow, Resource: "arn:aws:sns:*:123456789012:orders-p?-staging" })).to.equal(
      true,
    );
    expect(admits({ ...allow, Principal: "*" })).to.equal(true);
    expect(admits({ ...allow, Principal: { AWS: "*" } })).to.equal(true);
  });

  it("lets in nobody else, and nobody without a statement", () => {
    expect(admitsService("", request)).to.equal(false);
    expect(admits()).to.equal(false);
    expect(admits({ ...allow, Principal: { Service: "s3.amazonaws.com" } })).to.equal(false);
    // The account's root is its people and roles, not its services.
    expect(admits({ ...allow, Principal: { AWS: "arn:aws:iam::123456789012:root" } })).to.equal(
      false,
    );
    expect(admits({ ...allow, Action: "sns:Subscribe" })).to.equal(false);
    expect(admits({ ...allow, Resource: "arn:aws:sns:eu-west-1:123456789012:other" })).to.equal(
      false,
    );
  });

  it("asks for every condition", () => {
    const only = (Condition: object) => admits({ ...allow, Condition });
    const account = { StringEquals: { "aws:SourceAccount": "123456789012" } };
    const alarm = (name: string) => ({
      ArnLike: { "aws:SourceArn": `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${name}` },
    });

    expect(only({ ...account, ...alarm("orders-*-staging") })).to.equal(true);
    expect(only({ ...account, ...alarm("orders-*-production") })).to.equal(false);
    expect(only({ StringEquals: { "aws:SourceAccount": "999999999999" } })).to.equal(false);
    expect(
      only({ StringEquals: { "aws:PrincipalOrgID": "o-1" } }),
      "a key that is missing",
    ).to.equal(false);
    expect(only({ IpAddress: { "aws:SourceIp": "10.0.0.0/8" } }), "an unknown operator").to.equal(
      false,
    );
  });

  it("puts a Deny before every Allow, also one that it cannot read", () => {
    const deny = { ...allow, Effect: "Deny", Principal: "*" };
    const plain = { Bool: { "aws:SecureTransport": "false" } };

    expect(admits(allow, { ...deny, Condition: plain })).to.equal(true);
    expect(admits(allow, deny)).to.equal(false);
    expect(
      admits(allow, { ...deny, Condition: { IpAddress: {}, NumericLessThan: { a: "1" } } }),
    ).to.equal(false);
  });
});
