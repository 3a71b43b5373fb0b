import { expect } from "chai";
import {
  changesTable,
  hasChanges,
  offlineText,
  readOfflinePlan,
  readSavedPlan,
  sentenceOf,
  tableRow,
} from "../../../ops/pipeline/plan.ts";
import { fingerprintOf } from "../../../ops/pipeline/state.ts";

const PREFIX = "urn:pulumi:production::ledger::lambda-service:infra";
/** As the engine 3.258 saves plans: the steps of each resource, and what differs in its goal. */
const saved = (resources: Record<string, string[]>) =>
  readSavedPlan({
    resourcePlans: Object.fromEntries(
      Object.entries(resources).map(([name, steps]) => [
        `${PREFIX}:Function$aws:lambda/function:Function::${name}`,
        { steps, goal: { inputDiff: { updates: { memorySize: 1 }, deletes: ["timeout"] } } },
      ]),
    ),
  });

describe("a plan for people", () => {
  it("counts a replacement once, whatever the engine makes of it", () => {
    const plan = saved({
      a: ["create-replacement", "replace", "delete-replaced"],
      b: ["delete-replaced", "replace", "create-replacement"],
      c: ["delete"],
      d: ["create"],
      e: ["import"],
      f: ["update"],
      g: ["same"],
      h: ["read"],
    });
    expect(sentenceOf(plan)).to.equal("2 to replace, 1 to delete, 2 to create, 1 to update");
    expect(tableRow("production", plan)).to.equal("| production | **2** | **1** | 2 | 1 |");
  });

  it("lists the dangerous changes first", () => {
    const table = changesTable(
      saved({ z: ["update"], y: ["create"], x: ["delete"], w: ["replace"] }),
    );
    expect(
      table
        .split("\n")
        .slice(2)
        .map((row) => row.split(" ")[1]),
    ).to.deep.equal(["replace", "delete", "create", "update"]);
    expect(table).to.include("| memorySize, timeout |");
  });

  it("has nothing to say where nothing changes", () => {
    const plan = saved({ a: ["same"] });
    expect([hasChanges(plan), sentenceOf(plan), changesTable(plan)]).to.deep.equal([
      false,
      "no changes",
      "",
    ]);
  });

  it("knows a change of the stack's outputs alone, which an update has to make", () => {
    const stack = (outputDiff: object) =>
      readSavedPlan({
        resourcePlans: {
          "urn:pulumi:production::ledger::pulumi:pulumi:Stack::ledger-production": {
            steps: ["same"],
            goal: { type: "pulumi:pulumi:Stack", outputDiff },
          },
        },
      });
    expect(hasChanges(stack({ adds: { new: 1 } }))).to.equal(true);
    expect(sentenceOf(stack({ adds: { new: 1 } }))).to.equal("only the stack's outputs change");
    expect(hasChanges(stack({}))).to.equal(false);
  });

  it("lets no name out of its cell", () => {
    const plan = readSavedPlan({
      resourcePlans: {
        "urn:pulumi:production::ledger::aws:sqs/queue:Queue::a|b <img> @octocat\n# x": {
          steps: ["delete"],
        },
      },
    });
    const rows = changesTable(plan).split("\n");
    expect(rows).to.have.length(3);
    expect(rows[2]).to.include(String.raw`a\|b &lt;img> &#64;octocat # x`);
  });

  it("shows values before and after of a plan without an account, and cuts long ones", () => {
    const plan = {
      resources: [
        { op: "same", urn: `${PREFIX}:X::a`, changes: [] },
        {
          op: "update",
          urn: `${PREFIX}:X::b`,
          changes: [
            { path: "p", before: 1 },
            { path: "q", after: "x".repeat(1000) },
          ],
        },
      ],
    };
    expect(readOfflinePlan(plan).changes.map(({ name }) => name)).to.deep.equal(["b"]);
    const text = offlineText(plan);
    expect(text).to.match(
      /^update b \(lambda-service:infra:X\)\n {4}p: 1 → nothing\n {4}q: nothing → "x+ …$/,
    );
    expect(text.length).to.be.below(500);
  });
});

describe("the fingerprint of the state", () => {
  const state = (...resources: object[]) => ({
    version: 3,
    deployment: { manifest: { time: "t" }, resources: resources as never },
  });
  const queue = {
    urn: "q",
    id: "1",
    inputs: { a: 1, b: { c: 2, d: 3 } },
    outputs: {},
    modified: "m",
  };
  const role = { urn: "r", id: "2", inputs: {}, dependencies: ["q", "s"] };
  const before = fingerprintOf(state(queue, role));

  it("holds through an update without a change: times, outputs, and every order are other ones", () => {
    const after = state(
      { ...role, dependencies: ["s", "q"] },
      { ...queue, inputs: { b: { d: 3, c: 2 }, a: 1 }, outputs: { arn: "x" }, modified: "n" },
    );
    after.deployment.manifest.time = "u";
    expect(fingerprintOf(after)).to.equal(before);
  });

  for (const [what, resources] of [
    ["an input", [{ ...queue, inputs: { a: 2 } }, role]],
    ["a resource more", [queue, role, { urn: "s" }]],
    ["a resource less", [queue]],
    ["another physical resource", [{ ...queue, id: "9" }, role]],
    ["a resource that waits to be deleted", [{ ...queue, delete: true }, role]],
  ] as const) {
    it(`moves with ${what}`, () => {
      expect(fingerprintOf(state(...resources))).not.to.equal(before);
    });
  }

  it("is there for a stack that was never deployed", () => {
    expect(fingerprintOf({ version: 3 })).to.match(/^[0-9a-f]{64}$/);
  });
});
