import { expect } from "chai";
import * as fc from "fast-check";
import {
  lastGood,
  type Outcome,
  type PastDeployment,
  type ReleaseRecord,
  statuses,
} from "../../../ops/release/history.ts";
import { unrecorded } from "../../../ops/release/state.ts";

const releaseRecord = (of: Partial<ReleaseRecord> = {}): ReleaseRecord => ({
  version: "2",
  codeSha256: "abc",
  outcome: "released",
  reason: "deployment d-1",
  at: "2026-11-02T12:00:00Z",
  by: "arn:aws:iam::123456789012:role/deploy",
  ...of,
});

describe("what is known about versions", () => {
  const meanings: [Outcome, string | undefined][] = [
    ["released", "good"],
    ["unjudged", "unjudged"],
    ["failed", "bad"],
    ["rolled back", "bad"],
    // What judges did not work, or somebody stopped it: that says nothing about the version.
    ["guard failed", undefined],
    ["stopped", undefined],
  ];
  for (const [outcome, expected] of meanings) {
    it(`is ${expected ?? "nothing"} after ${outcome}`, () => {
      expect(statuses([releaseRecord({ outcome })]).get("2")?.outcome).to.equal(expected);
    });
  }

  it("says why, with the day", () => {
    expect(
      statuses([releaseRecord({ outcome: "failed", reason: "orders fail" })]).get("2")?.why,
    ).to.equal("failed on 2026-11-02: orders fail");
  });

  it("takes what served before a release for good, unless something is known of it", () => {
    expect(statuses([releaseRecord({ from: "1" })]).get("1")?.outcome).to.equal("good");
    const failed = releaseRecord({ version: "1", outcome: "failed" });
    expect(statuses([failed, releaseRecord({ from: "1" })]).get("1")?.outcome).to.equal("bad");
  });

  it("goes by the order of the records, whatever the clock of their writer said", () => {
    const good = releaseRecord({ at: "2026-11-02T12:00:00Z" });
    const bad = releaseRecord({ outcome: "rolled back", at: "2026-11-02T11:00:00Z" });

    expect(statuses([good, bad]).get("2")?.outcome).to.equal("bad");
    expect(statuses([bad, good]).get("2")?.outcome).to.equal("good");
  });

  it("is not changed by a later release that judged nothing", () => {
    const bad = releaseRecord({ outcome: "failed" });
    expect(statuses([bad, releaseRecord({ outcome: "stopped" })]).get("2")?.outcome).to.equal(
      "bad",
    );
  });
});

describe("a deployment without a verdict", () => {
  const ended = (of: Partial<PastDeployment> = {}): PastDeployment => ({
    id: "d-1",
    createdMs: Date.parse("2026-11-02T11:50:00Z"),
    completedMs: Date.parse("2026-11-02T11:56:00Z"),
    status: "Succeeded",
    rollsBack: false,
    from: "1",
    to: "2",
    configName: "CodeDeployDefault.LambdaAllAtOnce",
    description: "",
    alarmNames: [],
    ...of,
  });

  it("is the newest one to the version, in whatever order CodeDeploy lists them", () => {
    const older = ended({ id: "d-0", createdMs: 0 });
    expect(unrecorded([older, ended()], [], "2", true)?.id).to.equal("d-1");
    expect(unrecorded([ended(), older], [], "2", true)?.id).to.equal("d-1");
  });

  it("is none that a record names, that a later record settles, of another version, or that rolls back", () => {
    expect(unrecorded([ended()], [releaseRecord({ deploymentId: "d-1" })], "2", true)).to.equal(
      undefined,
    );
    expect(unrecorded([ended()], [releaseRecord({ outcome: "rolled back" })], "2", true)).to.equal(
      undefined,
    );
    expect(unrecorded([ended({ to: "3" })], [], "2", true)).to.equal(undefined);
    expect(unrecorded([ended({ rollsBack: true })], [], "2", true)).to.equal(undefined);
  });

  it("agrees with the alias: one that failed says nothing of a version that serves", () => {
    const failed = ended({ id: "d-2", createdMs: Date.now(), status: "Failed" });
    expect(unrecorded([ended(), failed], [], "2", true)?.id).to.equal("d-1");
    expect(unrecorded([ended(), failed], [], "2", false)?.id).to.equal("d-2");
  });

  it("is one that is newer than what is recorded: a second try of the same version", () => {
    const first = releaseRecord({ at: "2026-11-02T11:00:00Z", deploymentId: "d-0" });
    expect(unrecorded([ended()], [first], "2", true)?.id).to.equal("d-1");
  });
});

describe("the last good version", () => {
  const outcome = fc.constantFrom("good" as const, "bad" as const, "unjudged" as const);
  const status = fc.record({ outcome, why: fc.constant(""), order: fc.nat(100) });
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
        const age = (of: string) => known.get(of)?.order ?? -1;
        return fits(found) && candidates.every((other) => age(other) <= age(found));
      }),
    );
  });
});
