import { expect } from "chai";
import * as fc from "fast-check";
import {
  type Outcome,
  type PastDeployment,
  type ReleaseRecord,
  statuses,
} from "../../../ops/release/history.ts";
import {
  planRollback,
  type RollbackOptions,
  type RollbackSnapshot,
} from "../../../ops/rollback/plan.ts";

const record = (
  version: string,
  outcome: Outcome = "released",
  of: Partial<ReleaseRecord> = {},
): ReleaseRecord => ({
  version,
  outcome,
  codeSha256: "abc",
  reason: "a test",
  at: "2026-11-02T12:00:00Z",
  by: "arn",
  ...of,
});
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

/** Version 8 serves; 7 did before, and 6 before that. */
const released: RollbackSnapshot = {
  stack: "production",
  published: "8",
  alias: { version: "8", weights: {} },
  records: [record("6"), record("7"), record("8")],
  existing: ["5", "6", "7", "8"],
};
const and = (...records: ReleaseRecord[]) => [...released.records, ...records];
/** Version 8 was rolled back by hand; version 7 serves. */
const wentBack: RollbackSnapshot = {
  ...released,
  alias: { version: "7", weights: {} },
  records: and(record("8", "rolled back", { to: "7" })),
};
/** Version 8 failed its own canary; version 7 serves as before. */
const failedRelease: RollbackSnapshot = {
  ...wentBack,
  records: [record("6"), record("7"), record("8", "failed", { deploymentId: "d-8" })],
};
const canary: RollbackSnapshot = {
  ...released,
  alias: { version: "7", weights: { "8": 0.1 } },
  records: [record("6"), record("7")],
  active: active(),
};

describe("the plan of a rollback", () => {
  type Case = [what: string, state: RollbackSnapshot, options: RollbackOptions, expected: object];
  const cases: Case[] = [
    ["goes to the last good version", released, {}, { kind: "back", to: "7", bad: ["8"] }],
    ["goes where it is told", released, { to: "5" }, { kind: "back", to: "5", bad: ["8"] }],
    [
      "skips a version that is bad",
      { ...released, records: and(record("7", "rolled back", { to: "6" }), record("8")) },
      {},
      { kind: "back", to: "6" },
    ],
    [
      "skips a version that nothing has judged",
      { ...released, records: [record("6"), record("7", "unjudged"), record("8")] },
      {},
      { kind: "back", to: "6" },
    ],
    [
      "skips a version that is gone",
      { ...released, existing: ["6", "8"] },
      {},
      { kind: "back", to: "6" },
    ],
    [
      "goes to a version that served until the release when nothing better is known",
      { ...released, records: [record("8", "released", { from: "7" })] },
      {},
      { kind: "back", to: "7" },
    ],
    ["refuses a version that is not there", released, { to: "4" }, { kind: "refuse" }],
    [
      "refuses when nothing is known to have worked",
      { ...released, records: [] },
      {},
      { kind: "refuse" },
    ],
    [
      "stops an active deployment and goes back to where it came from",
      canary,
      {},
      { kind: "back", to: "7", bad: ["8"], stop: active() },
    ],
    [
      "waits for a rollback that is going on",
      { ...canary, active: active({ from: "8", to: "7", rollsBack: true }) },
      {},
      { kind: "back", to: "7", bad: ["8"] },
    ],
    [
      "takes away weights that were left over",
      { ...canary, active: undefined },
      {},
      { kind: "back", to: "7", bad: ["8"], stop: undefined },
    ],
    ["does not go back twice", wentBack, {}, { kind: "nothing" }],
    ["goes back further when told", wentBack, { to: "6" }, { kind: "back", to: "6", bad: ["7"] }],
    [
      "leaves the serving version although the newest one has failed its own release",
      failedRelease,
      {},
      { kind: "back", to: "6", bad: ["7"] },
    ],
    [
      "leaves a version that a rollback went to once something has happened since",
      { ...wentBack, records: [...wentBack.records, record("9", "failed")] },
      {},
      { kind: "back", to: "6", bad: ["7"] },
    ],
    [
      "moves the alias although the record was written and the move was not: a run that was killed",
      { ...released, records: and(record("8", "rolled back", { to: "7" })) },
      {},
      { kind: "back", to: "7", bad: ["8"] },
    ],
    ["does nothing when told where it is", wentBack, { to: "7" }, { kind: "nothing" }],
    [
      "leaves a serving version alone when the release never reached it",
      { ...released, published: "9", existing: [...released.existing, "9"] },
      { ifUnfinished: true },
      { kind: "nothing" },
    ],
    [
      "leaves a version alone that has passed its release",
      released,
      { ifUnfinished: true },
      { kind: "nothing" },
    ],
    [
      "goes back for a pipeline when the version deployed last serves without having passed",
      { ...released, records: [record("7")] },
      { ifUnfinished: true },
      { kind: "back", to: "7" },
    ],
    [
      "goes back for a pipeline when nothing has judged the version",
      { ...released, records: [record("7"), record("8", "unjudged")] },
      { ifUnfinished: true },
      { kind: "back", to: "7" },
    ],
    [
      "goes back for a pipeline when it has a share",
      { ...canary, active: undefined },
      { ifUnfinished: true },
      { kind: "back", to: "7" },
    ],
    ["going forward blames nobody", wentBack, { to: "8" }, { kind: "back", to: "8", bad: [] }],
  ];
  for (const [what, state, options, expected] of cases) {
    it(what, () => {
      expect(planRollback(state, options)).to.deep.include(expected);
    });
  }

  const version = fc.constantFrom("5", "6", "7", "8");
  const outcome = fc.constantFrom<Outcome>(
    "released",
    "unjudged",
    "failed",
    "guard failed",
    "stopped",
    "rolled back",
  );
  const anyState: fc.Arbitrary<RollbackSnapshot> = fc.record({
    stack: fc.constant("production"),
    published: version,
    alias: fc.record({
      version,
      weights: fc.constantFrom<Readonly<Record<string, number>>>({}, { "8": 0.1 }),
    }),
    active: fc.option(
      fc.record({ status: fc.constantFrom("InProgress", "Failed"), to: version }).map(active),
      { nil: undefined },
    ),
    records: fc.array(
      fc
        .tuple(version, outcome, version)
        .map(([of, how, to]) => record(of, how, how === "rolled back" ? { to } : {})),
      { maxLength: 8 },
    ),
    existing: fc.constant(["5", "6", "7", "8"]),
  });

  it("done once, is done: what follows finds nothing to do", () => {
    fc.assert(
      fc.property(anyState, (state) => {
        const plan = planRollback(state);
        if (plan.kind !== "back") return;
        // Going forward, and taking away a share of an older version, leave no record behind.
        fc.pre(plan.bad.length > 0);
        const after: RollbackSnapshot = {
          ...state,
          alias: { version: plan.to, weights: {} },
          active: undefined,
          records: [
            ...state.records,
            ...plan.bad.map((of) => record(of, "rolled back", { to: plan.to })),
          ],
        };
        expect(planRollback(after).kind).to.equal("nothing");
      }),
    );
  });

  it("never chooses a version by itself that was not judged good, and never blames where it goes", () => {
    fc.assert(
      fc.property(anyState, (state) => {
        const plan = planRollback(state);
        if (plan.kind !== "back") return;
        expect(plan.bad).to.not.include(plan.to);
        const chosen = !plan.stop && Object.keys(state.alias.weights).length === 0;
        if (chosen) expect(statuses(state.records).get(plan.to)?.outcome).to.equal("good");
      }),
    );
  });
});
