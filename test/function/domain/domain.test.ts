import { expect } from "chai";
import { createDomain } from "../../../function/domain/index.ts";
import type { Store } from "../../../function/domain/store.ts";
import { context, harnessOf, httpEvent, NOW } from "../support/harness.ts";

/** A store that remembers what it was asked to do. */
function spy() {
  const asked: unknown[] = [];
  const store: Store = {
    name: "spy",
    keep: async (record) => void asked.push({ keep: record }),
    remove: async (id) => void asked.push({ remove: id }),
  };
  return { asked, flow: harnessOf(createDomain(store)) };
}

describe("the domain of records", () => {
  it("keeps what is created and updated, with all of its data", async () => {
    const { asked, flow } = spy();

    await flow.handler({ action: "create", data: { name: "n", colour: "red" } }, context());
    await flow.handler({ action: "update", data: { id: "a" } }, context());

    const changedAt = NOW.toISOString();
    expect(asked).to.deep.equal([
      { keep: { id: "request-1", data: { name: "n", colour: "red" }, changedAt } },
      { keep: { id: "a", data: { id: "a" }, changedAt } },
    ]);
  });

  it("removes what is deleted", async () => {
    const { asked, flow } = spy();

    await flow.handler({ action: "delete", data: { id: "a" } }, context());

    expect(asked).to.deep.equal([{ remove: "a" }]);
  });

  it("can be found in logs and traces by type, user and id, and counts its business", async () => {
    const { flow } = spy();

    await flow.handler({ action: "delete", data: { id: "a", userId: "u-1" } }, context());

    const labels = { eventType: "delete", id: "a", userId: "u-1" };
    expect(flow.logs()[0]).to.include(labels);
    expect(flow.documents()[0]?.annotations).to.include(labels);
    expect(flow.metrics()[0]).to.include({ BusinessMetric: 1 });
    expect(flow.documents()[0]?.subsegments?.map(({ name }) => name)).to.deep.equal([
      "validate",
      "logic",
      "spy",
    ]);
  });

  it("shows the caller every fault", async () => {
    const { flow } = spy();

    const { statusCode, body } = await flow.handler(httpEvent({ action: "archive" }), context());

    expect(statusCode).to.equal(400);
    expect(JSON.parse(body)).to.have.nested.property("faults").that.has.length(2);
  });
});
