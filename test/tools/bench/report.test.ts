import { expect } from "chai";
import { median } from "../../../tools/bench/measure.ts";
import { renderPicture } from "../../../tools/bench/picture.ts";
import { judge, ratio, renderText, type Results } from "../../../tools/bench/report.ts";
import { BASELINE, OURS } from "../../../tools/bench/variants.ts";

const cold = (variant: string, memoryMb: number, coldMs: number, residentMb: number) => ({
  variant,
  memoryMb,
  initMs: coldMs - 1,
  firstMs: 1,
  coldMs,
  ratio: coldMs / 40,
  residentMb,
});

const results: Results = {
  conditions: ["2 CPUs"],
  cold: [
    cold(BASELINE, 256, 40, 47),
    cold(OURS, 256, 60, 52),
    cold("a <tool>", 256, 120, 60),
    cold(BASELINE, 512, 40, 47),
    cold(OURS, 512, 64, 52),
    cold("a <tool>", 512, 100, 60),
  ],
  warmMicros: { [BASELINE]: 2, [OURS]: 102, "a <tool>": 200 },
  zipBytes: { [BASELINE]: 200, [OURS]: 14_337, "a <tool>": 50_000 },
  payload: [{ bytes: 1000, micros: 50 }],
  rows: [{ calls: 10, ms: 1.234 }],
};

describe("the benchmark's report", () => {
  it("takes the middle one, or the mean of the two in the middle", () => {
    expect(median([9, 1, 5])).to.equal(5);
    expect(median([4, 1, 2, 100])).to.equal(3);
  });

  it("keeps memory sizes apart", () => {
    expect(ratio(results.cold, OURS, 256)).to.equal(1.5);
    expect(ratio(results.cold, OURS, 512)).to.equal(1.6);
  });

  it("judges every bar: at its limit it is met, above it is missed", () => {
    const met = judge(results).map(({ bar, met }) => `${met} ${bar.split(",")[0]}`);

    expect(met).to.deep.equal([
      "true cold start at 256 MB",
      "false cold start at 512 MB",
      "true warm call",
      "false zip",
      "true resident memory added",
    ]);
  });

  it("names every variant, and every bar that is missed", () => {
    const text = renderText(results);

    expect(text).to.match(/^a <tool> +120\.0 ms +3\.00 +100\.0 ms +2\.50 +200\.0 +48\.8 +60\.0$/m);
    expect(text).to.match(/^1000 +50\.0 +20000$/m);
    expect(text).to.match(/^10 +1\.23$/m);
    expect(text.match(/^MISSED/gm)).to.have.length(2);
  });

  it("draws one bar for each variant and memory size, with names escaped", () => {
    const picture = renderPicture(results);

    expect(picture.match(/<rect/g)).to.have.length(6);
    expect(picture).to.contain("a &lt;tool&gt;").and.not.contain("<tool>");
  });
});
