/** The table on the real engine: what brings it, what is kept when it goes, and what refuses to let it go. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { type OfflineStack, type RunOptions, useEngine, withStack } from "../support/engine.ts";
import { failure } from "../support/failure.ts";
import { TEST_PROJECT } from "../support/settings.ts";
import { all, each, touchedInAws } from "../support/touched.ts";

const TABLE = ["table", "table-capacity-alarm", "table-errors-alarm", "table-throttles-alarm"];
const OUTBOX = [
  "changes-behind-alarm",
  "identity-deploy-options",
  "iterator-age-alarm",
  "outbox-dead-letters",
  "outbox-dead-letters-alarm",
  "outbox-dead-letters-policy",
  "outbox-mapping",
];
const RIGHTS = [
  "identity-deploy-growth",
  "identity-deploy-options-view",
  "identity-growth",
  "identity-options-view",
  "identity-plan-options-view",
  "identity-preview-options-view",
];
const TOLD = [
  "dashboard",
  "execution-permissions",
  "function",
  "identity-boundary",
  "identity-operator",
];

/** The bundle holds the table's code only where some stack has a table. */
const CODE = ["handler-source-map", "handler-zip"];

/** What `pulumi state unprotect` does to the table. */
function unprotect({ workspace }: OfflineStack): void {
  const file = path.join(workspace.state, ".pulumi", "stacks", TEST_PROJECT, "staging.json");
  const state = JSON.parse(readFileSync(file, "utf8")) as {
    checkpoint: { latest: { resources: { urn: string; protect?: boolean }[] } };
  };
  for (const resource of state.checkpoint.latest.resources) {
    if (resource.urn.endsWith("::table")) delete resource.protect;
  }
  writeFileSync(file, JSON.stringify(state));
}

describe("the table on the real engine", function () {
  this.timeout(180_000);
  useEngine();

  it("comes and goes by its own resources, and stays in the account when it goes", async () => {
    await withStack(async (stack) => {
      const on = { database: "dynamodb" };
      const plan = async (config: RunOptions["config"] = {}) =>
        touchedInAws((await stack.run("preview", { config })).plan);

      await stack.run("up");
      expect(await plan(on)).to.deep.equal(
        all(
          each("create", [...TABLE, ...OUTBOX, ...RIGHTS]),
          each("update", TOLD),
          each("replace", CODE),
        ),
      );

      await stack.run("up", { config: on });
      // The stream stays, so that publishing can begin again where it ended.
      expect(await plan({ ...on, databaseChangesBus: "none" })).to.deep.equal(
        all(each("delete", OUTBOX), each("update", [...TOLD, "identity-options-view"])),
      );
      expect(await failure(stack.run("preview"))).to.match(
        /Database\$aws:dynamodb\/table:Table::table" cannot be deleted\s+because it is protected/,
      );

      unprotect(stack);
      const off = await stack.run("preview");
      expect(touchedInAws(off.plan)).to.deep.equal(
        all(
          each("delete", [...TABLE, ...OUTBOX, ...RIGHTS]),
          each("update", TOLD),
          each("replace", CODE),
        ),
      );
      expect(off.diffText).to.match(/^\s*- aws:dynamodb\/table:Table: \(delete\[retain\]\)$/m);
    });
  });
});
