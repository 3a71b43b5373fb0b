import { expect } from "chai";
import { HANDLER_BUDGET_BYTES, handlerBudgetBytes } from "../../../infra/function/bundle.ts";
import { type Cold, median, spread } from "../../../tools/bench/measure.ts";
import { renderPicture } from "../../../tools/bench/picture.ts";
import { judge, ratio, renderText, type Results } from "../../../tools/bench/report.ts";
import { BASELINE, OURS, WITH_TABLE } from "../../../tools/bench/variants.ts";

const flat = (median: number) => ({ median, quartiles: [median - 0.1, median + 0.1] }) as const;

const cold = (variant: string, memoryMb: number, ratio: number, residentMb: number): Cold => ({
  variant,
  memoryMb,
  initMs: 40 * ratio,
  firstMs: 1,
  ratio: flat(ratio),
  cpuRatio: flat(ratio + 0.1),
  cpuMs: 40,
  waited: 0.01,
  residentMb,
});

const results: Results = {
  conditions: ["2 CPUs"],
  cold: [
    cold(BASELINE, 256, 1, 47),
    cold(OURS, 256, 1.2, 52),
    cold(WITH_TABLE, 256, 1.59, 56),
    cold("a <tool>", 256, 3, 60),
    cold(BASELINE, 512, 1, 47),
    cold(OURS, 512, 1.21, 52),
    cold(WITH_TABLE, 512, 1.61, 56),
    cold("a <tool>", 512, 2.5, 60),
  ],
  warmMicros: { [BASELINE]: 2, [OURS]: 45, "a <tool>": 200 },
  zipBytes: {
    [BASELINE]: 200,
    [OURS]: HANDLER_BUDGET_BYTES - 1023,
    [WITH_TABLE]: handlerBudgetBytes({ database: true }) - 1024,
    "a <tool>": 50_000,
  },
  payload: [{ bytes: 1000, micros: 50 }],
  rows: [{ calls: 10, ms: 1.234 }],
};

describe("the benchmark's report", () => {
  it("takes the middle one, or the mean of the two in the middle", () => {
    expect(median([9, 1, 5])).to.equal(5);
    expect(median([4, 1, 2, 100])).to.equal(3);
  });

  it("keeps memory sizes apart", () => {
    expect(ratio(results.cold, OURS, 256)).to.equal(1.2);
    expect(ratio(results.cold, OURS, 512)).to.equal(1.21);
  });

  const verdicts = (of: Results) =>
    judge(of).map(
      ({ bar, verdict }) => `${verdict}: ${bar.replace(", ratio to an empty handler", "")}`,
    );

  it("judges every bar: at its limit it is met, above it is missed", () => {
    expect(verdicts(results)).to.deep.equal([
      "met: cold start at 256 MB",
      "met: cold start at 256 MB, CPU time",
      "met: cold start at 256 MB, CPU time, with a table",
      "missed: cold start at 512 MB",
      "missed: cold start at 512 MB, CPU time",
      "missed: cold start at 512 MB, CPU time, with a table",
      "met: warm call, microseconds of CPU",
      "missed: zip, bytes",
      "met: zip, bytes, with a table",
      "met: resident memory added, MB",
    ]);
  });

  it("blames a busy machine for times alone, not for ratios of CPU time", () => {
    const slow = { ...results, warmMicros: { [OURS]: 46 } };
    const busy = { ...slow, cold: results.cold.map((it) => ({ ...it, waited: 0.2 })) };

    const changed = verdicts(busy).filter((verdict, index) => verdict !== verdicts(slow)[index]);

    expect(changed).to.deep.equal([
      "machine too busy: cold start at 512 MB",
      "machine too busy: warm call, microseconds of CPU",
    ]);
  });

  it("knows quartiles", () => {
    expect(spread([1, 2, 3, 4, 5])).to.deep.equal({ median: 3, quartiles: [2, 4] });
    expect(spread([7])).to.deep.equal({ median: 7, quartiles: [7, 7] });
  });

  it("names every variant, and every bar that is missed", () => {
    const text = renderText(results);

    expect(text).to.match(
      /^a <tool> +120\.0 \+ 1\.0 +3\.00 \(2\.90–3\.10\) +3\.10 \(3\.00–3\.20\) +100\.0 \+ 1\.0 +2\.50 \(2\.40–2\.60\) +2\.60 \(2\.50–2\.70\) +200\.0 +48\.8 +60\.0$/m,
    );
    expect(text).to.match(/^1000 +50\.0 +20000$/m);
    expect(text).to.match(/^10 +1\.23$/m);
    expect(text.match(/^MISSED/gm)).to.have.length(4);
  });

  it("draws one bar for each variant and memory size, with names escaped", () => {
    const picture = renderPicture(results);

    expect(picture.match(/<rect/g)).to.have.length(8);
    expect(picture).to.contain("a &lt;tool&gt;").and.not.contain("<tool>");
  });
});
