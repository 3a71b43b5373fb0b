/** What a change adds to the month's cost, as the workflows' own command says it. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { execa } from "execa";
import { costSection, type CostReport } from "../../../ops/pipeline/cost.ts";

type Line = CostReport["difference"]["lines"][number];

const line = (
  resource: string,
  beforeUsd: number,
  afterUsd: number,
  more: Partial<Line> = {},
): Line => ({
  resource,
  what: "compute",
  beforeUsd,
  afterUsd,
  usd: afterUsd - beforeUsd,
  ...more,
});
const report = (
  lines: readonly Line[],
  notPriced: CostReport["difference"]["notPriced"] = {},
): CostReport => {
  const sum = (of: (one: Line) => number) => lines.reduce((total, one) => total + of(one), 0);
  const [beforeUsd, afterUsd] = [sum((one) => one.beforeUsd), sum((one) => one.afterUsd)];
  const difference = { lines, beforeUsd, afterUsd, usd: afterUsd - beforeUsd, notPriced };
  return { usage: { requests: 1e6, durationMs: 100 }, difference };
};

describe("the cost of a pull request", () => {
  it("is a collapsed section with the total in its heading and each line in a table", () => {
    const text = costSection(
      "production",
      report([line("function", 0.67, 1.33, { before: "512 MB", after: "1024 MB" })]),
    );

    expect(text).to.match(
      /^<details><summary>production, cost: \+\$0\.66 a month \(\$0\.67 → \$1\.33\)<\/summary>\n\n\| a month /,
    );
    expect(text).to.include("| +$0.66 | function | compute | $0.67 (512 MB) | $1.33 (1024 MB) |");
    expect(text).to.match(/For 1,000,000 calls of 100 ms a month/);
    expect(text).to.match(/<\/details>$/);
  });

  it("says what is saved with a minus", () => {
    expect(costSection("staging", report([line("key", 1, 0)]))).to.include("−$1.00 a month");
  });

  it("is nothing where nothing differs, or less than a cent", () => {
    expect(costSection("staging", report([]))).to.equal("");
    expect(costSection("staging", report([line("hook", 0.001, 0.002)]))).to.equal("");
  });

  it("names each type without a price that the change brings, and none that it takes away", () => {
    const notPriced = {
      "aws:mq/broker:Broker": { before: 0, after: 1 },
      "aws:redshift/cluster:Cluster": { before: 1, after: 0 },
    };
    const text = costSection("staging", report([], notPriced));

    expect(text).to.include("<summary>staging, cost: not priced: aws:mq/broker:Broker</summary>");
    expect(text).not.to.include("redshift");
  });

  it("keeps a name that somebody chose within its cell, and everything within its part of a comment", () => {
    const name = "@octocat | <img src=x>\n";
    const lines = Array.from({ length: 100 }, (_, index) =>
      line(`${name}${index}`, 0, 200 - index),
    );
    const text = costSection(
      "production",
      report(lines, { [name.repeat(50)]: { before: 0, after: 1 } }),
    );

    expect(text).not.to.match(/@octocat|<img/);
    expect(Buffer.byteLength(text)).to.be.below(3_500);
    expect(text).to.match(/\d+ more, each of at most the last one shown\./);
    for (const row of text.split("\n").filter((one) => one.startsWith("| +"))) {
      expect(row.replaceAll("\\|", "").match(/\|/g)).to.have.length(6);
    }
  });

  describe("is reported", () => {
    let folder = "";
    beforeEach(() => {
      folder = mkdtempSync(path.join(tmpdir(), "report-cost-"));
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    const reported = async (document: CostReport) => {
      const [cost, details] = ["cost.json", "details.md"].map((name) => path.join(folder, name));
      writeFileSync(cost ?? "", JSON.stringify(document));
      const options = ["--stack", "staging", "--cost", cost ?? "", "--details", details ?? ""];
      const { stdout } = await execa(process.execPath, ["ops/pipeline/report-cost.ts", ...options]);
      const written = existsSync(details ?? "") ? readFileSync(details ?? "", "utf8") : undefined;
      return { stdout, written };
    };

    it("in the summary and in a file for the comment", async () => {
      const { stdout, written } = await reported(report([line("key", 0, 1)]));
      expect(stdout).to.include("cost: +$1.00 a month");
      expect(written).to.equal(`${stdout.trim()}\n`);
    });

    it("in the summary alone where nothing differs", async () => {
      const { stdout, written } = await reported(report([]));
      expect(stdout.trim()).to.equal("Cost of staging: no difference.");
      expect(written).to.equal(undefined);
    });
  });
});
