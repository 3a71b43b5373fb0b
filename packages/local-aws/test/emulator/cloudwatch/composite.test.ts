import { expect } from "chai";
import type { AlarmState } from "../../../emulator/cloudwatch/evaluation.ts";
import { ActionSuppressor, alarmsOf, ruleHolds } from "../../../emulator/cloudwatch/composite.ts";

const red =
  (...names: string[]) =>
  (name: string): AlarmState =>
    names.includes(name) ? "ALARM" : "OK";

describe("a composite alarm", () => {
  it("joins states by OR, AND and NOT, AND first", () => {
    const rule = '(ALARM("a") OR ALARM("b")) AND NOT ALARM("c")';

    expect(ruleHolds(rule, red("a"))).to.equal(true);
    expect(ruleHolds(rule, red("b"))).to.equal(true);
    expect(ruleHolds(rule, red("a", "c"))).to.equal(false);
    expect(ruleHolds(rule, red())).to.equal(false);
    expect(ruleHolds('ALARM("a") OR ALARM("b") AND OK("c")', red("a", "c"))).to.equal(true);
  });

  it("refuses a rule that it cannot read", () => {
    expect(() => ruleHolds('ALARM("a") ALARM("b")', red())).to.throw("unexpected ALARM");
    expect(() => ruleHolds('RED("a")', red())).to.throw("unexpected RED");
    expect(() => ruleHolds("AT_LEAST(many, ALARM, (a))", red())).to.throw("AT_LEAST");
  });

  it("counts by AT_LEAST, in numbers and in percent", () => {
    expect(ruleHolds("AT_LEAST(2, ALARM, (a, b, c))", red("a", "c"))).to.equal(true);
    expect(ruleHolds("AT_LEAST(2, ALARM, (a, b, c))", red("c"))).to.equal(false);
    expect(ruleHolds("AT_LEAST(50%, ALARM, (a, b))", red("b"))).to.equal(true);
    expect(ruleHolds("AT_LEAST(1, NOT ALARM, (a, b))", red("a", "b"))).to.equal(false);
  });

  it("names alarms with and without quotes, and by their ARNs", () => {
    const rule = 'ALARM(a) AND ALARM("b c") AND ALARM(arn:aws:cloudwatch:r:1:alarm:d)';

    expect(ruleHolds(rule, red("a", "b c", "d"))).to.equal(true);
    expect(alarmsOf(rule)).to.deep.equal(["a", "b c", "d"]);
  });

  it("acts once, at once, without a suppressor", () => {
    const actions = new ActionSuppressor();

    expect(actions.acts(true, false, 0)).to.equal(true);
    expect(actions.acts(true, false, 60)).to.equal(false);
    expect(actions.acts(false, false, 120), "it is over").to.equal(true);
    expect(actions.acts(true, false, 180)).to.equal(true);
  });

  it("waits for its suppressor, stays silent while that is red, and acts when it goes on afterwards", () => {
    const actions = new ActionSuppressor({ waitMs: 120, extensionMs: 300 });

    expect(actions.acts(true, false, 0)).to.equal(false);
    expect(actions.acts(true, true, 60)).to.equal(false);
    expect(actions.acts(true, true, 600)).to.equal(false);
    expect(actions.acts(true, false, 660)).to.equal(false);
    expect(actions.acts(true, false, 960)).to.equal(true);
  });

  it("says that it is over once it may, also of what it never told", () => {
    const actions = new ActionSuppressor({ waitMs: 120, extensionMs: 300 });

    expect(actions.acts(true, true, 0)).to.equal(false);
    expect(actions.acts(false, true, 60)).to.equal(false);
    expect(actions.acts(false, false, 120)).to.equal(false);
    expect(actions.acts(false, false, 360)).to.equal(true);
    expect(actions.acts(false, false, 420)).to.equal(false);
  });

  it("acts after the wait where the suppressor stays quiet", () => {
    const actions = new ActionSuppressor({ waitMs: 120, extensionMs: 300 });

    expect(actions.acts(true, false, 0)).to.equal(false);
    expect(actions.acts(true, false, 120)).to.equal(true);
  });
});
