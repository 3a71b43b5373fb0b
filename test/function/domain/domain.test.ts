import { expect } from "chai";
import { createDomain } from "../../../function/domain/index.ts";
import type { Store } from "../../../function/domain/store.ts";
import { ConflictError } from "../../../function/platform/errors.ts";
import type { Kept } from "../../../function/platform/table.ts";
import { context, harnessOf, httpEvent, NOW } from "../support/harness.ts";

const NOTHING: Kept = { version: 0 };

/**
 * A store of one record, found in these states, one after each write that came too late; it notes what it was asked
 * to write, and how often.
 */
function spy(...states: readonly Kept[]) {
  const written: unknown[] = [];
  const asked: string[] = [];
  let late = 0;
  const current = (): Kept => states[Math.min(late, states.length - 1)] ?? NOTHING;
  const store: Store = {
    name: "spy",
    read: async () => {
      asked.push("read");
      return current();
    },
    write: async ({ answer, ...change }) => {
      asked.push("write");
      expect(answer).to.be.an("object");
      const isLate = change.version !== current().version + 1 || late < states.length - 1;
      if (isLate) {
        late++;
        throw new ConflictError(change.id);
      }
      written.push(change);
    },
  };
  const flow = harnessOf(createDomain(store), { callers: { answerDirect: true } });
  const ask = async (event: object) => {
    const { statusCode, body } = await flow.handler(event, context());
    return { statusCode, body: JSON.parse(body) as Record<string, unknown> };
  };
  return { written, asked, flow, ask };
}

const kept = (version: number, more: Partial<Kept> = {}): Kept => ({
  version,
  data: { id: "a", name: "kept" },
  changedAt: "2025-01-01T00:00:00.000Z",
  changedBy: "another-event",
  ...more,
});

