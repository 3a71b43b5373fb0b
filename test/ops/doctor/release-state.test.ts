import { expect } from "chai";
import type { Finding } from "../../../ops/doctor/check.ts";
import {
  judgeRelease,
  type ReleaseFacts,
  SILENT_MS,
  STUCK_MS,
} from "../../../ops/doctor/release-state.ts";

const NOW = Date.parse("2026-11-23T12:00:00Z");

/** A stack with which all is well. */
const facts = (more: Partial<ReleaseFacts> = {}): ReleaseFacts => ({
  stack: "production",
  functionName: "lambda-function-production",
  alias: { version: "7", weights: {} },
  newestVersion: "7",
  alarms: [{ name: "errors", state: "OK", sinceMs: NOW }],
  deadLetters: 0,
  runtime: "nodejs24.x",
  missing: [],
  nowMs: NOW,
  ...more,
});

const alarm = (state: "ALARM" | "INSUFFICIENT_DATA" | "MISSING", sinceMs = NOW) => ({
  alarms: [{ name: "errors", state, sinceMs }],
});
const weights = { alias: { version: "7", weights: { "8": 0.1 } } };
const active = (ageMs: number) => ({ active: { id: "d-1", createdMs: NOW - ageMs } });

describe("judgeRelease", () => {
  const wells: [what: string, more: Partial<ReleaseFacts>][] = [
    ["nothing special", {}],
    ["weights of a deployment under way", { ...weights, ...active(STUCK_MS - 1) }],
    ["an alarm that is new and silent", alarm("INSUFFICIENT_DATA", NOW - SILENT_MS + 1)],
    ["a runtime that nothing is known of", { runtime: "nodejs99.x" }],
    ["an alias that a rollback of the state left ahead", { newestVersion: "6" }],
  ];
  for (const [what, more] of wells) {
    it(`has nothing to say about ${what}`, () => {
      expect(judgeRelease(facts(more))).to.deep.equal([]);
    });
  }

  const ills: [
    what: string,
    more: Partial<ReleaseFacts>,
    severity: Finding["severity"],
    problem: RegExp,
    remedy: RegExp,
  ][] = [
    ["leftover weights", weights, "error", /still sends 10 % to version 8/, /rollback .* --to 7/],
    [
      "a stuck deployment",
      active(STUCK_MS),
      "error",
      /d-1 has been under way for 3 hours/,
      /rollback/,
    ],
    [
      "an alias behind",
      { newestVersion: "8" },
      "warning",
      /version 8 .* never released/,
      /run release/,
    ],
    [
      "an alias behind a bad version",
      { newestVersion: "8", newestIsBad: "failed deployment d-1" },
      "warning",
      /but failed deployment d-1/,
      /fix it/,
    ],
    ["a red alarm", alarm("ALARM"), "error", /red since 2026-11-23 12:00 UTC/, /runbook/],
    ["a missing alarm", alarm("MISSING", 0), "error", /errors is not there/, /pulumi up/],
    [
      "an alarm without data for ever",
      alarm("INSUFFICIENT_DATA", NOW - SILENT_MS),
      "warning",
      /no data since 2026-11-22/,
      /dimensions/,
    ],
    [
      "an alarm that is OK for ever, because it reads what nothing emits",
      { alarms: [{ name: "errors", state: "OK", sinceMs: NOW, blind: true }] },
      "warning",
      /errors reads a metric that nothing has emitted/,
      /dimensions/,
    ],
    ["dead letters", { deadLetters: 2 }, "warning", /2 dead letters wait/, /run replay/],
    [
      "a missing part",
      { missing: ["role lambda-hook"] },
      "error",
      /role lambda-hook is not/,
      /pulumi up/,
    ],
    [
      "a runtime that ends soon",
      { runtime: "nodejs22.x" },
      "warning",
      /nodejs22\.x will be deprecated on 2027-04-30/,
      /config set runtime/,
    ],
    [
      "a runtime that has ended",
      { nowMs: Date.parse("2028-05-01") },
      "error",
      /nodejs24\.x has been deprecated since 2028-04-30/,
      /runtime/,
    ],
  ];
  for (const [what, more, severity, problem, remedy] of ills) {
    it(`finds ${what}`, () => {
      const [finding, ...rest] = judgeRelease(facts(more));
      expect(rest).to.be.empty;
      expect(finding?.severity).to.equal(severity);
      expect(finding?.problem).to.match(problem);
      expect(finding?.remedy).to.match(remedy);
    });
  }

  it("tells first what does not work", () => {
    const findings = judgeRelease(facts({ deadLetters: 1, ...weights }));
    expect(findings.map(({ severity }) => severity)).to.deep.equal(["error", "warning"]);
  });
});
