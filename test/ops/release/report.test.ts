import { expect } from "chai";
import { changesBetween } from "../../../ops/release/changes.ts";
import { markdownOf, type ReleaseFacts, reportOf } from "../../../ops/release/report.ts";
import { shiftOf } from "../../../ops/release/shift.ts";

const PREFIX = "CodeDeployDefault.Lambda";

const followed: ReleaseFacts["followed"] = {
  shift: shiftOf(`${PREFIX}Canary10Percent5Minutes`),
  deployment: {
    id: "d-1",
    createdMs: 0,
    status: "Succeeded",
    rollsBack: false,
    from: "7",
    to: "8",
    configName: `${PREFIX}Canary10Percent5Minutes`,
  },
  alias: { version: "8", weights: {}, revisionId: "r" },
  calls: { counted: 40, synthetic: 10 },
  faults: [],
  hook: "Succeeded",
};
const facts: ReleaseFacts = {
  stack: "production",
  functionName: "lambda-function-production",
  followed,
  hookFaults: [],
  minimum: 30,
  changes: ["memory in MB: 256 → 512"],
  calls: { old: { invocations: 360, errors: 1 }, new: { invocations: 40, errors: 0 } },
  endedMs: 330_000,
  overriddenAlarms: [],
};
const ended = (of: Partial<ReleaseFacts["followed"]>) =>
  reportOf({ ...facts, followed: { ...followed, ...of } });
const failed = { ...followed.deployment, status: "Stopped", errorMessage: "an alarm went red" };
const old = { version: "7", weights: {}, revisionId: "r" };

describe("the end of a release", () => {
  it("is released when enough calls have judged the new version", () => {
    const report = reportOf(facts);

    expect(report.summary).to.equal(
      "released: lambda-function-production serves version 8 (before: 7), judged by 30 real and 10 synthetic calls, in 5 min 30 s",
    );
    expect(report.judgedBy).to.deep.include({ real: 30, synthetic: 10 });
  });

  it("is inconclusive when too few have, and never a success", () => {
    const report = ended({ calls: { counted: 29, synthetic: 0 } });

    expect(report.verdict).to.equal("inconclusive");
    expect(report.summary).to.contain("29 calls of 30 judged it").and.contain("npm run rollback");
  });

  it("needs no calls where there is no canary", () => {
    const report = ended({
      shift: shiftOf(`${PREFIX}AllAtOnce`),
      calls: { counted: 0, synthetic: 0 },
    });

    expect(report.summary).to.contain("judged by the pre-traffic hook");
  });

  it("is rolled back when the old version serves alone, and says why", () => {
    expect(ended({ deployment: failed, alias: old }).summary).to.contain(
      "serves version 7 as before; version 8 did not pass: an alarm went red",
    );
    expect(
      ended({ deployment: failed, alias: old, stoppedBecause: "interrupted" }).whyRolledBack,
    ).to.equal("interrupted");
  });

  it("says what the hook found", () => {
    const { summary } = reportOf({
      ...facts,
      followed: { ...followed, deployment: failed, alias: old },
      hookFaults: ["create: answered status 500 instead of 200"],
    });

    expect(summary).to.contain("an alarm went red (create: answered status 500 instead of 200)");
  });

  const broken: [what: string, of: Partial<ReleaseFacts["followed"]>][] = [
    ["weights are left", { deployment: failed, alias: { ...old, weights: { "8": 0.1 } } }],
    ["it failed and the new version serves", { deployment: failed }],
    ["it succeeded and the old version serves", { alias: old }],
    ["it was over before a wrong answer could stop it", { faults: ["create: answered nothing"] }],
    ["another version serves", { deployment: failed, alias: { ...old, version: "6" } }],
  ];
  for (const [what, of] of broken) {
    it(`is broken when ${what}: the alias decides`, () => {
      const report = ended(of);

      expect(report.verdict).to.equal("broken");
      expect(report.summary).to.contain("npm run rollback -- --stack production --to 7");
    });
  }

  it("is told in Markdown that nobody's text can break out of", () => {
    const markdown = markdownOf(
      reportOf({ ...facts, reason: "a | b\n<img src=x>", changes: ["<b>"] }),
    );

    expect(markdown).to.contain("### Release to production: released");
    expect(markdown).to.contain("| Versions | 7 → 8 |");
    expect(markdown).to.contain("| Version 7 (old) | 360 calls, 1 error |");
    expect(markdown).to.contain("a \\| b &lt;img src=x>").and.contain("&lt;b>");
  });
});

describe("what changed", () => {
  it("is told by name, and never shows a value of the environment", () => {
    const changes = changesBetween(
      {
        CodeSha256: "aaaaaaaaaaaaaaaa",
        MemorySize: 256,
        Environment: { Variables: { A: "1", B: "2" } },
      },
      {
        CodeSha256: "bbbbbbbbbbbbbbbb",
        MemorySize: 256,
        Environment: { Variables: { A: "secret", C: "3" } },
      },
    );

    expect(changes).to.deep.equal(["code: aaaaaaaaaaaa → bbbbbbbbbbbb", "environment: A, B, C"]);
  });
});
