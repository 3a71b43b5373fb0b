import { expect } from "chai";
import { changesBetween } from "../../../ops/release/changes.ts";
import { shiftOf } from "../../../infra/release/shift.ts";
import type { Outcome } from "../../../ops/release/history.ts";
import { markdownOf, reportOf } from "../../../ops/release/report.ts";
import { type Evidence, outcomeOf, verdictOf } from "../../../ops/release/verdict.ts";

const PREFIX = "CodeDeployDefault.Lambda";

const alarmNames = ["lambda-canary-errors-v8-production", "lambda-canary-duration-v8-production"];
const quiet = { invocations: 40, errors: 0, failingMinutes: 0 };

/** Version 8 has passed its canary. */
const passed: Evidence = {
  shift: shiftOf(`${PREFIX}Canary10Percent5Minutes`),
  deployment: {
    id: "d-1",
    createdMs: 0,
    completedMs: 330_000,
    status: "Succeeded",
    rollsBack: false,
    from: "7",
    to: "8",
    configName: `${PREFIX}Canary10Percent5Minutes`,
    description: "",
    alarmNames,
  },
  alias: { version: "8", weights: {} },
  calls: { real: 30, synthetic: 10 },
  counted: quiet,
  minimum: 30,
  faults: [],
  redAlarms: [],
  alarmNames,
  hookFaults: [],
  interrupted: false,
  complete: true,
};
const reportWith = (of: Partial<Evidence>, reason?: string) => {
  const evidence = { ...passed, ...of };
  return reportOf({
    stack: "production",
    functionName: "lambda-function-production",
    evidence,
    verdict: verdictOf(evidence),
    hook: "Succeeded",
    changes: ["memory in MB: 256 → 512"],
    calls: { old: { invocations: 360, errors: 1, failingMinutes: 1 }, new: evidence.counted },
    endedMs: 330_000,
    reason,
  });
};
const outcomeWith = (of: Partial<Evidence>) => {
  const evidence = { ...passed, ...of };
  return outcomeOf(verdictOf(evidence), evidence);
};
const old = { version: "7", weights: {} };
const stopped = (errorCode: string, errorMessage = errorCode) => ({
  deployment: { ...passed.deployment, status: "Stopped", errorCode, errorMessage },
  alias: old,
});

