import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import {
  awsTypeOf,
  KNOWN_TYPES,
  standIn,
  standInInvoke,
  standInLocation,
  UnknownToken,
  withDefaults,
} from "../../provider/aws-outputs.ts";
import { withMocks } from "../../../../test/support/mocks.ts";

type ResourceClass = new (
  name: string,
  args: object,
  opts?: pulumi.CustomResourceOptions,
) => pulumi.CustomResource;

/** The SDK's class for a type token such as `aws:sqs/queue:Queue`. */
function classOf(type: string): ResourceClass {
  const [, module = "", name = ""] = type.split(":");
  const service = module.split("/", 1)[0] ?? "";
  const found = (aws as unknown as Record<string, Record<string, ResourceClass>>)[service]?.[name];
  if (found === undefined) throw new Error(`the SDK has no ${type}`);
  return found;
}

/** Which inputs the SDK's class reads, and which of them it insists on. */
async function sdkInputs(type: string): Promise<{ known: Set<string>; required: Set<string> }> {
  const known = new Set<string>();
  const required = new Set<string>();
  const create = (name: string, absent?: string) => {
    const args = new Proxy(
      {},
      {
        get: (_target, key) => {
          known.add(String(key));
          return key === absent ? undefined : "value";
        },
      },
    );
    void new (classOf(type))(name, args);
  };
  await withMocks(() => {
    create("all");
    [...known].forEach((key, index) => {
      try {
        create(`without-${index}`, key);
      } catch {
        required.add(key);
      }
    });
  });
  return { known, required };
}

describe("the catalogue of stand-in AWS resources", () => {
  for (const type of KNOWN_TYPES) {
    it(`agrees with the SDK about ${type}`, async () => {
      const { known, required } = await sdkInputs(type);
      const described = awsTypeOf(type);
      const named = [
        ...described.replaceOn,
        ...described.required,
        ...(described.nameKey === undefined ? [] : [described.nameKey]),
      ];

      expect([...known]).to.include.members(named);
      expect(described.required).to.include.members([...required]);
      expect(described.taggable).to.equal(known.has("tags"));
    });
  }

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

  it("names a type or function that it does not know", () => {
    expect(() => awsTypeOf("aws:glacier/vault:Vault")).to.throw(
      UnknownToken,
      "resource type aws:glacier/vault:Vault",
    );
    expect(() => standInInvoke("aws:index/getIpRanges:getIpRanges", location)).to.throw(
      UnknownToken,
      "function aws:index/getIpRanges:getIpRanges",
    );
  });
});
