import { expect } from "chai";
import {
  awsTypeOf,
  OVERRIDDEN_TYPES,
  replacementKnown,
  standIn,
  standInLocation,
  withDefaults,
} from "../../provider/aws-outputs.ts";
import { describe as describeType } from "../../provider/derive.ts";
import { sdkResource } from "../../provider/sdk.ts";
import { UnknownToken } from "../../provider/unknown-token.ts";

describe("the catalogue of stand-in AWS resources", () => {
  const location = standInLocation("eu-west-1");
  const made = (type: string, inputs: Record<string, unknown>) =>
    standIn(type, { location, logicalName: "thing", inputs, changed: [] });

  it("forms ids, ARNs and URLs as AWS does", () => {
    const queue = made("aws:sqs/queue:Queue", { name: "orders" });
    const alias = made("aws:lambda/alias:Alias", { functionName: "orders", name: "live" });
    const role = made("aws:iam/role:Role", { name: "deploy" });

    expect(queue.id).to.equal("https://sqs.eu-west-1.amazonaws.com/123456789012/orders");
    expect(queue.outputs).to.include({ arn: "arn:aws:sqs:eu-west-1:123456789012:orders" });
    expect(alias.outputs).to.include({
      arn: "arn:aws:lambda:eu-west-1:123456789012:function:orders:live",
    });
    expect(role.outputs).to.include({ arn: "arn:aws:iam::123456789012:role/deploy" });
  });

  it("knows the partitions", () => {
    expect(standInLocation("cn-north-1").partition).to.equal("aws-cn");
    expect(standInLocation("us-gov-west-1").partition).to.equal("aws-us-gov");
    expect(standInLocation("us-east-1").partition).to.equal("aws");
    expect(standInLocation("eusc-de-east-1").partition).to.equal("aws-eusc");
    expect(standInLocation("us-isob-east-1").partition).to.equal("aws-iso-b");
  });

  it("publishes a version for a change of code or configuration, not for one of tags", () => {
    const update = (changed: string[]) =>
      standIn("aws:lambda/function:Function", {
        location,
        logicalName: "thing",
        inputs: { name: "orders", publish: true },
        previous: { version: "4" },
        changed,
      }).outputs["version"];

    expect(update(["memorySize"])).to.equal("5");
    expect(update(["tags", "tagsAll"])).to.equal("4");
  });

  it("fills in a name only where the program gives none, always the same", () => {
    const type = "aws:sqs/queue:Queue";
    const filled = withDefaults(type, "orders", {});

    expect(filled["name"]).to.match(/^orders-[0-9a-f]{7}$/);
    expect(withDefaults(type, "orders", {})).to.deep.equal(filled);
    expect(withDefaults(type, "orders", { name: "mine" })).to.deep.equal({ name: "mine" });
  });

  it("tells a typing error from a type, and names what may be meant", () => {
    expect(() => awsTypeOf("aws:dynamodb/tabel:Tabel")).to.throw(
      UnknownToken,
      /^@pulumi\/aws [\d.]+ has no resource type aws:dynamodb\/tabel:Tabel; did you mean aws:dynamodb\/table:Table\?$/,
    );
    expect(() => awsTypeOf("aws:nowhere/thing:Thing")).to.throw(
      UnknownToken,
      "has no resource type aws:nowhere/thing:Thing; correct the name",
    );
  });

  it("says of another provider's types what can be done about them", () => {
    expect(() => awsTypeOf("random:index/randomId:RandomId")).to.throw(
      UnknownToken,
      /^random:index\/randomId:RandomId is a resource type of the random provider, and offline runs know only aws and awsx; /,
    );
  });

  it("lives in the region that a resource names for itself", () => {
    const { outputs } = made("aws:dynamodb/table:Table", { name: "orders", region: "eu-north-1" });

    expect(outputs["arn"]).to.equal("arn:aws:dynamodb:eu-north-1:123456789012:table/orders");
  });

  it("keeps an id for as long as the resource lives", () => {
    for (const type of ["aws:kms/key:Key", "aws:ecs/cluster:Cluster", "aws:ec2/vpc:Vpc"]) {
      const { id, outputs } = made(type, { description: "before" });
      const later = standIn(type, {
        location,
        logicalName: "thing",
        inputs: { description: "after" },
        previous: { ...outputs, id },
        changed: ["description"],
      });

      expect(later.id).to.equal(id);
      expect(later.outputs["arn"]).to.equal(outputs["arn"]);
    }
  });

  describe("where it is written by hand", () => {
    /** The minimum of a type, so that its ARN can be formed. */
    const example = (type: string) => ({
      location,
      logicalName: "thing",
      changed: [],
      inputs: Object.fromEntries(
        [...(sdkResource(type)?.inputs ?? [])]
          .filter(([key, { optional }]) => !optional || key === awsTypeOf(type).nameKey)
          .map(([key]) => [key, `the-${key}`]),
      ),
    });

    it("names inputs that the SDK has", () => {
      const unknown = OVERRIDDEN_TYPES.flatMap((type) => {
        const { replaceOn, required, nameKey } = awsTypeOf(type);
        return [...replaceOn, ...required, ...(nameKey === undefined ? [] : [nameKey])]
          .filter((key) => sdkResource(type)?.inputs.has(key) !== true)
          .map((key) => `${type}: ${key}`);
      });

      expect(unknown).to.deep.equal([]);
    });

    it("agrees with what is derived, but for ARNs that AWS publishes no form of, or another than it uses", () => {
      const differing = OVERRIDDEN_TYPES.filter((type) => {
        const resource = example(type);
        const [derived, full] = [describeType(type), awsTypeOf(type)].map((described) => {
          const arn = described?.computed(resource)["arn"];
          // Ids that AWS draws differ; what stands before them does not.
          return typeof arn === "string" ? arn.replace(/[\w-]*?[0-9a-f-]{10,}$/, "ID") : arn;
        });
        return derived !== full;
      });

      expect(differing).to.have.members([
        "aws:appautoscaling/target:Target",
        "aws:cloudwatch/queryDefinition:QueryDefinition",
        "aws:codedeploy/deploymentGroup:DeploymentGroup",
        "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        "aws:ec2/natGateway:NatGateway",
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        "aws:lambda/alias:Alias",
        "aws:s3/bucketObject:BucketObject",
        "aws:s3/bucketObjectv2:BucketObjectv2",
        "aws:secretsmanager/secret:Secret",
        "aws:sns/topicSubscription:TopicSubscription",
      ]);
    });

    it("is never less than the knowledge of what replaces a type", () => {
      expect(OVERRIDDEN_TYPES.filter((type) => !replacementKnown(type))).to.deep.equal([]);
    });
  });
});
