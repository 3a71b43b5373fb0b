import { expect } from "chai";
import { BASELINE, buildVariants, OURS } from "../../../tools/bench/variants.ts";

describe("the benchmark's variants", () => {
  it("are an empty handler, ours and four tools' defaults, each a module with a handler", async () => {
    const variants = await buildVariants();

    expect(variants.map(({ name }) => name))
      .to.have.length(6)
      .and.include.members([BASELINE, OURS]);
    for (const { code, zipBytes } of variants) {
      expect(code).to.match(/\bhandler\b/);
      expect(zipBytes).to.be.above(0);
    }
  });
});
