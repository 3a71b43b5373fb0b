/** What the workflows' own command says of a plan, as it is run there. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { execa } from "execa";
import { identityChanges } from "../../../ops/identity/changes.ts";

const PREFIX = "urn:pulumi:production::ledger::lambda-service:infra";

describe("a plan in the workflows", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "report-plan-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function report(resources: Record<string, string[]>, text = "the engine's text") {
    const at = (name: string) => path.join(folder, name);
    const plan = {
      resourcePlans: Object.fromEntries(
        Object.entries(resources).map(([urn, steps]) => [urn, { steps, goal: {} }]),
      ),
    };
    for (const name of ["outputs", "row", "details"]) writeFileSync(at(name), "");
    writeFileSync(at("plan.json"), JSON.stringify(plan));
    writeFileSync(at("plan.txt"), text);
    const options = {
      stack: "production",
      kind: "with the account",
      saved: at("plan.json"),
      text: at("plan.txt"),
      row: at("row"),
      details: at("details"),
    };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
    const script = "ops/pipeline/report-plan.ts";
    const env = { GITHUB_OUTPUT: at("outputs") };
    const { stdout } = await execa(process.execPath, [script, ...args], { env });
    const read = (name: string) => readFileSync(at(name), "utf8");
    // The check of `npm run identity` and the one of the workflows are the same.
    const mine = identityChanges(plan).length > 0;
    expect(read("outputs")).to.match(new RegExp(`identity=${mine}\n$`));
    return { stdout, outputs: read("outputs"), row: read("row"), details: read("details") };
  }

  for (const [what, urn, identity] of [
    ["a policy of CI's", `${PREFIX}:Identity$aws:iam/policy:Policy::identity-boundary`, true],
    ["a role, and who may take it", `${PREFIX}:Function$aws:iam/role:Role::execution-role`, true],
    ["the function", `${PREFIX}:Function$aws:lambda/function:Function::function`, false],
  ] as const) {
    it(`${identity ? "stops at" : "goes on with"} a change of ${what}`, async () => {
      const { outputs } = await report({ [urn]: ["update"] });
      expect(outputs).to.equal(`changes=true\nidentity=${identity}\n`);
      expect((await report({ [urn]: ["same"] })).outputs).to.equal(
        "changes=false\nidentity=false\n",
      );
    });
  }

  it("has counts in the heading of the details, and keeps within its part of a comment", async () => {
    const resources = Object.fromEntries(
      Array.from({ length: 50 }, (_, index) => [`${PREFIX}:X$aws:a/b:C::r${index}`, ["create"]]),
    );
    const { row, details, stdout } = await report(resources, `${"~~~~~~\n".repeat(20_000)}the end`);
    expect(row).to.equal("| production | 0 | 0 | 50 | 0 |\n");
    expect(details).to.match(/^<details><summary>production: 50 to create \(with the account\)</);
    expect(details).to.include("the end").and.include("the summary of the run has the rest");
    expect(details.length).to.be.below(28_000);
    expect(details.match(/^~~~~~~$/gm)).to.have.length(2);
    expect(stdout.length).to.be.below(1_048_576);
  });
});
