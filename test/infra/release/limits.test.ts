import { expect } from "chai";
import { longestReleaseMinutes, PIPELINE_LIMITS } from "../../../infra/release/limits.ts";
import { shiftOf } from "../../../infra/release/shift.ts";
import { checkTime } from "../../../ops/release/time-limit.ts";

const shift = (name: string) => shiftOf(`CodeDeployDefault.Lambda${name}`);
const of = (name: string, mayExtend = false) => ({
  shift: shift(name),
  hookTimeoutSeconds: 240,
  mayExtend,
});

describe("the longest time of a release", () => {
  // The hook's four minutes and the start of it, the shift, two minutes of metrics, and a rollback.
  const cases: [name: string, mayExtend: boolean, minutes: number][] = [
    ["AllAtOnce", false, 13],
    ["Canary10Percent5Minutes", false, 18],
    ["Canary10Percent5Minutes", true, 43],
    ["Linear10PercentEvery10Minutes", false, 103],
  ];
  for (const [name, mayExtend, minutes] of cases) {
    it(`by ${name}${mayExtend ? ", which may be extended," : ""} is ${minutes} minutes`, () => {
      expect(longestReleaseMinutes(of(name, mayExtend))).to.equal(minutes);
    });
  }

  it("is refused beforehand where the step or the credentials end first", () => {
    const linear = of("Linear10PercentEvery10Minutes");

    expect(() => checkTime(linear, { limitMinutes: 40 })).to.throw(
      /103 minutes.*--time-limit allows 40/,
    );
    expect(() => checkTime(linear, { credentialsMinutes: 60 })).to.throw(/credentials end in 60/);
    expect(checkTime(linear, { limitMinutes: 103, credentialsMinutes: 103 })).to.equal(103);
    expect(checkTime(linear, {})).to.equal(103);
  });
});

describe("what the pipeline allows", () => {
  it("holds the longest shift with the longest hook, in the step, the job and the session", () => {
    const longest = 15 + 2 + 90 + 2 + 5;

    expect(PIPELINE_LIMITS.releaseMinutes).to.be.at.least(longest);
    expect(PIPELINE_LIMITS.jobMinutes).to.be.greaterThan(PIPELINE_LIMITS.releaseMinutes);
    expect(PIPELINE_LIMITS.sessionSeconds / 60).to.be.greaterThan(PIPELINE_LIMITS.releaseMinutes);
  });

  it("is within what AWS and GitHub allow: 12 hours and 6", () => {
    expect(PIPELINE_LIMITS.sessionSeconds).to.be.at.most(12 * 3600);
    expect(PIPELINE_LIMITS.jobMinutes).to.be.at.most(360);
  });
});
