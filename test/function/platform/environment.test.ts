import { expect } from "chai";
import { callerSettings } from "../../../function/platform/environment.ts";

describe("the environment of the flow", () => {
  it("is strict where it says nothing, but for fronts, which the program always names", () => {
    expect(callerSettings({})).to.deep.equal({
      httpFronts: ["*"],
      answerDirect: false,
      partialBatches: false,
      corsOrigins: [],
    });
  });

  it("says who is answered, and from where HTTP comes", () => {
    const env = {
      HTTP_FRONTS: "api-1, url-2",
      ANSWER_REFUSED_DIRECT_CALLS: "true",
      PARTIAL_BATCH_RESPONSES: "true",
      CORS_ORIGINS: "https://shop.example.com, https://app.example.com",
    };

    expect(callerSettings(env)).to.deep.equal({
      httpFronts: ["api-1", "url-2"],
      answerDirect: true,
      partialBatches: true,
      corsOrigins: ["https://shop.example.com", "https://app.example.com"],
    });
  });

  for (const name of ["ANSWER_REFUSED_DIRECT_CALLS", "PARTIAL_BATCH_RESPONSES"]) {
    it(`is refused by name where ${name} is neither true nor false`, () => {
      expect(() => callerSettings({ [name]: "True" })).to.throw(
        `${name} is "True"; it must be true or false`,
      );
    });
  }
});
