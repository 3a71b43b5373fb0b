import { expect } from "chai";
import * as fc from "fast-check";
import { expectedCalls, extended, shiftOf } from "../../../infra/release/shift.ts";
import { answered, callsDue, planTraffic } from "../../../ops/release/traffic.ts";

const PREFIX = "CodeDeployDefault.Lambda";
const canary = shiftOf(`${PREFIX}Canary10Percent5Minutes`);
const atOnce = shiftOf(`${PREFIX}AllAtOnce`);

describe("a shift", () => {
  const cases: [name: string, windowMinutes: number, averageShare: number][] = [
    ["AllAtOnce", 0, 0],
    ["Canary10Percent30Minutes", 30, 0.1],
    ["Linear10PercentEvery1Minute", 9, 0.5],
    ["Linear10PercentEvery3Minutes", 27, 0.5],
  ];
  for (const [name, windowMinutes, averageShare] of cases) {
    it(`${name} has a window of ${windowMinutes} minutes`, () => {
      expect(shiftOf(PREFIX + name)).to.deep.include({ windowMinutes, averageShare });
    });
  }

  it("is made longer just as far as the traffic needs, and never changes its kind", () => {
    const nameFor = (name: string, callsPerMinute: number) =>
      extended(shiftOf(PREFIX + name), callsPerMinute, 30).configName.slice(PREFIX.length);

    expect(nameFor("Canary10Percent5Minutes", 100)).to.equal("Canary10Percent5Minutes");
    expect(nameFor("Canary10Percent5Minutes", 20)).to.equal("Canary10Percent15Minutes");
    expect(nameFor("Canary10Percent5Minutes", 1)).to.equal("Canary10Percent30Minutes");
    expect(nameFor("Canary10Percent15Minutes", 100)).to.equal("Canary10Percent15Minutes");
    expect(nameFor("Linear10PercentEvery1Minute", 3)).to.equal("Linear10PercentEvery3Minutes");
    expect(nameFor("AllAtOnce", 0)).to.equal("AllAtOnce");
  });
});

describe("the guard for low traffic", () => {
  const facts = { shift: canary, callsPerMinute: 0, minimum: 30 };

  it("lets a busy service go without synthetic calls at first", () => {
    const plan = planTraffic({ ...facts, callsPerMinute: 200, lowTraffic: "synthetic" });
    expect(plan).to.deep.equal({ kind: "go", shift: canary, enough: true, synthetic: true });
  });

  it("sends synthetic calls where there is no traffic", () => {
    const plan = planTraffic({ ...facts, lowTraffic: "synthetic" });
    expect(plan).to.deep.equal({ kind: "go", shift: canary, enough: false, synthetic: true });
  });

  it("takes a longer canary where it is told to", () => {
    const plan = planTraffic({ ...facts, callsPerMinute: 30, lowTraffic: "extend" });
    expect(plan).to.deep.include({ kind: "go", synthetic: false });
    expect(plan).to.have.nested.property("shift.windowMinutes", 10);
  });

  it("refuses where it is told to, but not what is just enough, nor a shift without a canary", () => {
    const planOf = (callsPerMinute: number, shift = canary) =>
      planTraffic({ ...facts, shift, callsPerMinute, lowTraffic: "refuse" }).kind;

    expect(planOf(59)).to.equal("refuse");
    expect(planOf(60)).to.equal("go");
    expect(planOf(0, atOnce)).to.equal("go");
  });

  it("counts real and synthetic calls apart: whoever else makes synthetic ones is in neither", () => {
    expect(answered({ real: 3, synthetic: 7 })).to.equal(10);
  });

  it("has the minimum by the middle of the window, with no call more than it needs", () => {
    const polls = 60;
    let synthetic = 0;
    for (let poll = 0; poll <= polls / 2; poll++) {
      synthetic += callsDue(
        { real: 0, synthetic },
        30,
        { elapsedPart: poll / polls, polls },
        false,
      );
    }
    expect(synthetic).to.equal(30);
  });

  it("waits for the middle where real calls should be enough", () => {
    const due = (elapsedPart: number) =>
      callsDue({ real: 0, synthetic: 0 }, 30, { elapsedPart, polls: 60 }, true);

    expect(due(0.4)).to.equal(0);
    expect(due(0.5)).to.be.greaterThan(0);
  });

  it("never calls when nothing is missing, and never in a flood", () => {
    const moment = fc.record({
      elapsedPart: fc.double({ min: 0, max: 2, noNaN: true }),
      polls: fc.integer({ min: 1, max: 400 }),
    });
    const calls = fc.record({ real: fc.nat(100), synthetic: fc.nat(100) });
    fc.assert(
      fc.property(calls, fc.integer({ min: 1, max: 100 }), moment, (calls, minimum, moment) => {
        const due = callsDue(calls, minimum, moment, false);
        expect(due).to.be.within(0, 50);
        if (answered(calls) >= minimum) expect(due).to.equal(0);
      }),
    );
  });

  it("expects what the facts say: 300 calls in a canary of ten percent give 30", () => {
    expect(expectedCalls(canary, 60)).to.equal(30);
  });
});
