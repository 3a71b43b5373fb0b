import { expect } from "chai";
import { RefusedError } from "../../../function/platform/errors.ts";
import { MAX_TEXT, parseEvent } from "../../../function/domain/event.ts";

/** Paths of all faults, in order. */
function faults(input: unknown): string[] {
  try {
    parseEvent(input);
  } catch (error) {
    if (error instanceof RefusedError) return error.faults.map(({ path }) => path);
    throw error;
  }
  return [];
}

describe("parseEvent", () => {
  it("takes what the service knows and keeps further data", () => {
    const event = {
      action: "create",
      data: { id: "a", name: "n", colour: "red" },
      source: "orders",
    };

    expect(parseEvent(event)).to.deep.equal(event);
  });

  it("ignores what else there is at the root", () => {
    expect(parseEvent({ action: "create", data: {}, trace: 1 })).to.deep.equal({
      action: "create",
      data: {},
    });
  });

  it("lists every fault with its path", () => {
    const input = { action: "destroy", data: { id: 7, name: "" }, source: ["x"] };

    expect(faults(input)).to.deep.equal(["action", "data.id", "data.name", "source"]);
  });

  for (const input of [undefined, null, "create", 7, [], [{ action: "create", data: {} }]]) {
    it(`refuses ${JSON.stringify(input)}`, () => {
      expect(faults(input)).to.deep.equal([""]);
    });
  }

  for (const data of [undefined, null, "x", ["a"]]) {
    it(`refuses ${JSON.stringify(data)} as data`, () => {
      expect(faults({ action: "create", data })).to.deep.equal(["data"]);
    });
  }

  for (const action of ["update", "delete", "read"]) {
    it(`needs an id to ${action}`, () => {
      expect(faults({ action, data: { name: "n" } })).to.deep.equal(["data.id"]);
    });
  }

  it("takes null for what is not there, and keeps it in data of the caller's own", () => {
    const event = { action: "create", data: { id: null, name: null, colour: null }, source: null };

    expect(parseEvent(event)).to.deep.equal({ action: "create", data: { colour: null } });
    expect(faults({ action: "update", data: { id: null } })).to.deep.equal(["data.id"]);
  });

  it("takes the version that the record must have, as a whole number from 1 on", () => {
    const event = { action: "update", data: { id: "a" }, expectedVersion: 3 };

    expect(parseEvent(event)).to.deep.equal(event);
    for (const expectedVersion of ["3", 0, -1, 1.5]) {
      expect(faults({ ...event, expectedVersion })).to.deep.equal(["expectedVersion"]);
    }
  });

  it("needs no id to create", () => {
    expect(faults({ action: "create", data: {} })).to.deep.equal([]);
  });

  it("takes texts up to their limit and refuses longer ones", () => {
    expect(faults({ action: "create", data: { id: "x".repeat(MAX_TEXT) } })).to.deep.equal([]);
    expect(faults({ action: "create", data: { id: "x".repeat(MAX_TEXT + 1) } })).to.deep.equal([
      "data.id",
    ]);
  });

  it("does not take an action from the prototype", () => {
    expect(faults({ action: "toString", data: {} })).to.deep.equal(["action"]);
  });
});
