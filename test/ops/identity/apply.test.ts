import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { applyIdentity, type PulumiCli } from "../../../ops/identity/apply.ts";
import { Refused } from "../../../ops/support/refused.ts";

const urn = (types: string, name: string) => `urn:pulumi:production::ledger-api::${types}::${name}`;
const boundary = urn("lambda-service:infra:Identity$aws:iam/policy:Policy", "identity-boundary");
const network = urn(
  "lambda-service:infra:Identity$aws:iam/rolePolicyAttachment:RolePolicyAttachment",
  "identity-deploy-network",
);
const options = urn(
  "lambda-service:infra:Identity$aws:iam/rolePolicy:RolePolicy",
  "identity-deploy-options",
);
const mapping = urn(
  "lambda-service:infra:Sources$aws:lambda/eventSourceMapping:EventSourceMapping",
  "orders-mapping",
);
const subnet = urn("awsx:ec2:Vpc$aws:ec2/subnet:Subnet", "vpc-private-1");
const lambda = urn("lambda-service:infra:Function$aws:lambda/function:Function", "function");
const stackUrn = urn("pulumi:pulumi:Stack", "ledger-api-production");
const provider = urn("pulumi:providers:aws", "aws");

interface World {
  /** Steps of the whole plan by URN. */
  readonly plan: Readonly<Record<string, readonly string[]>>;
  /** First words of the calls that fail. */
  readonly fails?: readonly string[];
  /** Default: yes. */
  readonly answer?: "yes" | "no";
  readonly interruptAt?: "preview" | "up";
}

/** Runs the command against a CLI that answers with a plan; returns what it did and said. */
async function applied({ plan, fails = [], answer = "yes", interruptAt }: World) {
  const calls: string[][] = [];
  const said: string[] = [];
  const controller = new AbortController();
  const scratch = await mkdtemp(join(tmpdir(), "identity-"));
  const planOf = async (args: readonly string[]) => {
    const file = args[args.indexOf("--save-plan") + 1] ?? "";
    const resourcePlans = Object.fromEntries(
      Object.entries(plan).map(([one, steps]) => [one, { steps }]),
    );
    await writeFile(file, JSON.stringify({ resourcePlans }));
  };
  const pulumi: PulumiCli = {
    read: async (args) => {
      calls.push([...args]);
      await planOf(args);
      const failed = fails.includes("plan");
      return { failed, stdout: failed ? "error: no such stack" : "", stderr: "" };
    },
    show: async (args) => {
      const [verb = ""] = args;
      calls.push([...args]);
      if (interruptAt === verb) controller.abort();
      if (verb === "preview") await planOf(args);
      else
        expect(JSON.parse(await readFile(args[args.indexOf("--plan") + 1] ?? "", "utf8"))).to.be.an(
          "object",
        );
      return { failed: fails.includes(verb) };
    },
  };
  const noted: { result?: string; failure?: string } = {};
  try {
    noted.result = (
      await applyIdentity({
        stack: "production",
        pulumi,
        scratch,
        signal: controller.signal,
        confirm: async (question) => {
          said.push(question);
          if (answer === "no") throw new Refused("not confirmed; nothing was changed");
        },
        terminal: {
          say: (line) => said.push(line),
          live: () => {},
          quiet: () => {},
          progress: () => {},
        },
      })
    ).summary;
  } catch (error) {
    noted.failure = error instanceof Error ? error.message : String(error);
  } finally {
    await rm(scratch, { recursive: true });
  }
  return { ...noted, calls, said, verbs: calls.map(([verb]) => verb) };
}

const targets = (call: readonly string[] = []): string[] =>
  call.flatMap((word, index) => (word === "--target" ? [call[index + 1] ?? ""] : []));

