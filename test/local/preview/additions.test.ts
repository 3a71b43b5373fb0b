import { expect } from "chai";
import { useEngine, withStack, writeProgram } from "../../support/engine.ts";

/** What a service of this kind comes to first, with nothing but the SDK. */
const PROGRAM = `
import * as aws from "@pulumi/aws";
const queue = new aws.sqs.Queue("orders");
const table = new aws.dynamodb.Table("orders", {
  hashKey: "pk",
  attributes: [{ name: "pk", type: "S" }],
  billingMode: "PAY_PER_REQUEST",
});
const key = new aws.kms.Key("orders", {});
const secret = new aws.secretsmanager.Secret("orders", { kmsKeyId: key.arn });
new aws.ssm.Parameter("orders", { name: "/orders/table", type: "String", value: table.name });
const limit = await aws.ssm.getParameter({ name: "/orders/limit" });
const api = new aws.apigatewayv2.Api("orders", { protocolType: "HTTP" });
const integration = new aws.apigatewayv2.Integration("orders", {
  apiId: api.id,
  integrationType: "AWS_PROXY",
  integrationUri: "arn:aws:lambda:eu-west-1:123456789012:function:orders:live",
});
new aws.apigatewayv2.Route("orders", {
  apiId: api.id,
  routeKey: "POST /orders",
  target: integration.id.apply((id) => "integrations/" + id),
});
const url = new aws.lambda.FunctionUrl("orders", { functionName: "orders", authorizationType: "AWS_IAM" });
new aws.lambda.EventSourceMapping("orders", { functionName: "orders", eventSourceArn: queue.arn });
new aws.sfn.StateMachine("orders", { definition: "{}", roleArn: "arn:aws:iam::123456789012:role/r" });
new aws.cloudwatch.EventBus("orders");
new aws.rds.Instance("orders", { instanceClass: "db.t4g.micro" });
export const endpoint = api.apiEndpoint;
export const secretArn = secret.arn;
export const functionUrl = url.functionUrl;
export const limitName = limit.name;
`;

describe("additions to a program", function () {
  this.timeout(90_000);
  useEngine();

  it("are planned, brought up and planned again without a word of support", () =>
    withStack(async (stack) => {
      const program = writeProgram(stack.workspace, PROGRAM);
      const { plan } = await stack.run("up", { program });
      const again = await stack.run("preview", { program });

      // Thirteen and the provider.
      expect(plan.summary).to.deep.equal({ create: 14 });
      expect(plan.outputs).to.deep.include({ limitName: "/orders/limit" });
      expect(plan.outputs["endpoint"]).to.match(
        /^https:\/\/[0-9a-f]{10}\.execute-api\.[a-z0-9-]+\.amazonaws\.com$/,
      );
      expect(again.plan.summary).to.deep.equal({ same: 14 });
      expect(again.plan.unsureTypes).to.deep.equal(["aws:rds/instance:Instance"]);
      expect(again.plan.madeUp).to.deep.equal(["aws:ssm/getParameter:getParameter"]);
    }));
});
