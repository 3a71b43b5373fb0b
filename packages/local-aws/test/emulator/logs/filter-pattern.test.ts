import { expect } from "chai";
import { filterPattern, selected } from "../../../emulator/logs/filter-pattern.ts";

const report = JSON.stringify({
  type: "platform.report",
  record: { status: "success", metrics: { maxMemoryUsedMB: 93, initDurationMs: null } },
  faults: [{ path: "amount" }],
  retried: true,
});

describe("a filter pattern", () => {
  const matches = (pattern: string, message = report) => filterPattern(pattern)(message);

  it("compares fields of a line of JSON", () => {
    expect(matches('{ $.type = "platform.report" }')).to.equal(true);
    expect(matches("{ $.type = platform.* }")).to.equal(true);
    expect(matches('{ $.type != "platform.report" }')).to.equal(false);
    expect(matches("{ $.record.metrics.maxMemoryUsedMB > 92 }")).to.equal(true);
    expect(matches("{ $.record.metrics.maxMemoryUsedMB >= 93.5 }")).to.equal(false);
    expect(matches('{ $.faults[0].path = "amount" }')).to.equal(true);
    expect(matches("{ $.retried IS TRUE }")).to.equal(true);
    expect(matches("{ $.record.metrics.initDurationMs IS NULL }")).to.equal(true);
    expect(matches("{ $.record.error NOT EXISTS }")).to.equal(true);
  });

  it("joins comparisons by && and ||, && first", () => {
    expect(
      matches('{ $.type = "x" && $.retried IS TRUE || $.record.status = "success" }'),
    ).to.equal(true);
    expect(
      matches('{ $.type = "x" && ($.retried IS TRUE || $.record.status = "success") }'),
    ).to.equal(false);
  });

  it("finds nothing in fields that are not there, nor in lines of text", () => {
    expect(matches('{ $.missing != "x" }')).to.equal(false);
    expect(matches("{ $.missing < 7 }")).to.equal(false);
    expect(matches('{ $.type = "platform.report" }', "REPORT RequestId: 1")).to.equal(false);
  });

  it("finds terms", () => {
    expect(matches("ERROR timeout", "an ERROR: timeout")).to.equal(true);
    expect(matches("ERROR timeout", "an error: timeout")).to.equal(false);
    expect(matches('"an ERROR" -retry', "an ERROR: retry")).to.equal(false);
    expect(matches("?ERROR ?WARN", "a WARN")).to.equal(true);
    expect(matches("")).to.equal(true);
  });

  it("refuses what it does not know", () => {
    for (const pattern of [
      "{ $.a ~ 7 }",
      "{ a = 7 }",
      "{ $.a < b }",
      "{ $.a = 7",
      "{ $.a = 7 } x",
    ]) {
      expect(() => filterPattern(pattern), pattern).to.throw("cannot read");
    }
  });

  it("takes a value out of a line", () => {
    expect(selected(report, "$.record.metrics.maxMemoryUsedMB")).to.equal(93);
    expect(selected("text", "$.a")).to.equal(undefined);
  });
});
