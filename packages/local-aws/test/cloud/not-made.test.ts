import { expect } from "chai";
import { isMade, MADE_TYPES } from "../../cloud/backend.ts";
import { consequenceOf, MISSED_TYPES } from "../../cloud/not-made.ts";
import { sdkResource } from "../../provider/sdk.ts";

describe("what the local cloud does not make", () => {
  it("says what it means for the types that somebody may wait for", () => {
    expect(consequenceOf("aws:pipes/pipe:Pipe")).to.match(/^it will never call the function/);
    expect(consequenceOf("aws:kinesis/stream:Stream")).to.contain("there is none");
    expect(consequenceOf("aws:glacier/vault:Vault")).to.contain("in Pulumi's state alone");
  });

  it("is of the SDK's types, like what it makes", () => {
    const all = [...MADE_TYPES, ...MISSED_TYPES];

    expect(all.filter((type) => sdkResource(type) === undefined)).to.deep.equal([]);
    expect(MISSED_TYPES.filter(isMade)).to.deep.equal([]);
  });
});
