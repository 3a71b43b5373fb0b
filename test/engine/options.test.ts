/** Options on the real engine: turning one on or off again is a plan that touches its own resources and no others. */
import { expect } from "chai";
import type { Plan } from "local-aws/provider/plan.ts";
import { type OfflineStack, type RunOptions, useEngine, withStack } from "../support/engine.ts";

const touched = ({ resources }: Plan): string[] =>
  resources
    .filter(({ op, type }) => op !== "same" && !type.startsWith("lambda-service:"))
    .map(({ op, name }) => `${op} ${name}`)
    .sort();

/** What encrypts, and who may use the key: with and without it the same resources, otherwise set. */
const ENCRYPTED = [
  "update artifacts-encryption",
  "update dead-letters",
  "update function",
  "update hook",
  "update hook-logs",
  "update logs",
  "update p1-topic",
  "update p2-topic",
  "update p3-topic",
  "update p4-topic",
];
const ALLOWED = [
  "update execution-permissions",
  "update hook-permissions",
  "update identity-boundary",
  "update identity-operator",
  "update identity-rollback-alias",
];
const KEY = [
  "identity-data-key",
  "identity-data-key-alias",
  "identity-deploy-options",
  "identity-deploy-options-view",
  "identity-options-view",
  "identity-plan-options-view",
  "identity-preview-options-view",
];
const all = (...parts: readonly (readonly string[])[]): string[] => parts.flat().sort();
const each = (op: string, names: readonly string[]): string[] =>
  names.map((name) => `${op} ${name}`);

describe("options on the real engine", function () {
  this.timeout(300_000);
  useEngine();

  const plan = async (stack: OfflineStack, config: RunOptions["config"] = {}) =>
    touched((await stack.run("preview", { config })).plan);

  it("encryption comes and goes by its own resources", async () => {
    await withStack(async (stack) => {
      await stack.run("up");
      expect(await plan(stack, { createKey: true })).to.deep.equal(
        all(ENCRYPTED, ALLOWED, each("create", KEY)),
      );

      await stack.run("up", { config: { createKey: true } });
      expect(await plan(stack, { createKey: true })).to.deep.equal([]);
      expect(await plan(stack, { createKey: true, keyUse: "decrypt" })).to.deep.equal(ENCRYPTED);
      expect(await plan(stack)).to.deep.equal(all(ENCRYPTED, ALLOWED, each("delete", KEY)));
    });
  });
});
