import { expect } from "chai";
import { explained } from "../../../ops/support/aws.ts";
import { Refused } from "../../../ops/support/refused.ts";

const error = (name: string, message = "What AWS says.") =>
  Object.assign(new Error(message), { name });

describe("an error of AWS", () => {
  const cases: [name: string, remedy: string][] = [
    ["ExpiredToken", "the credentials have expired; sign in again"],
    ["ExpiredTokenException", "sign in again"],
    ["CredentialsProviderError", "no credentials were found"],
    ["UnrecognizedClientException", "does not know these credentials"],
    ["AccessDenied", "use the deploy role"],
    ["AccessDeniedException", "use the deploy role"],
    ["ThrottlingException", "in a minute"],
  ];
  for (const [name, remedy] of cases) {
    it(`${name} becomes one line with a remedy`, () => {
      const refused = explained(error(name, "What AWS says.\nand more"));

      expect(refused).to.be.instanceOf(Refused);
      expect((refused as Error).message)
        .to.match(/^What AWS says; /)
        .and.contain(remedy);
    });
  }

  it("that comes from the network says so", () => {
    const refused = explained(Object.assign(error("Error"), { code: "ECONNREFUSED" }));

    expect((refused as Error).message).to.contain("AWS cannot be reached (ECONNREFUSED)");
  });

  it("that is not known stays what it is: a defect keeps its stack trace", () => {
    const unknown = error("TypeError");
    const refused = new Refused("no");

    expect(explained(unknown)).to.equal(unknown);
    expect(explained(refused)).to.equal(refused);
    expect(explained("text")).to.equal("text");
  });
});
