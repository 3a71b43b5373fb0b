import { expect } from "chai";
import * as fc from "fast-check";
import type { PastDeployment, ReleaseRecord, VersionStatus } from "../../../ops/release/history.ts";
import { planRelease, type ReleaseOptions, type Snapshot } from "../../../ops/release/plan.ts";

const version = (number: string) => ({
  version: number,
  exists: true,
  roleArn: "role",
  deadLetterArn: "queue",
});
const good: VersionStatus = { outcome: "good", why: "was judged good", order: 1 };
const bad: VersionStatus = { outcome: "bad", why: "failed", order: 1 };
const unjudged: VersionStatus = { outcome: "unjudged", why: "has not been judged", order: 1 };
const record: ReleaseRecord = {
  version: "8",
  codeSha256: "abc",
  outcome: "unjudged",
  reason: "3 of 30 calls judged it",
  deploymentId: "d-8",
  at: "2026-11-02T12:00:00Z",
  by: "arn",
};
const active = (of: Partial<PastDeployment> = {}): PastDeployment => ({
  id: "d-9",
  createdMs: 9,
  status: "InProgress",
  rollsBack: false,
  from: "7",
  to: "8",
  configName: "CodeDeployDefault.LambdaAllAtOnce",
  description: "",
  alarmNames: [],
  ...of,
});
const ended = active({ status: "Succeeded" });

/** Version 7 serves, version 8 was deployed, nothing is wrong. */
const ready: Snapshot = {
  stack: "production",
  published: version("8"),
  alias: { version: "7", weights: {} },
  serving: version("7"),
  known: new Map([["7", good]]),
};
/** Version 8 serves already. */
const settled: Snapshot = {
  ...ready,
  alias: { version: "8", weights: {} },
  serving: version("8"),
};

