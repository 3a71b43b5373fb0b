import { expect } from "chai";
import type { RefusedError } from "../../../function/platform/errors.ts";
import { MAX_DEPTH, MAX_SIZE, structureFaults } from "../../../function/platform/structure.ts";

/** An array in an array, so many levels deep. */
function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = [value];
  return value;
}

const statusOf = (input: unknown): number => {
  try {
    structureFaults(input);
    return 200;
  } catch (error) {
    return (error as RefusedError).statusCode;
  }
};

describe("the structure of an input", () => {
  it("may be any JSON", () => {
    expect(structureFaults({ a: [1, "x", null, true, { b: {} }] })).to.deep.equal([]);
  });

  it("may be nested to its limit and no deeper", () => {
    expect(structureFaults(nested(MAX_DEPTH))).to.deep.equal([]);
    expect(structureFaults(nested(MAX_DEPTH + 1)).map(({ path }) => path)).to.deep.equal([
      Array(MAX_DEPTH).fill("0").join("."),
    ]);
  });

  it("is refused, not run out of stack, when nested a hundred thousand levels deep", () => {
    expect(structureFaults(nested(100_000))).to.have.length(1);
  });

  it("has no key __proto__ at any level", () => {
    const faults = structureFaults(JSON.parse(`{"a":[{"__proto__":{"admin":true}}]}`));

    expect(faults).to.deep.equal([{ path: "a.0", message: "must not have a key __proto__" }]);
  });

  it("holds nothing that JSON does not know", () => {
    const faults = structureFaults({ a: 1n, b: () => {}, c: Symbol("s") });

    expect(faults.map(({ path }) => path)).to.deep.equal(["a", "b", "c"]);
  });

  for (const number of [2 ** 53, -(2 ** 53), 1e300, Infinity, Number.NaN]) {
    it(`does not keep ${number}, which may have been another number before`, () => {
      expect(structureFaults({ a: number }).map(({ path }) => path)).to.deep.equal(["a"]);
    });
  }

  it("keeps every other number", () => {
    expect(structureFaults([2 ** 53 - 1, -0.1, 1e-300, 0.1 + 0.2])).to.deep.equal([]);
  });

  it("has no half of a character, which no encoding can keep", () => {
    expect(structureFaults(["\ud83d", "\ud83d\ude00"]).map(({ path }) => path)).to.deep.equal([
      "0",
    ]);
  });

  for (const [what, input] of [
    ["a string", "x".repeat(MAX_SIZE + 1)],
    ["a key", { ["x".repeat(MAX_SIZE + 1)]: 1 }],
    ["an array", Array(MAX_SIZE + 1).fill(0)],
    ["many small strings", Array(MAX_SIZE / 4).fill("abcd")],
  ] as const) {
    it(`is refused as too large for ${what}`, () => {
      expect(statusOf(input)).to.equal(413);
    });
  }

  it("is refused as too large for the length of an array, before its items are listed", () => {
    expect(statusOf(Array(50_000_000))).to.equal(413);
  });

  it("may be as large as its limit", () => {
    expect(statusOf("x".repeat(MAX_SIZE))).to.equal(200);
  });

  it("lists a bounded number of faults, with bounded paths", () => {
    const bad = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`${i}`.repeat(300), 1n]));

    const faults = structureFaults(bad);

    expect(faults).to.have.length(20);
    expect(Math.max(...faults.map(({ path }) => path.length))).to.equal(200);
  });
});
