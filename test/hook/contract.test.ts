import { expect } from "chai";
import { SMOKE_SOURCE as MARK } from "../../function/domain/event.ts";
import { faultOf, SMOKE_EVENTS, SMOKE_SOURCE } from "../../hook/smoke-events.ts";
import { context, harness } from "../function/support/harness.ts";

describe("the smoke events and the handler", () => {
  it("fit each other: whoever changes one changes the other", async () => {
    expect(SMOKE_SOURCE).to.equal(MARK);
    for (const smoke of SMOKE_EVENTS) {
      const payload = JSON.stringify(await harness().handler(smoke.event, context()));
      expect(faultOf(smoke, { payload })).to.equal(undefined);
    }
  });
});
