import { expect } from "chai";
import { tableUnderRelease } from "../support/table-under-release.ts";
import { useWorlds } from "../support/release-world.ts";

describe("a release while a queue changes records", function () {
  this.timeout(180_000);
  const newWorld = useWorlds();

  it("loses no change of 80 messages, makes none twice, and publishes each", async () => {
    const { counted, dead, repeated } = await tableUnderRelease(newWorld, 80);

    expect(counted).to.equal(76);
    expect(dead).to.be.at.least(4);
    expect(repeated, "deliveries beyond the first").to.be.greaterThan(0);
  });
});
