import { expect } from "chai";
import { changesUnderPoison } from "../support/changes-under-poison.ts";
import { useWorlds } from "../support/release-world.ts";

// `npm run soak` does the same with a thousand.
describe("the changes of a table", function () {
  this.timeout(120_000);
  const newWorld = useWorlds();

  it("are published in their order or given up one by one, and none is lost", async () => {
    const { changes, published, dead } = await changesUnderPoison(newWorld, 80, 7);
    expect(published + dead).to.equal(changes);
    expect(dead).to.be.greaterThan(1);
  });
});
