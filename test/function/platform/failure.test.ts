import { expect } from "chai";
import { RefusedError } from "../../../function/platform/errors.ts";
import { decide } from "../../../function/platform/failure.ts";

const refused = new RefusedError([{ path: "data.id", message: "is required" }]);
const ours = new TypeError("connection to db-7.internal refused for user admin");

describe("decide", () => {
  for (const front of ["direct", "http"] as const) {
    it(`answers the caller's fault with its status and every reason (${front})`, () => {
      const outcome = decide(refused, { front, correlationId: "c" });

      expect(outcome).to.have.property("kind", "refused");
      expect(outcome).to.have.nested.property("response.statusCode", 400);
      expect(outcome)
        .to.have.nested.property("response.body")
        .that.contains("data.id")
        .and.contains("is required");
    });
  }

  it("answers our failure with 500 for an HTTP front", () => {
    const outcome = decide(ours, { front: "http", correlationId: "c" });

    expect(outcome).to.have.property("kind", "answered");
    expect(outcome).to.have.nested.property("response.statusCode", 500);
  });

  it("fails the invocation by our failure for everyone else", () => {
    expect(decide(ours, { front: "direct", correlationId: "c" })).to.have.property(
      "kind",
      "failed",
    );
  });

  for (const front of ["direct", "http"] as const) {
    it(`tells nothing of our failure but where to look (${front})`, () => {
      const outcome = decide(ours, { front, correlationId: "c-1" });

      const reported =
        outcome.kind === "failed"
          ? `${outcome.error.name} ${outcome.error.message} ${outcome.error.stack}`
          : JSON.stringify(outcome.response);
      expect(reported).to.contain("c-1");
      expect(reported).not.to.match(/TypeError|db-7|admin|failure\.ts|function\//);
    });
  }
});