describe("the identity command", () => {
  it("shows, asks, and applies the very plan that it showed, for the identity alone", async () => {
    const { result, calls, said } = await applied({
      plan: { [stackUrn]: ["same"], [boundary]: ["update"], [lambda]: ["update"] },
    });
    expect(calls.map(([verb]) => verb)).to.deep.equal(["preview", "preview", "up"]);
    expect(targets(calls[0])).to.deep.equal([]);
    expect(targets(calls[1])).to.deep.equal([boundary]);
    expect(targets(calls[2])).to.deep.equal([boundary]);
    expect(calls[2]?.[calls[2].indexOf("--plan") + 1]).to.equal(
      calls[1]?.[calls[1].indexOf("--save-plan") + 1],
    );
    expect(said).to.include("  update aws:iam/policy:Policy identity-boundary");
    expect(said.at(-1)).to.equal("Apply 1 change of the identity of production?");
    expect(result).to.equal(
      "the identity of production is as the program says; 1 other change of the plan can be deployed now",
    );
  });

  it("changes the provider with it where the provider's own settings change", async () => {
    const { calls } = await applied({ plan: { [provider]: ["update"], [boundary]: ["update"] } });
    expect(targets(calls[2])).to.deep.equal([provider, boundary]);
  });

  it("does nothing where nothing of the identity changes", async () => {
    const { result, verbs } = await applied({
      plan: { [boundary]: ["same"], [lambda]: ["update"] },
    });
    expect(verbs).to.deep.equal(["preview"]);
    expect(result).to.contain("nothing to apply");
  });

  it("changes nothing when the answer is no", async () => {
    const { failure, verbs } = await applied({ plan: { [boundary]: ["update"] }, answer: "no" });
    expect(failure).to.match(/not confirmed/);
    expect(verbs).not.to.include("up");
  });

  it("refuses a stack that was never deployed", async () => {
    const { failure, verbs } = await applied({
      plan: { [stackUrn]: ["create"], [boundary]: ["create"], [lambda]: ["create"] },
    });
    expect(failure).to.match(/never deployed.*npm run bootstrap -- --stack production/);
    expect(verbs).to.deep.equal(["preview"]);
  });

  it("refuses to take the rights on an option's resources before those are gone", async () => {
    const { failure, verbs } = await applied({
      plan: { [options]: ["update"], [boundary]: ["update"], [mapping]: ["delete"] },
    });
    expect(failure).to.match(/deletes what an option made \(delete \S+ orders-mapping\)/);
    expect(failure).to.match(/apply it whole, as an administrator: pulumi up --stack production/);
    expect(verbs).to.deep.equal(["preview"]);

    // With nothing to delete, the rights may change.
    const { failure: none } = await applied({
      plan: { [options]: ["update"], [mapping]: ["update"] },
    });
    expect(none).to.equal(undefined);
  });

  it("refuses to take the right to delete a network before the network is gone", async () => {
    const { failure, verbs } = await applied({
      plan: { [network]: ["delete"], [subnet]: ["delete"] },
    });
    expect(failure).to.match(/at once; apply it whole, as an administrator: pulumi up/);
    expect(verbs).to.deep.equal(["preview"]);
  });

  it("refuses to take the right to delete a function before the function is gone", async () => {
    const service = urn("lambda-service:infra:Identity$aws:iam/policy:Policy", "identity-service");
    const component = urn("lambda-service:infra:Function", "reports");
    const role = urn("lambda-service:infra:Function$aws:iam/role:Role", "reports-execution-role");
    const { failure, verbs } = await applied({
      plan: { [service]: ["update"], [component]: ["delete"], [role]: ["delete"] },
    });
    expect(failure).to.match(/deletes a function \(delete lambda-service:infra:Function reports\)/);
    expect(failure).to.match(/apply it whole, as an administrator: pulumi up --stack production/);
    expect(verbs).to.deep.equal(["preview"]);
  });

  for (const [what, fails, message] of [
    [
      "the whole cannot be planned",
      "plan",
      /stack production cannot be planned: no such stack; see all/,
    ],
    ["the part cannot be planned by itself", "preview", /cannot be planned by itself/],
    ["not all was applied", "up", /only partly applied.*run this again: npm run identity/],
  ] as const) {
    it(`says so when ${what}`, async () => {
      const { failure } = await applied({ plan: { [boundary]: ["update"] }, fails: [fails] });
      expect(failure).to.match(message);
    });
  }

  for (const interruptAt of ["preview", "up"] as const) {
    it(`ends on an interruption during ${interruptAt}, and says that nothing is lost`, async () => {
      const { failure, verbs } = await applied({ plan: { [boundary]: ["update"] }, interruptAt });
      expect(failure).to.match(/interrupted; what was applied until then stays; run this again/);
      expect(verbs.at(-1)).to.equal(interruptAt);
    });
  }
});
