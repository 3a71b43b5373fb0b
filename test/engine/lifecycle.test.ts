import { appendFileSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { renderGraph } from "../../local/preview/graph.ts";
import type { Plan, PlannedResource } from "local-aws/provider/plan.ts";
import {
  copyProject,
  type OfflineStack,
  PROJECT_ROOT,
  useEngine,
  withStack,
  writeProgram,
} from "../support/engine.ts";
import { expectNone } from "../infra/identity/support/expect-none.ts";
import { failure } from "../support/failure.ts";
import { touched } from "../support/touched.ts";

/** The resource of this name that AWS has, not the component of the same name. */
const find = ({ resources }: Plan, name: string): PlannedResource => {
  const found = resources.find(
    (resource) => resource.name === name && resource.type.startsWith("aws:"),
  );
  if (found === undefined) throw new Error(`the plan has no resource ${name}`);
  return found;
};

/** Everything that the file backend holds, as one text. */
const stateOf = ({ workspace }: OfflineStack): string =>
  readdirSync(workspace.state, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), "utf8"))
    .join("\n");

describe("the program on the real engine", function () {
  this.timeout(60_000);
  useEngine();

  // The one stack that is brought up; every test continues from a copy of its state.
  let created: Plan;
  let deployed: OfflineStack;
  let release: () => void;
  let gone: Promise<void>;

  before(async () => {
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    await new Promise<void>((ready, failed) => {
      gone = withStack(async (stack) => {
        const outcome = await stack.run("up");
        created = outcome.plan;
        deployed = stack;
        ready();
        await released;
      });
      gone.catch(failed);
    });
  });

  after(async () => {
    release();
    await gone;
  });

  it("creates every resource", () => {
    expect(Object.keys(created.summary)).to.deep.equal(["create"]);
  });

  it("is what the picture in docs/architecture.md shows (else run: npm run graph)", async () => {
    const document = readFileSync(path.join(PROJECT_ROOT, "docs", "architecture.md"), "utf8");
    const state = await withStack(async (stack) =>
      // A canary has alarms of its own, which whoever shifts all at once does not draw.
      (await stack.run("up", { config: { trafficShift: "AllAtOnce" } })).state(),
    );
    // Whatever a team adds, in infra/own or by its settings, is in the picture or not, as the team likes.
    const ours = renderGraph(state.filter(({ urn }) => urn.includes("::lambda-service:infra:")));
    const boxes = (text: string): ReadonlyMap<string, readonly string[]> =>
      new Map(
        [...text.matchAll(/^ {2}subgraph (\S+)\n([^]*?)^ {2}end$/gm)].map(
          ([, name = "", nodes = ""]) => [name, nodes.split("\n")],
        ),
      );

    expect([...boxes(ours).keys()]).to.include.members(["function", "identity", "release"]);
    for (const [box, nodes] of boxes(ours)) {
      expect(boxes(document).get(box), box).to.include.members([...nodes]);
    }
    const drawn = document.split("\n");
    expectNone(
      ours.split("\n").filter((line) => !drawn.includes(line)),
      "The picture lacks these lines:",
    );
  });

  // That nothing else changes, in these resources and in all others, also says that a stack without a change
  // has nothing left to do.
  it("changes the function when only its memory changes, and nothing else", async () => {
    const { plan } = await withStack(
      (stack) => stack.run("preview", { config: { memoryMb: 448 } }),
      { from: deployed },
    );

    expect(touched(plan)).to.deep.equal([
      // They show, and judge by, how much there is.
      "update dashboard",
      "update function",
      "update memory-alarm",
    ]);
    expect(find(plan, "function").changes).to.deep.equal([
      { path: "memorySize", kind: "update", before: 384, after: 448 },
    ]);
    expect(plan.resources).to.have.length(created.resources.length);
  });

  it("publishes changed code as a new key and version, and leaves the alias where it is", async () => {
    await withStack(
      async (stack) => {
        const program = copyProject(stack.workspace);
        appendFileSync(path.join(program, "function", "handler.ts"), "\nglobalThis.changed = 1;\n");
        const { plan } = await stack.run("up", { program });

        expect(plan.outputs["artifactKey"]).to.match(/^function\/[0-9a-f]{64}\.zip$/);
        expect(plan.outputs["artifactKey"]).to.not.equal(created.outputs["artifactKey"]);
        expect(plan.outputs["functionVersion"]).to.equal("2");
        expect(find(plan, "handler-zip").op).to.equal("replace");
        expect(find(plan, "function").op).to.equal("update");
        expect(find(plan, "live").op).to.equal("same");
        expect(find(plan, "live").inputs["functionVersion"]).to.equal("1");
      },
      { from: deployed },
    );
  });

  it("refuses to destroy the stack, because the artifacts bucket is protected", async () => {
    const message = await failure(withStack((stack) => stack.run("destroy"), { from: deployed }));

    expect(message).to.match(/aws:s3\/bucket:Bucket::artifacts.*cannot be deleted/s);
  });

  it("refuses to replace the protected bucket when the service is renamed", async () => {
    const message = await failure(
      withStack((stack) => stack.run("preview", { config: { serviceName: "orders" } }), {
        from: deployed,
      }),
    );

    expect(message).to.match(/unable to replace.*aws:s3\/bucket:Bucket::artifacts/s);
  });

  it("plans a VPC with the layout that awsx makes, only when it is asked for", async () => {
    const { plan } = await withStack((stack) =>
      stack.run("preview", { config: { network: "create" } }),
    );
    const subnets = plan.resources.filter(({ type }) => type === "aws:ec2/subnet:Subnet");

    expect(created.resources.some(({ type }) => type.startsWith("awsx:"))).to.equal(false);
    expect(subnets.map(({ inputs }) => inputs["cidrBlock"])).to.have.members([
      "10.0.0.0/24",
      "10.0.16.0/20",
      "10.0.64.0/24",
      "10.0.80.0/20",
    ]);
    expect(plan.resources.filter(({ type }) => type.includes("NatGateway"))).to.have.length(1);
    const endpoints = plan.resources.filter(({ type }) => type.includes("VpcEndpoint"));
    expect(endpoints.map(({ name }) => name.split(".").at(-1))).to.have.members(["s3", "dynamodb"]);
    for (const { inputs } of endpoints) {
      expect(inputs["routeTableIds"]).to.have.length(subnets.length);
    }
    expect(find(plan, "function").inputs).to.have.property("vpcConfig");
  });
});

