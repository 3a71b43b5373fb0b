import { expect } from "chai";
import { DependencyError, InternalError, typeOf } from "../../../function/platform/errors.ts";

const named = (name: unknown, cause?: unknown) =>
  Object.defineProperty(new Error("order 4711 of a@b.example", { cause }), "name", { value: name });

describe("the type of an error", () => {
  it("is its name, and that of its direct cause", () => {
    expect(typeOf(new TypeError("x"))).to.equal("TypeError");
    expect(typeOf(named("ThrottlingException"))).to.equal("ThrottlingException");
    expect(typeOf(new DependencyError("table", named("TimeoutError", new Error("y"))))).to.equal(
      "DependencyError caused by TimeoutError",
    );
  });

  const data = ["order 4711 Error", "a@b.example", "hunter2", "order4711Error", 7, undefined, ""];
  for (const name of data) {
    it(`is Error where the name may be data: ${JSON.stringify(name)}`, () => {
      expect(typeOf(named(name))).to.equal("Error");
      expect(typeOf(new DependencyError("table", named(name)))).to.equal(
        "DependencyError caused by Error",
      );
    });
  }

  it("is Error where something else was thrown", () => {
    for (const thrown of ["order 4711", null, undefined, { name: "TypeError" }]) {
      expect(typeOf(thrown)).to.equal("Error");
    }
  });

  it("stands in the message that a dead letter keeps", () => {
    const { message, stack } = new InternalError("r-1", "TypeError");
    expect(message).to.equal("Internal error (TypeError), correlation id r-1");
    expect(stack).to.equal(`InternalError: ${message}`);
  });
});
