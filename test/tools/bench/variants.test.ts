import { expect } from "chai";
import { findPeers } from "../../../tools/bench/peers/install.ts";
import { BASELINE, buildVariants, OURS, WITH_TABLE } from "../../../tools/bench/variants.ts";

const peers = await findPeers();

describe("the benchmark's variants", () => {
  it("are an empty handler and ours, without a table and with one, where the peers are not installed", async () => {
    const variants = await buildVariants({ TABLE_NAME: "any" });

    expect(variants.map(({ name }) => name)).to.deep.equal([BASELINE, OURS, WITH_TABLE]);
    const tables = variants.map(({ variables }) => variables["TABLE_NAME"]);
    expect(tables).to.deep.equal([undefined, undefined, "any"]);
  });

  // The peers' packages are no part of the project, so only a machine that has run the benchmark has them.
  (peers === undefined ? it.skip : it)(
    "and eight peers, each a module with a handler",
    async () => {
      const variants = await buildVariants({}, peers);

      expect(new Set(variants.map(({ name }) => name)).size).to.equal(11);
      for (const { code, zipBytes } of variants) {
        expect(code).to.match(/\bhandler\b/);
        expect(zipBytes).to.be.above(0);
      }
    },
  );
});
