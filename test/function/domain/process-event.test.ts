import { expect } from "chai";
import * as fc from "fast-check";
import type { LambdaEvent } from "../../../function/domain/event.ts";
import { processEvent } from "../../../function/domain/process-event.ts";
import { NOW } from "../support/harness.ts";

const facts = { now: NOW, newId: "new" };

describe("processEvent", () => {
  for (const [action, status] of [
    ["create", "created"],
    ["update", "updated"],
  ] as const) {
    it(`answers ${status} to ${action}, with id, name and time`, () => {
      const result = processEvent({ action, data: { id: "a", name: "n", secret: "s" } }, facts);

      expect(result).to.deep.equal({ id: "a", name: "n", status, timestamp: NOW.toISOString() });
    });
  }

  it("answers deleted to delete, without the name of what is gone", () => {
    expect(processEvent({ action: "delete", data: { id: "a", name: "n" } }, facts)).to.deep.equal({
      id: "a",
      status: "deleted",
      timestamp: NOW.toISOString(),
    });
  });

  it("names a record that comes without an id by the id passed in", () => {
    expect(processEvent({ action: "create", data: {} }, facts)).to.have.property("id", "new");
  });

  it("is deterministic and leaves its input alone", () => {
    const events = fc.record({
      action: fc.constantFrom("create" as const, "update" as const, "delete" as const),
      data: fc.dictionary(fc.string(), fc.jsonValue()),
    });
    fc.assert(
      fc.property(events, (event) => {
        const frozen = Object.freeze({ ...event, data: Object.freeze(event.data) }) as LambdaEvent;

        expect(processEvent(frozen, facts)).to.deep.equal(processEvent(frozen, facts));
      }),
    );
  });
});
