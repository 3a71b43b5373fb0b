import { expect } from "chai";
import * as fc from "fast-check";
import { hookBudget } from "../../../infra/release/hook-budget.ts";

describe("the budget of the pre-traffic hook", () => {
  it("holds every call that is allowed: 20 calls of 8 s", () => {
    const budget = hookBudget({ events: 4, timeoutSeconds: 30, slowestCallMs: 8000 });

    expect(budget).to.deep.equal({ rounds: 5, timeoutSeconds: 242 });
  });

  it("makes fewer rounds where five would not fit into Lambda's 15 minutes", () => {
    const budget = hookBudget({ events: 4, timeoutSeconds: 120, slowestCallMs: 60_000 });

    expect(budget.rounds).to.equal(3);
    expect(budget.timeoutSeconds).to.be.at.most(900);
  });

  it("is never longer than Lambda allows, never without a round, and enough wherever one fits", () => {
    const anyService = fc.record({
      events: fc.integer({ min: 1, max: 20 }),
      timeoutSeconds: fc.integer({ min: 1, max: 900 }),
      slowestCallMs: fc.integer({ min: 1, max: 900_000 }),
    });
    fc.assert(
      fc.property(anyService, (of) => {
        const { rounds, timeoutSeconds } = hookBudget(of);
        expect(rounds).to.be.within(1, 5);
        expect(timeoutSeconds).to.be.at.most(900);
        const calls = of.timeoutSeconds + ((rounds * of.events - 1) * of.slowestCallMs) / 1000;
        if (rounds > 1) expect(timeoutSeconds).to.be.greaterThan(calls);
      }),
    );
  });
});
