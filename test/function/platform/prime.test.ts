import { expect } from "chai";
import { noStore } from "../../../function/adapters/no-store.ts";
import { type Outside, prime } from "../../../function/platform/prime.ts";
import { harness } from "../support/harness.ts";

describe("prime", () => {
  it("runs a whole successful flow, on a store that keeps nothing", async () => {
    const built: Outside[] = [];
    const flow = harness();

    await prime((outside) => {
      built.push(outside);
      return flow.handler;
    });

    expect(built.map(({ store }) => store)).to.deep.equal([noStore]);
    expect(flow.metrics()[0]).to.include({ SuccessCount: 1 });
  });

  it("never keeps the function from loading", async () => {
    await prime(() => () => Promise.reject(new Error("broken")));
  });
});
