import { createContext, runInContext } from "node:vm";
import { expect } from "chai";
import { logValue } from "../../../function/platform/log-value.ts";

const written = (value: unknown): unknown => {
  return JSON.parse(JSON.stringify(logValue(value, (key) => key === "secret")));
};
const lengthOf = (value: unknown): number => JSON.stringify(written(value)).length;

describe("a value in a log line", () => {
  it("is what it was, where it is small and harmless", () => {
    const value = { a: [1, "x", null, true, { b: {} }], c: -0.5 };

    expect(written(value)).to.deep.equal(value);
  });

  it("has nothing secret at any depth, and no secret's shape", () => {
    expect(
      written({ a: [{ secret: { nested: 1 } }], secret: 7, b: { secret: null } }),
    ).to.deep.equal({
      a: [{ secret: "[redacted]" }],
      secret: "[redacted]",
      b: { secret: null },
    });
  });

  it("cuts long texts, and says how long they were", () => {
    expect(written("x".repeat(10_000)))
      .to.be.a("string")
      .that.has.length.below(4200)
      .and.contains("10000 characters");
  });

  const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) });
  const wide = (levels: number): unknown =>
    levels === 0 ? "text" : Array.from({ length: 100 }, () => wide(levels - 1));
  for (const [what, value] of [
    ["120,000 numbers", Array(120_000).fill(1234.5678)],
    ["many strings of a length that is fine", Array(1000).fill("x".repeat(4000))],
    ["many keys", Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`key${i}`, i]))],
    [
      "long keys",
      Object.fromEntries(Array.from({ length: 90 }, (_, i) => [`${i}`.repeat(9000), i])),
    ],
    ["a tree of a million", wide(3)],
    ["depth", nested(5000)],
    ["characters that JSON writes in six", "\u0001".repeat(200_000)],
    ["an error with a message of a megabyte", new Error("x".repeat(1_000_000))],
  ] as const) {
    it(`keeps the whole line bounded for ${what}`, () => {
      expect(lengthOf({ level: "INFO", value })).to.be.below(260_000);
    });
  }

  it("writes what JSON does not know", () => {
    const value = {
      big: 10n,
      date: new Date(0),
      map: new Map([["k", 1]]),
      set: new Set([2]),
      none: undefined,
    };

    expect(written({ ...value, f: () => 1, bytes: Buffer.from("abc") })).to.deep.equal({
      big: "10",
      date: "1970-01-01T00:00:00.000Z",
      map: [["k", 1]],
      set: [2],
      bytes: "[3 bytes]",
    });
  });

  it("survives rings, and members that cannot be read", () => {
    const ring: Record<string, unknown> = {};
    ring["ring"] = [ring];
    const trap = {
      get member() {
        throw new Error("no");
      },
      toJSON() {
        throw new Error("no");
      },
    };

    expect(written(ring)).to.deep.equal({ ring: ["[circular]"] });
    expect(written({ trap })).to.deep.equal({ trap: "[unreadable]" });
    const proxy = new Proxy({}, { ownKeys: () => expect.fail() });
    expect(written({ proxy })).to.deep.equal({ proxy: "[unreadable]" });
    expect(written({ d: new Date(Number.NaN) })).to.deep.equal({ d: null });
  });
});

describe("an error in a log line", () => {
  interface Written {
    readonly name: string;
    readonly message: string;
    readonly stack: string;
    readonly cause: Written;
    readonly [key: string]: unknown;
  }
  const error = (value: unknown) => written(value) as Written;

  it("has its name, message and stack, and those of all its causes", () => {
    const root = new RangeError("root");
    const middle = new TypeError("middle", { cause: root });

    const { name, message, stack, cause } = error(new Error("top", { cause: middle }));

    expect([name, message]).to.deep.equal(["Error", "top"]);
    expect(stack).to.contain("log-value.test");
    expect([cause.name, cause.cause.name, cause.cause.message]).to.deep.equal([
      "TypeError",
      "RangeError",
      "root",
    ]);
    expect(cause.cause.stack).to.contain("RangeError: root");
  });

  it("has what was added to it, with secrets hidden", () => {
    const own = {
      code: "ECONNREFUSED",
      errno: -111,
      $metadata: { httpStatusCode: 400 },
      secret: "s",
    };

    expect(error(Object.assign(new Error("x"), own))).to.include({
      code: "ECONNREFUSED",
      errno: -111,
      secret: "[redacted]",
    });
    expect(error(Object.assign(new Error("x"), own))["$metadata"]).to.deep.equal({
      httpStatusCode: 400,
    });
  });

  it("has all the errors that an AggregateError stands for", () => {
    const { errors } = error(new AggregateError([new Error("one"), new TypeError("two")], "both"));

    expect((errors as Written[]).map(({ name, message }) => [name, message])).to.deep.equal([
      ["Error", "one"],
      ["TypeError", "two"],
    ]);
  });

  it("is understood from another realm, and as a DOMException", () => {
    const foreign: unknown = runInContext(
      `new TypeError("foreign", { cause: new Error("c") })`,
      createContext(),
    );

    expect(error(foreign)).to.include({ name: "TypeError", message: "foreign" });
    expect(error(foreign).cause).to.include({ message: "c" });
    expect(error(AbortSignal.abort().reason)).to.include({ name: "AbortError" });
  });

  it("has a cause that is no error", () => {
    expect(error(new Error("x", { cause: "text" })).cause).to.equal("text");
    expect(error(new Error("x", { cause: { code: 7 } })).cause).to.deep.equal({ code: 7 });
  });

  it("ends a ring of causes at once", () => {
    const ring = new Error("ring");
    ring.cause = new Error("other", { cause: ring });

    expect(error(ring).cause.cause).to.equal("[circular]");
  });
});
