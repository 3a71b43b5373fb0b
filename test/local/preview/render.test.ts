import { stripVTControlCharacters } from "node:util";
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { expect } from "chai";
import { Plan, valueAt } from "local-aws/provider/plan.ts";
import {
  renderAssumptions,
  renderDiff,
  renderSummary,
  renderTree,
} from "../../../local/preview/render.ts";

const STACK = "urn:pulumi:staging::demo::pulumi:pulumi:Stack::demo-staging";
const urn = (type: string, name: string) => `urn:pulumi:staging::demo::${type}::${name}`;

interface Step {
  op: string;
  type: string;
  name: string;
  parent?: string;
  before?: Record<string, unknown>;
  after?: Record<string, unknown>;
  diff?: Record<string, { diffKind: string; inputDiff: boolean }>;
  keys?: string[];
  protect?: boolean;
}

/** One event as the engine sends it. */
const event = ({ op, type, name, parent = STACK, before, after, ...rest }: Step): EngineEvent => {
  const state = (inputs: Record<string, unknown>) => ({
    parent,
    inputs,
    outputs: {},
    protect: rest.protect ?? false,
  });
  const metadata = {
    op,
    type,
    urn: urn(type, name),
    ...(before && { old: state(before) }),
    ...(after && { new: state(after) }),
    ...(rest.diff && { detailedDiff: rest.diff }),
    ...(rest.keys && { keys: rest.keys }),
  };
  return { sequence: 0, timestamp: 0, resourcePreEvent: { metadata } } as unknown as EngineEvent;
};

const diagnostic = (severity: string, message: string): EngineEvent =>
  ({
    sequence: 0,
    timestamp: 0,
    diagnosticEvent: { severity, message, color: "never", urn: STACK },
  }) as EngineEvent;

const planOf = (...steps: Step[]): Plan => {
  const plan = new Plan("demo", "staging");
  for (const step of steps) plan.take(event(step));
  return plan;
};

const QUEUE = "aws:sqs/queue:Queue";
const COMPONENT = "demo:infra:Storage";

describe("a plan", () => {
  it("is a tree of what changes, with old and new values", () => {
    const parent = urn(COMPONENT, "storage");
    const plan = planOf(
      { op: "same", type: COMPONENT, name: "storage", after: {} },
      { op: "same", type: QUEUE, name: "quiet", parent, after: {} },
      {
        op: "update",
        type: QUEUE,
        name: "orders",
        parent,
        before: { delaySeconds: 1 },
        after: { delaySeconds: 2 },
        diff: { delaySeconds: { diffKind: "update", inputDiff: true } },
      },
      { op: "create", type: QUEUE, name: "letters", parent, after: {}, protect: true },
    );

    expect(stripVTControlCharacters(renderTree(plan)).split("\n")).to.deep.equal([
      "    demo:infra:Storage  storage",
      " +  ├─ aws:sqs:Queue    letters  protected",
      " ~  └─ aws:sqs:Queue    orders   [~delaySeconds 1 → 2]",
    ]);
    expect(renderSummary(plan)).to.equal("1 to create, 1 to update, 2 unchanged");
  });

  it("counts a replacement once, and says what forces it", () => {
    const change = {
      type: QUEUE,
      name: "orders",
      before: { name: "a" },
      after: { name: "b" },
      diff: { name: { diffKind: "update-replace", inputDiff: true } },
      keys: ["name"],
    };
    const plan = planOf(
      { ...change, op: "create-replacement" },
      { ...change, op: "replace" },
      { ...change, op: "delete-replaced" },
    );

    expect(renderSummary(plan)).to.equal("1 to replace");
    expect(renderTree(plan)).to.contain("[~name a → b] replaced because of name");
  });

  it("leaves long values to --diff, and shows unknown ones as such", () => {
    const plan = planOf({
      op: "update",
      type: QUEUE,
      name: "orders",
      before: { policy: "x".repeat(100), kmsMasterKeyId: "alias/a" },
      after: { policy: "y".repeat(100), kmsMasterKeyId: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" },
      diff: {
        policy: { diffKind: "update", inputDiff: true },
        kmsMasterKeyId: { diffKind: "update", inputDiff: true },
      },
    });

    expect(renderTree(plan)).to.contain("[~policy, ~kmsMasterKeyId alias/a → [unknown]]");
  });

  it("says so when nothing changes", () => {
    const plan = planOf({ op: "same", type: QUEUE, name: "orders", after: {} });

    expect(renderTree(plan)).to.equal("    no changes");
    expect(renderSummary(plan)).to.equal("1 unchanged");
  });

  it("keeps warnings and errors once each, without the noise of the offline run", () => {
    const plan = new Plan("demo", "staging");
    plan.take(diagnostic("warning", "using pulumi-resource-aws from $PATH at /x\n"));
    plan.take(diagnostic("warning", "still the placeholder\n"));
    plan.take(diagnostic("warning", "still the placeholder\n"));
    plan.take(diagnostic("error", "error: memoryMb: 7; must be 128 or more\n"));
    plan.take(diagnostic("error", "update failed"));
    plan.take(diagnostic("info", "for information"));

    expect(plan.warnings).to.deep.equal(["still the placeholder"]);
    expect(plan.errors).to.deep.equal(["memoryMb: 7; must be 128 or more"]);
  });

  it("finds values by property path", () => {
    const inputs = { rules: [{ id: 1 }, { id: 2 }], tags: { "a.b": "odd" } };

    expect(valueAt(inputs, "rules[1].id")).to.equal(2);
    expect(valueAt(inputs, 'tags["a.b"]')).to.equal("odd");
    expect(valueAt(inputs, "rules[7].id")).to.equal(undefined);
  });

  it("hands on the engine's own text without what it says of our provider", () => {
    const text = "Previewing\nwarning: using pulumi-resource-aws from $PATH\n  + queue\n\n";

    expect(renderDiff(text)).to.equal("Previewing\n  + queue");
  });

  it("names in one line each what it had to assume, and nothing where it knew", () => {
    const plan = planOf(
      { op: "create", type: "aws:rds/instance:Instance", name: "db", after: {} },
      { op: "create", type: QUEUE, name: "orders", after: {} },
      { op: "create", type: COMPONENT, name: "storage", after: {} },
    );
    plan.madeUp = ["aws:ssm/getParameter:getParameter"];

    expect(renderAssumptions(plan)).to.deep.equal([
      "a replacement of these may show as an update: aws:rds:Instance",
      "the values of these are made up: aws:ssm:getParameter; set your own in infra/own/data-sources.ts",
    ]);
    const known = planOf({ op: "create", type: QUEUE, name: "orders", after: {} });
    expect(renderAssumptions(known)).to.deep.equal([]);
  });
});
