/** Fewer statements, the same rights. */
import { expect } from "chai";
import { compact } from "../../../infra/identity/compact.ts";
import { allow, deny, policy } from "../../../infra/identity/document.ts";
import { isAllowed } from "./support/evaluator.ts";

const arn = (service: string, resource: string) =>
  `arn:aws:${service}:eu-central-1:123456789012:${resource}`;
const location = { partition: "aws", region: "eu-central-1", accountId: "123456789012" };
const tagged = { StringEquals: { "aws:ResourceTag/service": "ledger" } };

const STATEMENTS = [
  allow("Send", ["sqs:SendMessage"], [arn("sqs", "one")]),
  allow("Take", ["sqs:ReceiveMessage"], [arn("sqs", "two")]),
  allow("Publish", ["sns:Publish"], [arn("sns", "one")]),
  allow("Look", ["sqs:GetQueueAttributes"], [arn("sqs", "one")]),
  allow("Trace", ["xray:PutTraceSegments"], ["*"]),
  allow("Describe", ["ec2:DescribeSubnets"], ["*"]),
  allow("Invoke", ["lambda:InvokeFunction"], [arn("lambda", "function:one")], tagged),
  deny("Not", ["sns:Publish"], [arn("sns", "two")]),
];

describe("policies in fewer statements", () => {
  const shorter = compact(STATEMENTS);

  it("are shorter", () => {
    expect(shorter.map(({ Sid }) => Sid)).to.deep.equal(["Send", "Take", "Trace", "Invoke", "Not"]);
  });

  it("allow and deny the same", async () => {
    const actions = STATEMENTS.flatMap(({ Action }) => Action);
    const resources = ["sqs", "sns"].flatMap((service) =>
      ["one", "two"].map((name) => arn(service, name)),
    );
    const judged = (statements: typeof shorter) => ({
      name: "role",
      policies: [{ name: "policy", policy: policy(...statements) }],
    });
    for (const action of actions.filter((action) => /^(sqs|sns):/.test(action))) {
      for (const resource of resources.filter((one) => one.includes(`:${action.slice(0, 3)}:`))) {
        const call = { action, resource };
        expect(await isAllowed(judged(shorter), call, location), `${action} ${resource}`).to.equal(
          await isAllowed(judged(STATEMENTS), call, location),
        );
      }
    }
  });
});
