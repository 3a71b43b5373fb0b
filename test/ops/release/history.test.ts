import { expect } from "chai";
import * as fc from "fast-check";
import {
  lastGood,
  type ReleaseRecord,
  type PastDeployment,
  statuses,
} from "../../../ops/release/history.ts";

export const deployment = (of: Partial<PastDeployment>): PastDeployment => ({
  id: "d-1",
  createdMs: Date.parse("2026-11-01T12:00:00Z"),
  status: "Succeeded",
  rollsBack: false,
  from: "1",
  to: "2",
  configName: "CodeDeployDefault.LambdaAllAtOnce",
  ...of,
});

const releaseRecord = (of: Partial<ReleaseRecord>): ReleaseRecord => ({
  version: "2",
  codeSha256: "abc",
  outcome: "bad",
  reason: "orders fail",
  at: "2026-11-02T12:00:00Z",
  by: "arn:aws:iam::123456789012:role/deploy",
  ...of,
});

describe("what is known about versions", () => {
  it("comes from CodeDeploy's deployments: what it moved to is good, what it came from was", () => {
    const known = statuses([deployment({})], []);

    expect(known.get("2")).to.deep.include({
      outcome: "good",
      why: "was released on 2026-11-01 by deployment d-1",
    });
    expect(known.get("1")).to.deep.include({ outcome: "good", why: "served until deployment d-1" });
  });

  for (const errorCode of ["ALARM_ACTIVE", "HOOK_EXECUTION_FAILURE"]) {
    it(`blames the version for ${errorCode}`, () => {
      const known = statuses([deployment({ status: "Failed", errorCode })], []);

      expect(known.get("2")?.outcome).to.equal("bad");
      expect(known.has("1")).to.equal(false);
    });
  }

  for (const errorCode of ["MANUAL_STOP", "IAM_ROLE_PERMISSIONS", "THROTTLED", undefined]) {
    it(`does not blame the version for ${errorCode ?? "an end without a code"}`, () => {
      const known = statuses([deployment({ status: "Stopped", errorCode })], []);

      expect([...known.keys()]).to.deep.equal([]);
    });
  }

  it("ignores deployments that roll back: they would call the version that failed the last one that served", () => {
    const back = deployment({ from: "2", to: "1", rollsBack: true });

    expect([...statuses([back], []).keys()]).to.deep.equal([]);
  });

  it("lets the latest finding win", () => {
    const failed = deployment({
      id: "d-1",
      createdMs: 1,
      status: "Failed",
      errorCode: "ALARM_ACTIVE",
    });
    const retried = deployment({ id: "d-2", createdMs: 2 });

    expect(statuses([failed, retried], []).get("2")?.outcome).to.equal("good");
    expect(statuses([retried, failed], []).get("2")?.outcome).to.equal("good");
    expect(statuses([retried], [releaseRecord({})]).get("2")).to.deep.include({
      outcome: "bad",
      why: "was marked bad on 2026-11-02: orders fail",
    });
  });
});

describe("the last good version", () => {
  const outcome = fc.constantFrom("good" as const, "bad" as const);
  const status = fc.record({ outcome, why: fc.constant(""), atMs: fc.nat(100) });
  const version = fc.nat(20).map((number) => String(number + 1));
  const known = fc.dictionary(version, status).map((of) => new Map(Object.entries(of)));

  it("is the youngest that exists, is good and does not serve", () => {
    fc.assert(
      fc.property(known, fc.array(version), version, (known, existing, current) => {
        const found = lastGood(known, existing, current);
        const fits = (candidate: string) =>
          candidate !== current &&
          existing.includes(candidate) &&
          known.get(candidate)?.outcome === "good";
        const candidates = [...known.keys()].filter(fits);
        if (found === undefined) return candidates.length === 0;
        const age = (of: string) => known.get(of)?.atMs ?? -1;
        return fits(found) && candidates.every((other) => age(other) <= age(found));
      }),
    );
  });
});
