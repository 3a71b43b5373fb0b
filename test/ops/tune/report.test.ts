import { expect } from "chai";
import { parseReport } from "../../../ops/tune/report.ts";
import { jsonReport, OTHER_LINES } from "./lines.ts";

const ID = "REPORT RequestId: 6d68ca91-49c9-448d-89b8-7ca3e6dc66aa";
const WARM = `${ID}\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: 512 MB\tMax Memory Used: 87 MB\t\n`;
const COLD = `${ID}\tDuration: 45.01 ms\tBilled Duration: 226 ms\tMemory Size: 256 MB\tMax Memory Used: 70 MB\tInit Duration: 180.12 ms\t\nXRAY TraceId: 1-62e900b2-710d76f009d6e7785905449a\tSegmentId: 0efbd19962d95b05\tSampled: true\t\n`;

describe("a report of Lambda's", () => {
  it("is read from a line of JSON", () => {
    expect(parseReport(jsonReport({ memoryMb: 256, durationMs: 20.5, usedMb: 90 }))).to.deep.equal({
      memoryMb: 256,
      durationMs: 20.5,
      billedMs: 21,
      usedMb: 90,
    });
    expect(parseReport(jsonReport({ initMs: 180.2 }))?.initMs).to.equal(180.2);
  });

  it("is read from a line of text", () => {
    expect(parseReport(WARM)).to.deep.equal({
      memoryMb: 512,
      durationMs: 12.34,
      billedMs: 13,
      usedMb: 87,
    });
    expect(parseReport(COLD)).to.deep.equal({
      memoryMb: 256,
      durationMs: 45.01,
      billedMs: 226,
      initMs: 180.12,
      usedMb: 70,
    });
  });

  it("does not count where the call failed", () => {
    for (const status of ["timeout", "error", "failure"]) {
      expect(parseReport(jsonReport({ status })), status).to.equal(undefined);
    }
    expect(parseReport(`${WARM.trimEnd()}\tStatus: timeout\n`)).to.equal(undefined);
  });

  for (const line of [
    ...OTHER_LINES,
    "",
    "{",
    '{"type":"platform.report"}',
    `${ID}\tDuration: 1 ms`,
  ]) {
    it(`is no other line: ${JSON.stringify(line.slice(0, 50))}`, () => {
      expect(parseReport(line)).to.equal(undefined);
    });
  }
});
