/** Every resource that the template can make has a price, or is known to be free. */
import { expect } from "chai";
import { estimate } from "../../../local/cost/estimate.ts";
import { DEFAULT_USAGE } from "../../../local/cost/usage.ts";
import { EVERY_OPTION } from "../../support/every-option.ts";
import { runProgram } from "../../support/mocks.ts";

describe("the estimate of a stack with every option", () => {
  for (const [what, config] of [
    ["none", {}],
    ["every one", EVERY_OPTION],
  ] as const) {
    it(`leaves no type without a price, with ${what}`, async () => {
      const { resources } = await runProgram({ config });
      const { notPriced, totalUsd } = estimate(resources, DEFAULT_USAGE);
      expect(notPriced).to.deep.equal({});
      expect(totalUsd).to.be.greaterThan(5);
    });
  }
});
