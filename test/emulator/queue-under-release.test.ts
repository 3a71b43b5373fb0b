import { expect } from "chai";
import { queueUnderRelease } from "../support/queue-under-release.ts";
import { useWorlds } from "../support/release-world.ts";

describe("a release while a queue is worked on", function () {
  this.timeout(180_000);
  const newWorld = useWorlds();

  it("loses none of 1,000 messages, does none twice, and buries the poison", async () => {
    const { done, dead, repeated, byVersion } = await queueUnderRelease(newWorld, 1000);

    expect(done).to.equal(950);
    expect(dead).to.be.at.least(50);
    expect(repeated).to.be.greaterThan(0);
    expect(Object.keys(byVersion), "versions that were delivered to").to.have.length(2);
  });
});
