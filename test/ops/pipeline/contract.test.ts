import { expect } from "chai";
import { contractSection, type ContractReport } from "../../../ops/pipeline/contract.ts";

const report = (given: Partial<ContractReport>): ContractReport => ({
  before: "1.0.0",
  after: "1.1.0",
  outcome: "broken",
  allowedFrom: "2.0.0",
  breaking: [{ operation: "GET /a/{id}", what: 'body.b must be one of "x|y", "<z>"' }],
  other: [{ operation: "PUT /b", what: "is new" }],
  ...given,
});

describe("what the workflows say of the contract", () => {
  it("is a table, open where it breaks, with what to do", () => {
    expect(contractSection(report({}))).to.equal(
      [
        "<details open><summary>Contract of the API: 1 breaking change, 1 compatible change</summary>",
        "",
        "Keep what callers use. Or say that it is on purpose: raise the version in package.json to 2.0.0, and run `npm run openapi`.",
        "",
        "| | operation | what |",
        "| --- | --- | --- |",
        '| **breaking** | GET /a/{id} | body.b must be one of "x\\|y", "&lt;z>" |',
        "| compatible | PUT /b | is new |",
        "",
        "</details>",
      ].join("\n"),
    );
  });

  for (const [outcome, said] of [
    ["accepted", "On purpose: the version is 1.1.0, and was 1.0.0."],
    ["unused", "No stack has an API, so nobody calls by it."],
    ["compatible", "Whoever calls by the contract before can go on."],
  ] as const) {
    it(`is closed where it is ${outcome}`, () => {
      expect(contractSection(report({ outcome })))
        .to.match(/^<details>/)
        .and.contain(said);
    });
  }

  for (const outcome of ["same", "new"] as const) {
    it(`is nothing where it is ${outcome}`, () => {
      expect(contractSection(report({ outcome, breaking: [], other: [] }))).to.equal("");
    });
  }

  it("fits into the comment, and says what is left out", () => {
    const many = Array.from({ length: 500 }, (_, index) => ({
      operation: `GET /${index}`,
      what: "é".repeat(500),
    }));
    const text = contractSection(report({ breaking: many }));

    expect(Buffer.byteLength(text)).to.be.below(4_000);
    expect(text).to.match(/\n\n4\d\d more: `npm run openapi/);
  });
});
