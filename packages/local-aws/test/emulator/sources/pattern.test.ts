import { expect } from "chai";
import { matches } from "../../../emulator/sources/pattern.ts";

const EVENT = {
  body: { action: "create", amount: 5, tags: ["a", "b"], note: null, name: "Order 7", ok: true },
};

describe("a pattern of events", () => {
  for (const [pattern, expected] of [
    [{ body: { action: ["create", "update"] } }, true],
    [{ body: { action: ["update"] } }, false],
    [{ body: { action: ["create"], amount: [6] } }, false],
    [{ body: { amount: ["5"] } }, false],
    [{ body: { tags: ["b"] } }, true],
    [{ body: { note: [null] } }, true],
    [{ body: { missing: [null] } }, false],
    [{ body: { ok: [true] } }, true],
    [{ body: { missing: [{ exists: false }] } }, true],
    [{ body: { action: [{ exists: false }] } }, false],
    [{ body: { name: [{ prefix: "Order" }] } }, true],
    [{ body: { name: [{ prefix: { "equals-ignore-case": "order" } }] } }, true],
    [{ body: { name: [{ suffix: "7" }] } }, true],
    [{ body: { name: [{ "equals-ignore-case": "ORDER 7" }] } }, true],
    [{ body: { name: [{ wildcard: "O*7" }] } }, true],
    [{ body: { name: [{ wildcard: "O*8" }] } }, false],
    [{ body: { action: [{ "anything-but": ["create"] }] } }, false],
    [{ body: { action: [{ "anything-but": { prefix: "del" } }] } }, true],
    [{ body: { missing: [{ "anything-but": ["x"] }] } }, false],
    [{ body: { amount: [{ numeric: [">", 0, "<=", 5] }] } }, true],
    [{ body: { amount: [{ numeric: [">", 5] }] } }, false],
    [{ body: { name: [{ numeric: [">", 0] }] } }, false],
    [{ $or: [{ body: { action: ["x"] } }, { body: { amount: [5] } }] }, true],
    [{ $or: [{ body: { action: ["x"] } }, { body: { amount: [6] } }] }, false],
    [{ body: { name: [{ like: "Order" }] } }, false],
  ] as const) {
    it(`${JSON.stringify(pattern)} ${expected ? "matches" : "does not match"}`, () => {
      expect(matches(pattern, EVENT)).to.equal(expected);
    });
  }

  it("of fields matches no text", () => {
    expect(matches({ body: { action: ["create"] } }, { body: "create" })).to.equal(false);
  });
});