describe("the end of a release", () => {
  it("is released when enough calls have judged the new version", () => {
    const report = reportWith({});

    expect(report.summary).to.equal(
      "released: lambda-function-production serves version 8 (before: 7), judged by 30 real and 10 synthetic calls, in 5 min 30 s",
    );
    expect(report.judgedBy).to.deep.include({ real: 30, synthetic: 10 });
    expect(outcomeWith({})).to.equal("released");
  });

  const unjudged: [what: string, of: Partial<Evidence>, why: string][] = [
    ["too few calls have", { calls: { real: 29, synthetic: 0 } }, "29 of 30 calls judged it"],
    [
      "its alarms have not looked at it all the time",
      { alarmFault: "alarm x reads other calls" },
      "alarm x reads other calls",
    ],
    ["the last calls were not waited for", { complete: false }, "not waited for"],
  ];
  for (const [what, of, why] of unjudged) {
    it(`is inconclusive when ${what}, and never a success`, () => {
      const report = reportWith(of);

      expect(report.verdict).to.equal("inconclusive");
      expect(report.summary).to.contain(why).and.contain("npm run rollback");
      expect(outcomeWith(of)).to.equal("unjudged");
    });
  }

  it("needs no calls where there is no canary", () => {
    const shift = shiftOf(`${PREFIX}AllAtOnce`);
    const report = reportWith({ shift, calls: { real: 0, synthetic: 0 } });

    expect(report.summary).to.contain("judged by the pre-traffic hook");
  });

  const [ownAlarm = ""] = alarmNames;
  const back: [what: string, of: Partial<Evidence>, outcome: Outcome, why: string][] = [
    [
      "its own alarm went red",
      stopped("ALARM_ACTIVE", `One or more alarms have been activated: ${ownAlarm}`),
      "failed",
      "did not pass: One or more alarms",
    ],
    [
      "its own alarm is red, although the message does not name it",
      { ...stopped("ALARM_ACTIVE"), redAlarms: [ownAlarm] },
      "failed",
      "did not pass",
    ],
    [
      "its calls failed, whatever CodeDeploy says",
      { ...stopped("MANUAL_STOP"), counted: { invocations: 9, errors: 1, failingMinutes: 1 } },
      "failed",
      "did not pass",
    ],
    [
      "it answered a synthetic call wrongly",
      { ...stopped("MANUAL_STOP"), faults: ["create: answered nothing"] },
      "failed",
      "did not pass: version 8 answered a synthetic call wrongly: create: answered nothing",
    ],
    [
      "the hook finds something wrong with it",
      { ...stopped("HOOK_EXECUTION_FAILURE"), hookFaults: ["create: status 500"] },
      "failed",
      "did not pass: HOOK_EXECUTION_FAILURE (create: status 500)",
    ],
    [
      "another alarm went red",
      stopped("ALARM_ACTIVE", "One or more alarms have been activated: lambda-errors-production"),
      "guard failed",
      "was not judged",
    ],
    [
      "its alarms could not be polled",
      {
        ...stopped("ALARM_ACTIVE", `The alarms could not be polled: no ${ownAlarm}`),
        alarmFault: `alarm ${ownAlarm} is not there`,
      },
      "guard failed",
      "was not judged",
    ],
    [
      "the hook failed by itself",
      { ...stopped("HOOK_EXECUTION_FAILURE"), guardFault: "the hook crashed" },
      "guard failed",
      "was not judged: the hook crashed",
    ],
    ["a right was missing", stopped("IAM_ROLE_PERMISSIONS"), "guard failed", "was not judged"],
    [
      "the user stopped it",
      { ...stopped("MANUAL_STOP"), interrupted: true },
      "stopped",
      "was not judged: interrupted",
    ],
  ];
  for (const [what, of, outcome, why] of back) {
    it(`is rolled back when ${what}: recorded as ${outcome}`, () => {
      const report = reportWith(of);

      expect(report.verdict).to.equal("rolled back");
      expect(report.summary).to.contain("serves version 7 as before").and.contain(why);
      expect(report.versionFailed).to.equal(outcome === "failed");
      expect(outcomeWith(of)).to.equal(outcome);
    });
  }

  const failed = stopped("ALARM_ACTIVE", ownAlarm).deployment;
  const broken: [what: string, of: Partial<Evidence>, outcome: Outcome | undefined][] = [
    [
      "weights are left",
      { deployment: failed, alias: { ...old, weights: { "8": 0.1 } } },
      "failed",
    ],
    ["it failed and the new version serves", { deployment: failed }, "failed"],
    ["it succeeded and the old version serves", { alias: old }, undefined],
    ["it was over before a wrong answer could stop it", { faults: ["answered nothing"] }, "failed"],
    [
      "calls of its last minute failed, which no alarm could see in time",
      { counted: { invocations: 40, errors: 2, failingMinutes: 1 } },
      "failed",
    ],
    ["another version serves", { deployment: failed, alias: { ...old, version: "6" } }, "failed"],
  ];
  for (const [what, of, outcome] of broken) {
    it(`is broken when ${what}: the alias and the calls decide`, () => {
      const report = reportWith(of);

      expect(report.verdict).to.equal("broken");
      expect(report.summary).to.contain("npm run rollback -- --stack production --to 7");
      expect(outcomeWith(of)).to.equal(outcome);
    });
  }

  it("is given in Markdown that nobody's text can break out of", () => {
    const markdown = markdownOf({
      ...reportWith({}, "a | b\n<img src=x>"),
      changes: ["<b>"],
    });

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