describe("the domain of records", () => {
  it("keeps what is created, as version 1, with all of its data", async () => {
    const { written, asked, ask } = spy();

    const { body } = await ask({ action: "create", data: { name: "n", colour: "red" } });

    expect(body).to.include({ id: "request-1", version: 1, status: "created" });
    const data = { name: "n", colour: "red" };
    expect(written).to.deep.equal([{ id: "request-1", version: 1, data, type: "RecordCreated" }]);
    // What is new is not looked for first.
    expect(asked).to.deep.equal(["write"]);
  });

  for (const [action, type, data, status] of [
    ["update", "RecordUpdated", { data: { id: "a", size: 1 } }, "updated"],
    ["delete", "RecordDeleted", {}, "deleted"],
  ] as const) {
    it(`makes the next version when it is asked to ${action}`, async () => {
      const { written, ask } = spy(kept(7));

      const { body } = await ask({ action, data: { id: "a", size: 1 }, expectedVersion: 7 });

      expect(body).to.include({ version: 8, status, timestamp: NOW.toISOString() });
      expect(written).to.deep.equal([{ id: "a", version: 8, type, ...data }]);
    });
  }

  it("reads what is kept, and writes nothing", async () => {
    const { written, ask } = spy(kept(7));

    const { body } = await ask({ action: "read", data: { id: "a" } });

    expect(body).to.deep.equal({
      id: "a",
      name: "kept",
      status: "current",
      version: 7,
      timestamp: "2025-01-01T00:00:00.000Z",
      data: { id: "a", name: "kept" },
    });
    expect(written).to.deep.equal([]);
  });

  const removed: Kept = { version: 3, changedBy: "another-event" };
  for (const [what, action, found, status, currentVersion] of [
    ["to read what was never there", "read", NOTHING, 404],
    ["to change what was never there", "update", NOTHING, 404],
    ["to change what is removed", "update", removed, 404],
    ["to remove what is removed", "delete", removed, 404],
    ["to create what is there", "create", kept(4), 409, 4],
    ["to change another version than the one that is there", "update", kept(4), 409, 4],
    ["to remove another version than the one that is there", "delete", kept(4), 409, 4],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const { written, ask } = spy(found);
      const expectedVersion = currentVersion && action !== "create" ? { expectedVersion: 2 } : {};

      const { statusCode, body } = await ask({ action, data: { id: "a" }, ...expectedVersion });

      expect(statusCode).to.equal(status);
      const [fault] = body["faults"] as { readonly currentVersion?: number }[];
      expect(fault?.currentVersion).to.equal(currentVersion);
      expect(written).to.deep.equal([]);
    });
  }

  it("goes on from the version of what was removed", async () => {
    const { ask } = spy(removed);
    expect((await ask({ action: "create", data: { id: "a" } })).body).to.include({ version: 4 });
  });

  it("decides again when somebody else was faster, by what is there then", async () => {
    const { asked, ask } = spy(kept(1), kept(2));

    expect((await ask({ action: "update", data: { id: "a" } })).body).to.include({ version: 3 });
    expect(asked).to.deep.equal(["read", "write", "read", "write"]);
  });

  it("refuses when somebody else was faster, and the caller had said which version", async () => {
    const { written, asked, ask } = spy(kept(1), kept(2));

    const { statusCode } = await ask({ action: "update", data: { id: "a" }, expectedVersion: 1 });

    expect(statusCode).to.equal(409);
    expect(written).to.deep.equal([]);
    expect(asked).to.deep.equal(["read", "write", "read"]);
  });

  it("gives up in the end, and says so", async () => {
    const { written, asked, ask } = spy(
      ...Array.from({ length: 100 }, (_, index) => kept(index + 1)),
    );

    const { statusCode, body } = await ask({ action: "update", data: { id: "a" } });

    expect(statusCode).to.equal(409);
    expect(JSON.stringify(body)).to.contain("others keep changing");
    expect(written).to.deep.equal([]);
    expect(asked.filter((what) => what === "write")).to.have.length(10);
  });

  for (const action of ["create", "update", "delete"]) {
    it(`changes nothing by a repeated event to ${action}, and answers as the first time`, async () => {
      const { written, ask } = spy({ ...kept(5), changedBy: "request-1" });

      const { statusCode, body } = await ask({ action, data: { id: "a" } });

      expect([statusCode, body["version"]]).to.deep.equal([200, 5]);
      expect(written).to.deep.equal([]);
    });
  }

  it("keeps nothing of a smoke event that only another version knows, and refuses it", async () => {
    const { asked, ask } = spy();

    const { statusCode, body } = await ask({ action: "create", data: {}, source: "smoke" });

    expect(statusCode).to.equal(400);
    expect(body).to.have.nested.property("faults[0].path", "source");
    expect(asked).to.deep.equal([]);
  });

  it("fails by a store that fails", async () => {
    const store: Store = {
      name: "spy",
      read: async () => NOTHING,
      write: async () => Promise.reject(new TypeError("broken")),
    };
    const { handler } = harnessOf(createDomain(store));

    const event = httpEvent({ action: "create", data: {} });
    expect((await handler(event, context())).statusCode).to.equal(500);
  });

  it("can be found in logs and traces by type, user and id, and counts its business", async () => {
    const { flow } = spy(kept(1));

    await flow.handler({ action: "delete", data: { id: "a", userId: "u-1" } }, context());

    const labels = { eventType: "delete", id: "a", userId: "u-1" };
    expect(flow.logs()[0]).to.include(labels);
    expect(flow.documents()[0]?.annotations).to.include(labels);
    expect(flow.metrics()[0]).to.include({ BusinessMetric: 1 });
    expect(flow.documents()[0]?.subsegments?.map(({ name }) => name)).to.deep.equal([
      "validate",
      "spy",
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

describe("the domain without a store", () => {
  const ask = async (event: object) => {
    const { handler } = harnessOf(createDomain(), { callers: { answerDirect: true } });
    const { statusCode, body } = await handler(event, context());
    return { statusCode, body: JSON.parse(body) as Record<string, unknown> };
  };

  it("answers what it would have done, without a version", async () => {
    const { statusCode, body } = await ask({ action: "update", data: { id: "a" } });

    expect(statusCode).to.equal(200);
    expect(body).to.deep.equal({ id: "a", status: "updated", timestamp: NOW.toISOString() });
  });

  it("knows no record", async () => {
    expect((await ask({ action: "read", data: { id: "a" } })).statusCode).to.equal(404);
  });

  it("refuses to compare a version, instead of passing over it", async () => {
    const { statusCode, body } = await ask({
      action: "update",
      data: { id: "a" },
      expectedVersion: 1,
    });

    expect(statusCode).to.equal(400);
    expect(body).to.have.nested.property("faults[0].path", "expectedVersion");
  });
});
