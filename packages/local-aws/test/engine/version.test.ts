import { readFileSync } from "node:fs";
import { expect } from "chai";
import { ENGINE_VERSION, fits } from "../../engine/version.ts";

describe("the engine's version", () => {
  it("is the one that the Go module pins", () => {
    const goMod = readFileSync(new URL("../../engine/go.mod", import.meta.url), "utf8");

    expect(goMod).to.contain(`github.com/pulumi/pulumi/pkg/v3 v${ENGINE_VERSION}\n`);
    expect(goMod).to.contain(`github.com/pulumi/pulumi/sdk/v3 v${ENGINE_VERSION} `);
  });

  it("fits when it is the same or later within the major version", () => {
    const answers = ["3.258.0", "v3.258.0", "3.258.1", "3.300.0"].map(fits);

    expect(answers).to.deep.equal([true, true, true, true]);
  });

  it("does not fit when it is older, of another major version, or no version", () => {
    const answers = ["3.257.9", "3.99.0", "2.300.0", "4.0.0", "", "unknown"].map(fits);

    expect(answers).to.deep.equal([false, false, false, false, false, false]);
  });
});
