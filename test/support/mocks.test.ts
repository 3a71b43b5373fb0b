import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { failure } from "./failure.ts";
import { withMocks } from "./mocks.ts";
import { TEST_REGION } from "./settings.ts";

class Pair extends pulumi.ComponentResource {
  readonly queueArn: pulumi.Output<string>;
  constructor(name: string, options?: pulumi.ComponentResourceOptions) {
    super("test:index:Pair", name, {}, options);
    const queue = new aws.sqs.Queue(
      `${name}-queue`,
      { name: "orders", policy: pulumi.secret("{}") },
      { parent: this, protect: true, ignoreChanges: ["policy"] },
    );
    const policy = new aws.sqs.QueuePolicy(
      `${name}-policy`,
      { queueUrl: queue.url, policy: "{}" },
      { parent: this },
    );
    this.queueArn = queue.arn;
    this.registerOutputs({ policyId: policy.id });
  }
}

describe("mocks", () => {
  it("record inputs and options, and hand out stand-in outputs", async () => {
    const run = await withMocks(() => {
      const pair = new Pair("pair");
      return { arn: pair.queueArn };
    });

    expect(run.outputs).to.deep.equal({ arn: `arn:aws:sqs:${TEST_REGION}:123456789012:orders` });
    const queue = run.find("aws:sqs/queue:Queue");
    expect(queue.inputs).to.include({ name: "orders", policy: "{}" });
    expect(queue.secretInputs).to.deep.equal(["policy"]);
    expect(queue.options).to.deep.include({
      parent: { type: "test:index:Pair", name: "pair" },
      protect: true,
      ignoreChanges: ["policy"],
    });
    const policy = run.find("aws:sqs/queuePolicy:QueuePolicy", "pair-policy");
    expect(policy.inputs["queueUrl"]).to.equal(
      `https://sqs.${TEST_REGION}.amazonaws.com/123456789012/orders`,
    );
    expect(policy.options.dependsOn).to.deep.equal(["pair-queue"]);
    expect(policy.options.protect).to.equal(false);
  });

  it("read the stack's config and take overrides", async () => {
    const memory = () => new pulumi.Config().requireNumber("memoryMb");
    const production = await withMocks(memory, { stack: "production" });
    const overridden = await withMocks(memory, { config: { memoryMb: 1024 } });

    expect(production.outputs).to.equal(640);
    expect(overridden.outputs).to.equal(1024);
  });

  it("make resources and answer data sources that nobody described", async () => {
    const run = await withMocks(async () => {
      const vault = new aws.glacier.Vault("vault", { name: "old-orders" });
      const { value } = await aws.ssm.getParameter({ name: "/orders/limit" });
      return { arn: vault.arn, id: vault.id, value };
    });

    expect(run.outputs.arn).to.contain(`arn:aws:glacier:${TEST_REGION}:123456789012:`);
    expect(run.outputs.id).to.equal("old-orders");
    expect(run.outputs.value).to.be.a("string");
  });

  it("name a type that the SDK lacks, instead of never settling", async () => {
    class Other extends pulumi.CustomResource {
      constructor(type: string) {
        super(type, "other", {});
      }
    }
    const typo = await failure(withMocks(() => new Other("aws:sqs/queu:Queu")));
    const other = await failure(withMocks(() => new Other("random:index/randomId:RandomId")));

    expect(typo).to.contain("has no resource type aws:sqs/queu:Queu; did you mean");
    expect(other).to.contain("offline runs know only aws and awsx");
  });

  it("throw what the program throws", async () => {
    const message = await failure(
      withMocks(() => {
        throw new pulumi.RunError("memoryMb: too small");
      }),
    );

    expect(message).to.equal("memoryMb: too small");
  });
});
