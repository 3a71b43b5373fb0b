import { expect } from "chai";
import { judged } from "../../../ops/replay/invoke.ts";

const answer = (payload: unknown, FunctionError?: string) =>
  judged({
    Payload: Object.assign(Buffer.from(JSON.stringify(payload)), {
      transformToString: () => JSON.stringify(payload),
    }),
    FunctionError,
  });

describe("an answer to a replayed message", () => {
  const successes = [null, "text", { id: "1" }, { statusCode: 200 }, { statusCode: "400" }];
  for (const payload of successes) {
    it(`is a success when it is ${JSON.stringify(payload)}`, () => {
      expect(answer(payload)).to.deep.equal({ ok: true });
    });
  }

  it("is a failure when the function threw", () => {
    const thrown = answer({ errorMessage: "boom" }, "Unhandled");
    expect(thrown).to.deep.equal({ ok: false, error: "boom" });
  });

  it("is a failure when the event was refused: it was not processed", () => {
    const refused = answer({ statusCode: 400, body: '{"message":"Invalid event"}' });
    expect(refused).to.deep.equal({ ok: false, error: "answered 400: Invalid event" });
    expect(answer({ statusCode: 500, body: 7 })).to.deep.include({ error: "answered 500" });
  });
});
