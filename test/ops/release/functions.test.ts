/** Functions beside the service's own: releases and rollbacks that touch one of them, and the run of all of them. */
import { expect } from "chai";
import {
  type FunctionSteps,
  functionsFault,
  functionsMarkdown,
  releaseFunctions,
} from "../../../ops/release/functions.ts";
import { planRelease } from "../../../ops/release/plan.ts";
import { readReleaseRecords } from "../../../ops/release/records.ts";
import { releaseStack, type ReleaseResult } from "../../../ops/release/run.ts";
import { rollBackStack } from "../../../ops/rollback/run.ts";
import { outputsOf, outputsOfAll, smokeEventsOf } from "../../../ops/support/function-outputs.ts";
import type { StackOutputs } from "../../../infra/outputs.ts";
import { Refused } from "../../../ops/support/refused.ts";
import { refusal, sessionOf } from "../../support/release-context.ts";
import { useWorlds, type World } from "../../support/release-world.ts";

describe("two functions of a service", () => {
  const newWorld = useWorlds();
  const release = (world: World) => releaseStack(sessionOf(world), { yes: true });
  const rollBack = (world: World) =>
    rollBackStack(sessionOf(world), { reason: "a test", yes: true });
  const records = (world: World) => readReleaseRecords(world.clients.s3, world.outputs());

  it("are released and rolled back apart: records, alarms and alias of one do not touch the other", async () => {
    const own = await newWorld({ trafficShift: "AllAtOnce" });
    const second = await newWorld({
      trafficShift: "AllAtOnce",
      beside: { world: own, functionId: "statements" },
    });
    expect(second.outputs().artifactsBucketName).to.equal(own.outputs().artifactsBucketName);
    await own.publish("works");
    await second.publish("works");

    expect(await release(second)).to.include({ verdict: "released" });
    expect([await own.alias(), await second.alias()].map(({ version }) => version)).to.deep.equal([
      "1",
      "2",
    ]);
    expect(await records(own)).to.deep.equal([]);
    expect(await release(own)).to.include({ verdict: "released" });

    expect(await rollBack(second)).to.deep.include({ verdict: "rolled back", recorded: ["2"] });
    expect([await own.alias(), await second.alias()].map(({ version }) => version)).to.deep.equal([
      "2",
      "1",
    ]);
    // Both have a version 2: it is bad of the one alone.
    const again = await refusal(release(second));
    expect(again).to.contain("version 2 was rolled back");
    expect((await release(own)).summary).to.match(/^nothing to do: \S+ serves version 2/);
    expect((await records(own)).map(({ outcome }) => outcome)).not.to.include("rolled back");
  });
});

/** Steps that note what they are asked, and answer as told. */
function stepsOf(
  answers: Readonly<Record<string, Partial<{ verdict: string; passed: boolean; refused: string }>>>,
) {
  const asked: string[] = [];
  const steps: FunctionSteps = {
    release: (name) => {
      asked.push(`release ${name}`);
      const { verdict = "released", refused } = answers[name] ?? {};
      if (refused !== undefined) return Promise.reject(new Refused(refused, "try again"));
      const moved = verdict === "nothing to do" ? {} : { from: "6" };
      const summary = `${verdict}: ${name}`;
      return Promise.resolve({ verdict, summary, ...moved } as ReleaseResult);
    },
    call: (name) => {
      asked.push(`call ${name}`);
      const { passed = true } = answers[name] ?? {};
      const summary = passed ? "passed" : "failed: 1 of 2";
      return Promise.resolve({ passed, summary, functionName: name, qualifier: "live", calls: [] });
    },
    rollBack: (name, to) => {
      asked.push(`roll back ${name} to ${to}`);
      const result = { verdict: "rolled back", summary: `rolled back: ${name} to ${to}` };
      return Promise.resolve(result as Awaited<ReturnType<FunctionSteps["rollBack"]>>);
    },
  };
  return { asked, steps };
}

