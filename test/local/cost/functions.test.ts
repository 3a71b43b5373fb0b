/** What a function beside the service's own costs at rest is what docs/extending.md says. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { estimate } from "../../../local/cost/estimate.ts";
import { DEFAULT_USAGE } from "../../../local/cost/usage.ts";
import { PROJECT_ROOT } from "../../../ops/support/project.ts";
import { runProgram } from "../../support/mocks.ts";
import { SECOND_FUNCTION } from "../../support/second-function.ts";

describe("the estimate of a stack with a further function", () => {
  it("counts what is there at rest, leaves none of it without a price, and is the figure of the page", async () => {
    const totalOf = async (functions?: string) => {
      // A canary brings two alarms more.
      const config = { trafficShift: "AllAtOnce" };
      const { resources } = await runProgram({ config, ...(functions && { functions }) });
      const name = "ledger-function-staging";
      const { notPriced, totalUsd } = estimate(resources, DEFAULT_USAGE, name);
      expect(notPriced).to.deep.equal({});
      return totalUsd;
    };
    const restUsd = (await totalOf(SECOND_FUNCTION)) - (await totalOf());
    const page = readFileSync(join(PROJECT_ROOT, "docs/extending.md"), "utf8");
    const [, said = ""] = /At rest it costs some ([\d.]+) USD a month/.exec(page) ?? [];
    // The tests' own function has one alarm more than every function.
    expect(restUsd - 0.1).to.be.closeTo(Number(said), 0.1);
  });
});
