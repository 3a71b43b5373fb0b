import { expect } from "chai";
import { evaluate } from "../../../emulator/cloudwatch/expression.ts";

describe("metric math", () => {
  const cases: [expression: string, expected: number | undefined][] = [
    ["1 + 2 * 3", 7],
    ["(1 + 2) * 3", 9],
    ["10 - 4 - 3", 3],
    ["100 * e / i", 25],
    ["IF(i < 100, IF(e > 0, 100, 0), 5)", 100],
    ["IF(i >= 100, 1, 0)", 0],
    ["MAX([e, i]) - MIN([e, i])", 3],
    ["MAX([absent, e])", 1],
    ["FILL(absent, 0) + FILL(e, 7)", 1],
    ["100 * i / SERVICE_QUOTA(i)", 0.4],
    ["e / 0", undefined],
    ["e + absent", undefined],
  ];
  for (const [expression, expected] of cases) {
    it(`${expression} = ${expected ?? "no value"}`, () => {
      expect(evaluate(expression, { e: 1, i: 4 })).to.equal(expected);
    });
  }

  it("refuses what it does not know instead of guessing", () => {
    expect(() => evaluate("ANOMALY_DETECTION_BAND(e)", { e: 1 })).to.throw("does not know");
    expect(() => evaluate("e $ 1", { e: 1 })).to.throw("cannot read");
    expect(() => evaluate("(e", { e: 1 })).to.throw("where ) should be");
    expect(() => evaluate("e e", { e: 1 })).to.throw("unexpected e");
  });
});