describe("the release of all functions", () => {
  const NAMES = ["exports", "reports", "letters"];
  const run = async (answers: Parameters<typeof stepsOf>[0]) => {
    const { asked, steps } = stepsOf(answers);
    const outcomes = await releaseFunctions(NAMES, steps);
    return { asked, outcomes, fault: functionsFault(outcomes) };
  };

  it("takes one after the other, and calls each", async () => {
    const { asked, outcomes, fault } = await run({ reports: { verdict: "nothing to do" } });
    expect(asked).to.deep.equal(NAMES.flatMap((name) => [`release ${name}`, `call ${name}`]));
    expect(outcomes.map(({ outcome }) => outcome)).to.deep.equal(["done", "done", "done"]);
    expect(fault).to.equal(undefined);
  });

  for (const verdict of ["rolled back", "inconclusive"]) {
    it(`stops at the first that ends as ${verdict}, and leaves the others as they are`, async () => {
      const { asked, outcomes, fault } = await run({ reports: { verdict } });
      expect(asked).to.deep.equal(["release exports", "call exports", "release reports"]);
      expect(outcomes.map(({ outcome }) => outcome)).to.deep.equal([
        "done",
        "failed",
        "not reached",
      ]);
      expect(fault).to.equal(`function reports: ${verdict}: reports; not reached: letters`);
    });
  }

  it("sends a function back whose call fails, and no other", async () => {
    const { asked, fault } = await run({ letters: { passed: false } });
    expect(asked.slice(-2)).to.deep.equal(["call letters", "roll back letters to 6"]);
    expect(asked.filter((line) => line.startsWith("roll back"))).to.have.length(1);
    expect(fault).to.equal(
      "function letters: released: letters; failed: 1 of 2; rolled back: letters to 6",
    );
  });

  it("sends nothing back that this run has not moved", async () => {
    const { asked, fault } = await run({ letters: { verdict: "nothing to do", passed: false } });
    expect(asked.at(-1)).to.equal("call letters");
    expect(fault).to.equal("function letters: nothing to do: letters; failed: 1 of 2");
  });

  it("takes traffic away from where a broken release has left it", async () => {
    const { asked } = await run({ exports: { verdict: "broken" } });
    expect(asked).to.deep.equal(["release exports", "roll back exports to 6"]);
  });

  it("says what was refused, with its remedy, in one line", async () => {
    const { fault } = await run({ exports: { refused: "no time is left" } });
    expect(fault).to.equal(
      "function exports: no time is left; try again; not reached: reports, letters",
    );
  });

  it("has a table for people, whatever a summary holds", () => {
    const text = functionsMarkdown("staging", [
      { name: "reports", outcome: "failed", lines: ["a | b", "c"] },
      { name: "letters", outcome: "not reached", lines: [] },
    ]);
    expect(text).to.include("| reports | failed | a \\| b<br>c |");
    expect(text).to.include("| letters | not reached |  |");
  });
});

describe("the remedies of a function's release", () => {
  const version = (number: string) => ({ version: number, exists: true });
  const snapshot = {
    stack: "production",
    published: version("2"),
    serving: version("1"),
    alias: { version: "1", weights: { "2": 0.1 } },
    known: new Map(),
  };

  it("name the function, where it is not the service's own", () => {
    const remedy = (functionId?: string) => {
      const plan = planRelease({ ...snapshot, functionId });
      return plan.kind === "refuse" ? plan.remedy : "";
    };
    expect(remedy()).to.include("npm run rollback -- --stack production --to 1");
    expect(remedy("reports")).to.include(
      "npm run rollback -- --stack production --function reports --to 1",
    );
  });
});

describe("the outputs of one function", () => {
  const outputs = {
    environment: "staging",
    serviceName: "ledger",
    functionName: "ledger-function-staging",
    artifactsBucketName: "ledger-artifacts-staging-1",
    sources: [],
    functions: {
      reports: { functionId: "reports", functionName: "ledger-reports-function-staging" },
    },
  } as unknown as StackOutputs;

  it("are those of the stack, with what is the function's own in place of the service's", () => {
    expect(outputsOf(outputs, undefined)).to.equal(outputs);
    expect(outputsOf(outputs, "reports")).to.include({
      functionId: "reports",
      functionName: "ledger-reports-function-staging",
      artifactsBucketName: "ledger-artifacts-staging-1",
    });
    // Event sources call the service's own function.
    expect(outputsOf(outputs, "reports")).not.to.have.property("sources");
    expect(outputsOfAll(outputs).map(({ functionName }) => functionName)).to.deep.equal([
      "ledger-function-staging",
      "ledger-reports-function-staging",
    ]);
  });

  it("are refused for a function that the stack does not have, with those that it has", () => {
    expect(() => outputsOf(outputs, "nosuch")).to.throw(
      Refused,
      "--function nosuch: stack staging has no such function; name one of reports, or leave it out for the service's own",
    );
    const { functions: _, ...one } = outputs;
    expect(() => outputsOf(one, "nosuch")).to.throw(
      "add it to infra/own/functions.ts and deploy it: pulumi up --stack staging",
    );
  });

  it("have no smoke events where this commit does not know the function", () => {
    expect(() => smokeEventsOf({ functionId: "nosuch" })).to.throw(
      "infra/own/functions.ts has no function nosuch, so nobody knows its smoke events; check out a commit that has it",
    );
  });
});
