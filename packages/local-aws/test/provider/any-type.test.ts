/** Types that nobody described, through the provider's own handlers: what the engine asks of them at each step. */
import { expect } from "chai";
import type * as grpc from "@grpc/grpc-js";
import structProto from "google-protobuf/google/protobuf/struct_pb.js";
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import { standInBackend } from "../../provider/backend.ts";
import { handlers } from "../../provider/provider.ts";
import { sdkResource } from "../../provider/sdk.ts";

type Properties = Record<string, structProto.JavaScriptValue>;

const struct = (properties: Properties) => structProto.Struct.fromJavaScript(properties);

/** A provider as the engine configures it. */
async function provider() {
  const served = handlers(standInBackend());
  const call = <Response>(method: string, request: unknown): Promise<Response> =>
    new Promise((resolve, reject) => {
      const handler = served[method] as grpc.handleUnaryCall<unknown, Response>;
      handler({ request } as grpc.ServerUnaryCall<unknown, Response>, (error, response) => {
        if (response) resolve(response);
        else reject(new Error(String(error?.details)));
      });
    });
  const configuration = new proto.ConfigureRequest();
  configuration.getVariablesMap().set("aws:config:region", "eu-west-1");
  configuration.getVariablesMap().set("aws:config:defaultTags", '{"tags":{"team":"orders"}}');
  await call("configure", configuration);
  const urnOf = (type: string) => `urn:pulumi:staging::shop::${type}::thing`;
  return {
    check: async (type: string, inputs: Properties) => {
      const request = new proto.CheckRequest().setUrn(urnOf(type)).setNews(struct(inputs));
      const response = await call<proto.CheckResponse>("check", request);
      return {
        inputs: response.getInputs()?.toJavaScript() ?? {},
        missing: response.getFailuresList().map((failure) => failure.getProperty()),
      };
    },
    create: async (type: string, inputs: Properties) => {
      const request = new proto.CreateRequest().setUrn(urnOf(type)).setProperties(struct(inputs));
      const response = await call<proto.CreateResponse>("create", request);
      return { id: response.getId(), outputs: response.getProperties()?.toJavaScript() ?? {} };
    },
    diff: async (type: string, before: Properties, after: Properties) => {
      const request = new proto.DiffRequest()
        .setUrn(urnOf(type))
        .setOldInputs(struct(before))
        .setNews(struct(after));
      return (await call<proto.DiffResponse>("diff", request)).getReplacesList();
    },
  };
}

