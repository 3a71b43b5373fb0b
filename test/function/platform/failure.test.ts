import { expect } from "chai";
import { RefusedError, UnhandledSourceError } from "../../../function/platform/errors.ts";
import { decide } from "../../../function/platform/failure.ts";
import { json } from "../../../function/platform/response.ts";

const refused = new RefusedError([{ path: "data.id", message: "is required" }], 422);
const ours = new TypeError("connection to db-7.internal refused for user admin");

const reader = (refusalIsRead: boolean, failureIsRead: boolean) => ({
  refusalIsRead,
  failureIsRead,
  correlationId: "c-1",
  respond: (statusCode: number, body: object) => json(statusCode, "c-1", body),
});
const http = reader(true, true);
const direct = reader(true, false);
const nobody = reader(false, false);

describe("decide", () => {
  for (const [who, reader] of Object.entries({ http, direct })) {
    it(`answers the caller's fault with its status and every reason (${who})`, () => {
      const outcome = decide(refused, reader);

      expect(outcome).to.have.nested.property("response.statusCode", 422);
      expect(outcome)
        .to.have.nested.property("response.body")
        .that.contains("data.id")
        .and.contains("is required");
    });
  }

  it("fails the invocation by the caller's fault where nobody reads the answer", () => {
    expect(decide(refused, nobody)).to.have.nested.property(
      "error.message",
      "Event refused, correlation id c-1: data.id is required",
    );
  });

  it("keeps the message of a refusal within what a dead letter keeps", () => {
    const many = Array.from({ length: 20 }, () => ({ path: "p", message: "m".repeat(200) }));

    expect(decide(new RefusedError(many), nobody))
      .to.have.nested.property("error.message")
      .that.has.length.below(1000);
  });

  it("answers our failure with 500 for HTTP, and fails the invocation for everyone else", () => {
    expect(decide(ours, http)).to.have.nested.property("response.statusCode", 500);
    for (const reader of [direct, nobody]) {
      expect(decide(ours, reader)).to.have.property("kind", "failed");
    }
  });

  it("fails by an unhandled source, whoever reads, and says where to add it", () => {
    expect(decide(new UnhandledSourceError("sqs", ""), http))
      .to.have.nested.property("error.message")
      .that.contains(`"sqs"`)
      .and.contains("function/domain/index.ts");
  });

  for (const [who, reader] of Object.entries({ http, direct, nobody })) {
    it(`tells nothing of our failure but where to look (${who})`, () => {
      const outcome = decide(ours, reader);

      const reported =
        outcome.kind === "failed"
          ? `${outcome.error.name} ${outcome.error.message} ${outcome.error.stack}`
          : JSON.stringify(outcome.response);
      expect(reported).to.contain("c-1");
      expect(reported).not.to.match(/db-7|admin|failure\.ts|function\//);
    });
  }
});
