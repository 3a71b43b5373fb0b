import { expect } from "chai";
import * as fc from "fast-check";
import { readAppSpec, writeAppSpec } from "../../hook/app-spec.ts";
import { parseHookEvent } from "../../hook/event.ts";
import { targetVersion } from "../../hook/target.ts";

describe("the hook's event", () => {
  it("is CodeDeploy's, or a version from the release command", () => {
    const codeDeploys = { DeploymentId: "d-1", LifecycleEventHookExecutionId: "e-1" };

    expect(parseHookEvent(codeDeploys)).to.deep.equal({
      kind: "deployment",
      deploymentId: "d-1",
      executionId: "e-1",
    });
    expect(parseHookEvent({ version: "7" })).to.deep.equal({ kind: "version", version: "7" });
  });

  for (const event of [
    undefined,
    null,
    {},
    { version: "$LATEST" },
    { version: 7 },
    { DeploymentId: "d" },
  ]) {
    it(`is not ${JSON.stringify(event)}`, () => {
      expect(() => parseHookEvent(event)).to.throw("the hook takes");
    });
  }
});

describe("the hook's target", () => {
  const move = (functionName: string) => ({
    functionName,
    aliasName: "live",
    currentVersion: "7",
    targetVersion: "8",
  });

  it("is the version that the deployment moves its own function to", () => {
    expect(targetVersion("orders", move("orders"))).to.equal("8");
  });

  it("is never a version of another function, nor what is no deployment of one", () => {
    expect(() => targetVersion("orders", move("orders-2"))).to.throw("moves orders-2");
    expect(() => targetVersion("orders", undefined)).to.throw("moves no Lambda function");
  });
});

describe("an AppSpec", () => {
  it("is read as it was written, whatever the names", () => {
    const text = fc.string({ minLength: 1 }).filter((name) => name !== "__proto__");
    const spec = fc.record({
      functionName: text,
      aliasName: text,
      currentVersion: text,
      targetVersion: text,
      beforeAllowTraffic: fc.option(text, { nil: undefined }),
    });
    fc.assert(
      fc.property(spec, (spec) => {
        expect(readAppSpec(writeAppSpec(spec))).to.deep.equal(spec);
      }),
    );
  });

  for (const content of [
    undefined,
    "",
    "no JSON",
    "{}",
    '{"Resources":[{}]}',
    '{"Resources":[{"F":{}}]}',
  ]) {
    it(`is not ${content ?? "nothing"}`, () => {
      expect(readAppSpec(content)).to.equal(undefined);
    });
  }
});