/** From all over the SDK, each with the least that AWS takes. */
const TYPES: Readonly<Record<string, Properties>> = {
  // The ten that a Lambda service comes to first.
  "aws:dynamodb/table:Table": { hashKey: "pk", attributes: [{ name: "pk", type: "S" }] },
  "aws:apigatewayv2/api:Api": { protocolType: "HTTP" },
  "aws:apigatewayv2/integration:Integration": { apiId: "a", integrationType: "AWS_PROXY" },
  "aws:apigatewayv2/route:Route": { apiId: "a", routeKey: "GET /" },
  "aws:lambda/functionUrl:FunctionUrl": { functionName: "orders", authorizationType: "AWS_IAM" },
  "aws:lambda/eventSourceMapping:EventSourceMapping": { functionName: "orders" },
  "aws:ssm/parameter:Parameter": { type: "String", value: "1" },
  "aws:secretsmanager/secret:Secret": {},
  "aws:sfn/stateMachine:StateMachine": { definition: "{}", roleArn: "arn:aws:iam::1:role/r" },
  "aws:cloudwatch/eventBus:EventBus": {},
  "aws:kms/key:Key": {},
  // And others, old and new, small and big.
  "aws:acm/certificate:Certificate": { domainName: "example.org" },
  "aws:appsync/graphQLApi:GraphQLApi": { authenticationType: "AWS_IAM" },
  "aws:athena/workgroup:Workgroup": {},
  "aws:backup/vault:Vault": {},
  "aws:batch/jobQueue:JobQueue": { priority: 1, state: "ENABLED" },
  "aws:cloudfront/distribution:Distribution": {
    enabled: true,
    origins: [],
    defaultCacheBehavior: {},
    restrictions: {},
    viewerCertificate: {},
  },
  "aws:cognito/userPool:UserPool": {},
  "aws:ec2/instance:Instance": {},
  "aws:ecr/repository:Repository": {},
  "aws:ecs/cluster:Cluster": {},
  "aws:efs/fileSystem:FileSystem": {},
  "aws:eks/cluster:Cluster": { roleArn: "arn:aws:iam::1:role/r", vpcConfig: { subnetIds: [] } },
  "aws:glacier/vault:Vault": {},
  "aws:kinesis/stream:Stream": {},
  "aws:lambda/layerVersion:LayerVersion": { layerName: "tools" },
  "aws:lb/loadBalancer:LoadBalancer": {},
  "aws:quicksight/dashboard:Dashboard": {
    dashboardId: "d",
    name: "d",
    versionDescription: "1",
  },
  "aws:rds/cluster:Cluster": { engine: "aurora-postgresql" },
  "aws:route53/record:Record": { name: "www", type: "A", zoneId: "Z1" },
  "aws:scheduler/schedule:Schedule": {
    flexibleTimeWindow: { mode: "OFF" },
    scheduleExpression: "rate(1 hour)",
    target: { arn: "arn:aws:lambda:eu-west-1:1:function:f", roleArn: "arn:aws:iam::1:role/r" },
  },
  "aws:wafv2/webAcl:WebAcl": { scope: "REGIONAL", defaultAction: {}, visibilityConfig: {} },
};

describe("any type of the SDK", () => {
  for (const [type, least] of Object.entries(TYPES)) {
    it(`is planned and made: ${type}`, async () => {
      const { check, create, diff } = await provider();
      const { inputs, missing } = await check(type, least);
      expect(missing).to.deep.equal([]);
      const { id, outputs } = await create(type, inputs);

      expect(id).to.be.a("string").and.not.equal("");
      const declared = sdkResource(type);
      const absent = [...(declared?.outputs ?? [])]
        .filter(([key, { optional }]) => !optional && key !== "tags" && key !== "tagsAll")
        .filter(([key]) => outputs[key] === undefined)
        .map(([key]) => key);
      expect(absent, "outputs that the SDK declares as always there").to.deep.equal([]);
      if (declared?.outputs.has("arn") === true) {
        expect(outputs["arn"]).to.match(/^arn:aws:[a-z0-9-]+:(eu-west-1)?:(123456789012)?:.+/);
      }
      expect(outputs["tagsAll"]).to.deep.equal(
        declared?.outputs.has("tagsAll") === true ? { team: "orders" } : undefined,
      );
      expect(await diff(type, inputs, inputs)).to.deep.equal([]);
    });
  }

  it("is refused without an input that AWS insists on", async () => {
    const { check } = await provider();

    expect((await check("aws:apigatewayv2/route:Route", { apiId: "a" })).missing).to.deep.equal([
      "routeKey",
    ]);
  });

  it("is replaced where AWS says so", async () => {
    const { diff } = await provider();
    const before = { name: "orders", hashKey: "pk", billingMode: "PAY_PER_REQUEST" };

    expect(
      await diff("aws:dynamodb/table:Table", before, { ...before, hashKey: "id" }),
    ).to.deep.equal(["hashKey"]);
    expect(
      await diff("aws:dynamodb/table:Table", before, { ...before, billingMode: "PROVISIONED" }),
    ).to.deep.equal([]);
  });

  it("is refused where the SDK has no such class", async () => {
    const { check } = await provider();
    const refused = await check("aws:sqs/queu:Queu", {}).catch((error: unknown) => String(error));

    expect(refused).to.match(
      /has no resource type aws:sqs\/queu:Queu; did you mean aws:sqs\/queue:Queue\?$/,
    );
  });
});