describe("the plan of a release", () => {
  type Case = [what: string, state: Snapshot, options: ReleaseOptions, expected: object];
  const cases: Case[] = [
    ["moves", ready, {}, { kind: "move", from: "7", to: "8" }],
    ["has nothing to do", { ...settled, known: new Map([["8", good]]) }, {}, { kind: "nothing" }],
    ["tries a first version", settled, {}, { kind: "try", version: "8" }],
    [
      "does not try a first version again that failed",
      { ...settled, known: new Map([["8", bad]]) },
      {},
      { kind: "refuse", allowedBy: "retry" },
    ],
    [
      "tries it again when told",
      { ...settled, known: new Map([["8", bad]]) },
      { retry: true },
      { kind: "try", version: "8" },
    ],
    [
      "follows its own deployment",
      { ...ready, active: active() },
      {},
      { kind: "follow", ours: true },
    ],
    [
      "refuses while another version is released",
      { ...ready, active: active({ to: "6" }) },
      {},
      { kind: "refuse", allowedBy: "follow" },
    ],
    [
      "follows another's deployment when told",
      { ...ready, active: active({ to: "6" }) },
      { follow: true },
      { kind: "follow", ours: false },
    ],
    [
      "does not take a rollback for its own deployment",
      { ...ready, active: active({ rollsBack: true }) },
      {},
      { kind: "refuse", allowedBy: "follow" },
    ],
    [
      "is not held up by deployments that are over",
      { ...ready, active: active({ status: "Stopped" }) },
      {},
      { kind: "move" },
    ],
    [
      "refuses weights that were left over",
      { ...ready, alias: { version: "7", weights: { "8": 0.1 } } },
      {},
      { kind: "refuse" },
    ],
    [
      "refuses a version that has failed",
      { ...ready, known: new Map([["8", bad]]) },
      {},
      { kind: "refuse", allowedBy: "retry" },
    ],
    [
      "releases it again when told",
      { ...ready, known: new Map([["8", bad]]) },
      { retry: true },
      { kind: "move" },
    ],
    [
      "judges a deployment that ended while nobody followed it, also when it has failed",
      { ...ready, unrecorded: active({ status: "Stopped" }) },
      {},
      { kind: "judge", deployment: active({ status: "Stopped" }) },
    ],
    [
      "says that there is nothing to do only after a record of the judgement",
      { ...settled, unrecorded: ended },
      {},
      { kind: "judge", deployment: ended },
    ],
    [
      "repeats that nothing has judged the version",
      { ...settled, known: new Map([["8", unjudged]]), last: record },
      {},
      { kind: "repeat", record },
    ],
    [
      "judges it again when told",
      { ...settled, known: new Map([["8", unjudged]]), last: record },
      { retry: true },
      { kind: "try", version: "8" },
    ],
    [
      "refuses a version that is gone",
      { ...ready, published: { version: "8", exists: false } },
      {},
      { kind: "refuse" },
    ],
    [
      "refuses to go back: that is what a rollback is for",
      { ...ready, published: version("6") },
      {},
      { kind: "refuse" },
    ],
    [
      "compares versions as numbers",
      { ...ready, published: version("10"), serving: version("9") },
      {},
      { kind: "move", from: "9", to: "10" },
    ],
    [
      "refuses versions with different roles",
      { ...ready, published: { ...version("8"), roleArn: "other" } },
      {},
      { kind: "refuse" },
    ],
    [
      "refuses versions with different dead-letter queues",
      { ...ready, published: { ...version("8"), deadLetterArn: undefined } },
      {},
      { kind: "refuse" },
    ],
  ];
  for (const [what, state, options, expected] of cases) {
    it(what, () => {
      expect(planRelease(state, options)).to.deep.include(expected);
    });
  }

  const flag = fc.boolean();
  const anyState: fc.Arbitrary<Snapshot> = fc
    .record({
      published: fc.constantFrom("7", "8", "9"),
      exists: flag,
      alias: fc.constantFrom("7", "8"),
      weights: fc.constantFrom<Readonly<Record<string, number>>>({}, {}, { "8": 0.1 }),
      active: fc.option(
        fc
          .record({ status: fc.constantFrom("InProgress", "Succeeded", "Failed"), rollsBack: flag })
          .map(active),
        { nil: undefined },
      ),
      unrecorded: fc.option(fc.constant(ended), { nil: undefined }),
      known: fc.dictionary(fc.constantFrom("7", "8", "9"), fc.constantFrom(good, bad, unjudged)),
    })
    .map(({ published, exists, alias, weights, active, unrecorded, known }) => ({
      stack: "production",
      published: { ...version(published), exists },
      alias: { version: alias, weights },
      serving: version(alias),
      active,
      unrecorded,
      known: new Map(Object.entries(known)),
      last: record,
    }));
  const anyOptions = fc.record({ retry: flag, follow: flag });

  it("never moves where CodeDeploy would refuse, nor to a version that is known to be bad", () => {
    fc.assert(
      fc.property(anyState, anyOptions, (state, options) => {
        const plan = planRelease(state, options);
        if (plan.kind !== "move") return;
        expect(state.alias.weights).to.deep.equal({});
        expect(state.active?.status).to.not.equal("InProgress");
        expect(state.unrecorded).to.equal(undefined);
        expect(plan.from).to.not.equal(plan.to);
        expect(state.published.exists).to.equal(true);
        if (!options.retry) expect(state.known.get(plan.to)?.outcome).to.not.equal("bad");
      }),
    );
  });

  it("never says that there is nothing to do, nor that it is released, without a judgement", () => {
    fc.assert(
      fc.property(anyState, anyOptions, (state, options) => {
        if (planRelease(state, options).kind !== "nothing") return;
        expect(state.known.get(state.published.version)?.outcome).to.equal("good");
        expect(state.alias).to.deep.equal({ version: state.published.version, weights: {} });
        expect(state.unrecorded).to.equal(undefined);
      }),
    );
  });

  it("says with every refusal what to do, and the option that it names does allow it", () => {
    fc.assert(
      fc.property(anyState, (state) => {
        const plan = planRelease(state);
        if (plan.kind !== "refuse") return;
        expect(plan.problem).to.not.equal("");
        expect(plan.remedy).to.not.equal("");
        if (!plan.allowedBy) return;
        const allowed = planRelease(state, { [plan.allowedBy]: true });
        if (allowed.kind === "refuse") expect(allowed.allowedBy).to.not.equal(plan.allowedBy);
      }),
    );
  });
});
