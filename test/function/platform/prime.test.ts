import { expect } from "chai";
import { type Outside, prime } from "../../../function/platform/prime.ts";
import { wordDomain } from "../support/domain.ts";
import { harness } from "../support/harness.ts";

describe("prime", () => {
  it("runs a whole successful flow, which writes and sends nothing", async () => {
    const built: Outside[] = [];
    const flow = harness();

    await prime((outside) => {
      built.push(outside);
      return flow.handler;
    }, wordDomain().sample);

    expect(built).to.have.length(1);
    expect(flow.metrics()[0]).to.include({ SuccessCount: 1 });
  });

  it("never keeps the function from loading", async () => {
    await prime(() => () => Promise.reject(new Error("broken")), {});
  });
});
