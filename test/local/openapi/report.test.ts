import { expect } from "chai";
import { judge, renderReport } from "../../../local/openapi/report.ts";
import { allowsBreaks, breakingVersion } from "../../../local/openapi/version.ts";

const BREAK = { operation: "GET /a", what: "is gone", isBreaking: true };
const NEWS = { operation: "PUT /a/{id}", what: "is new", isBreaking: false };
const report = (given: Partial<Parameters<typeof judge>[0]>) =>
  judge({
    against: "trunk (1a2b3c4)",
    before: "1.0.0",
    after: "1.1.0",
    changes: [BREAK, NEWS],
    isOn: true,
    ...given,
  });

describe("the version of a contract", () => {
  for (const [before, after, allowed] of [
    ["1.4.2", "2.0.0", true],
    ["1.4.2", "1.5.0", false],
    ["1.4.2", "1.4.2", false],
    ["2.0.0", "1.0.0", false],
    ["0.1.0", "0.2.0", true],
    ["0.1.0", "1.0.0", true],
    ["0.1.0", "0.1.1", false],
    ["0.2.0", "0.1.0", false],
    ["1.0.0", "next", false],
    ["draft", "2.0.0", false],
  ] as const) {
    it(`${after} after ${before} ${allowed ? "may" : "must not"} break`, () => {
      expect(allowsBreaks(before, after)).to.equal(allowed);
    });
  }

  it("that may break is the least that does", () => {
    expect(["1.4.2", "0.1.3", "draft"].map(breakingVersion)).to.deep.equal([
      "2.0.0",
      "0.2.0",
      undefined,
    ]);
    for (const version of ["1.4.2", "0.1.3", "0.0.1"]) {
      expect(allowsBreaks(version, breakingVersion(version) ?? "")).to.equal(true);
    }
  });
});

describe("the report of a comparison", () => {
  for (const [outcome, given] of [
    ["broken", {}],
    ["accepted", { after: "2.0.0" }],
    ["unused", { isOn: false }],
    ["compatible", { changes: [NEWS] }],
    ["same", { changes: [] }],
    ["new", { before: undefined, changes: [] }],
  ] as const) {
    it(`is ${outcome}`, () => expect(report(given).outcome).to.equal(outcome));
  }

  it("lists what breaks first, and ends with one sentence", () => {
    expect(renderReport(report({ changes: [NEWS, BREAK] })).split("\n")).to.deep.equal([
      "breaking    GET /a       is gone",
      "compatible  PUT /a/{id}  is new",
      "",
      "Since trunk (1a2b3c4): 1 breaking change, 1 compatible one",
    ]);
    expect(renderReport(report({ changes: [] }))).to.equal(
      "The contract is the one of trunk (1a2b3c4)",
    );
  });

  it("says in words why a break is no refusal", () => {
    expect(renderReport(report({ after: "2.0.0" }))).to.contain(
      "version 2.0.0 after 1.0.0 says that it is on purpose",
    );
    expect(renderReport(report({ isOn: false }))).to.contain("no stack has an API");
  });
});