describe("a program on the real engine", () => {
  useEngine();

  const secretProgram = `
    import * as aws from "@pulumi/aws";
    import * as pulumi from "@pulumi/pulumi";
    const password = pulumi.secret("correct-horse-battery-staple");
    const queue = new aws.sqs.Queue("queue", { tags: { password, plain: "visible" } });
    export const shown = pulumi.interpolate\`\${queue.arn}/\${password}\`;
  `;

  it("keeps a secret out of its state and of its plan", async () => {
    await withStack(async (stack) => {
      const program = writeProgram(stack.workspace, secretProgram);
      const { plan, diffText } = await stack.run("up", { program });
      const state = stateOf(stack);

      expect(state).to.contain("visible");
      expect(state).to.not.contain("correct-horse");
      expect(JSON.stringify([plan.resources, plan.outputs])).to.not.contain("correct-horse");
      expect(diffText).to.not.contain("correct-horse");
    });
  });

  it("is refused a resource type that the SDK does not have, by its name", async () => {
    const source = `
      import * as pulumi from "@pulumi/pulumi";
      new pulumi.CustomResource("aws:glacier/vualt:Vualt", "vault", {});
    `;
    const message = await failure(
      withStack((stack) =>
        stack.run("preview", { program: writeProgram(stack.workspace, source) }),
      ),
    );

    expect(message).to.contain("aws:glacier/vualt:Vualt");
    expect(message).to.contain("aws:glacier/vault:Vault");
  });

  it("is refused a resource that lacks what AWS demands", async () => {
    const source = `
      import * as pulumi from "@pulumi/pulumi";
      new pulumi.CustomResource("aws:sqs/queuePolicy:QueuePolicy", "policy", { policy: "{}" });
    `;
    const message = await failure(
      withStack((stack) =>
        stack.run("preview", { program: writeProgram(stack.workspace, source) }),
      ),
    );

    expect(message).to.contain("queueUrl is missing");
  });

  it("fails with its own words and no stack trace when it refuses its config", async () => {
    const source = `
      import * as pulumi from "@pulumi/pulumi";
      throw new pulumi.RunError("memoryMb: 7; must be 128 or more");
    `;
    const message = await failure(
      withStack((stack) =>
        stack.run("preview", { program: writeProgram(stack.workspace, source) }),
      ),
    );

    expect(message).to.equal("memoryMb: 7; must be 128 or more");
  });
});
