/** The figures of docs/cost.md are those of the code. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { PRICED_REGION, PRICES } from "../../../infra/observability/prices.ts";
import { logKbAt } from "../../../local/cost/log-volume.ts";
import { LOOKED_BACK_DAYS } from "../../../ops/cost/ask.ts";
import { PROJECT_ROOT } from "../../../ops/support/project.ts";
import { cpuShare } from "../../../ops/tune/model.ts";

const TEXT = readFileSync(join(PROJECT_ROOT, "docs", "cost.md"), "utf8");

describe("docs/cost.md", () => {
  for (const [what, figure] of [
    ["the log lines of a call", `${logKbAt("info")} KB a call at \`info\``],
    ["a request to Cost Explorer", `costs ${PRICES.costExplorerRequest.usd} USD`],
    ["a GB that Insights scans", `charges ${PRICES.logsScanned.usd} USD for each GB`],
    ["the days that are looked back on", `the last ${LOOKED_BACK_DAYS} whole days`],
    ["the region of the prices", `list prices of ${PRICED_REGION}`],
  ] as const) {
    it(`says of ${what} what the code does`, () => {
      expect(TEXT).to.include(figure);
    });
  }

  it("says at which memory a function has a whole CPU", () => {
    const [, megabytes = ""] = /one whole CPU at ([\d,]+) MB/.exec(TEXT) ?? [];
    const memoryMb = Number(megabytes.replace(",", ""));
    expect(cpuShare(memoryMb)).to.equal(1);
    expect(cpuShare(memoryMb - 1)).to.be.below(1);
  });
});
