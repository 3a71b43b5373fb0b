import { expect } from "chai";
import * as fc from "fast-check";
import type { PastDeployment, VersionStatus } from "../../../ops/release/history.ts";
import {
  planRollback,
  type RollbackOptions,
  type RollbackSnapshot,
} from "../../../ops/rollback/plan.ts";

const good = (atMs = 1): VersionStatus => ({ outcome: "good", why: "was released", atMs });
const bad = (atMs = 1): VersionStatus => ({ outcome: "bad", why: "was marked bad", atMs });
const active = (of: Partial<PastDeployment> = {}): PastDeployment => ({
  id: "d-9",
  createdMs: 9,
  status: "InProgress",
  rollsBack: false,
  from: "7",
  to: "8",
  configName: "CodeDeployDefault.LambdaAllAtOnce",
  ...of,
});

/** Version 8 serves; 7 did before, and 6 before that. */
const released: RollbackSnapshot = {
  stack: "production",
  published: "8",
  alias: { version: "8", weights: {} },
  deployments: [],
  known: new Map([
    ["6", good(6)],
    ["7", good(7)],
    ["8", good(8)],
  ]),
  existing: ["5", "6", "7", "8"],
};
/** Version 8 was released and failed; version 7 serves. */
const wentBack: RollbackSnapshot = {
  ...released,
  alias: { version: "7", weights: {} },
  known: new Map([...released.known, ["8", bad(9)]]),
};
const canary: RollbackSnapshot = {
  ...released,
  alias: { version: "7", weights: { "8": 0.1 } },
  deployments: [active()],
};

describe("the plan of a rollback", () => {
  type Case = [what: string, state: RollbackSnapshot, options: RollbackOptions, expected: object];
  const cases: Case[] = [
    ["goes to the last good version", released, {}, { kind: "back", to: "7", bad: ["8"] }],
    ["goes where it is told", released, { to: "5" }, { kind: "back", to: "5", bad: ["8"] }],
    [
      "skips a version that is bad",
      { ...released, known: new Map([...released.known, ["7", bad(9)]]) },
      {},
      { kind: "back", to: "6" },
    ],
    [
      "skips a version that is gone",
      { ...released, existing: ["6", "8"] },
      {},
      { kind: "back", to: "6" },
    ],
    ["refuses a version that is not there", released, { to: "4" }, { kind: "refuse" }],
    [
      "refuses when nothing is known to have worked",
      { ...released, known: new Map() },
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
      { ...canary, deployments: [active({ from: "8", to: "7", rollsBack: true })] },
      {},
      { kind: "back", to: "7", bad: ["8"] },
    ],
    [
      "takes away weights that were left over",
      { ...canary, deployments: [] },
      {},
      { kind: "back", to: "7", bad: ["8"], stop: undefined },
    ],
    ["does not go back twice", wentBack, {}, { kind: "nothing" }],
    ["goes back further when told", wentBack, { to: "6" }, { kind: "back", to: "6", bad: ["7"] }],
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
      { ...released, known: new Map([["7", good(7)]]) },
      { ifUnfinished: true },
      { kind: "back", to: "7" },
    ],
    [
      "goes back for a pipeline when it has a share",
      { ...canary, deployments: [] },
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
  const anyState: fc.Arbitrary<RollbackSnapshot> = fc.record({
    stack: fc.constant("production"),
    published: version,
    alias: fc.record({
      version,
      weights: fc.constantFrom<Readonly<Record<string, number>>>({}, { "8": 0.1 }),
    }),
    deployments: fc.array(
      fc.record({ status: fc.constantFrom("InProgress", "Failed"), to: version }).map(active),
      { maxLength: 1 },
    ),
    known: fc
      .dictionary(version, fc.constantFrom(good(1), good(2), bad(3)))
      .map((known) => new Map(Object.entries(known))),
    existing: fc.constant(["5", "6", "7", "8"]),
  });

  it("done once, is done: what follows finds nothing to do", () => {
    fc.assert(
      fc.property(anyState, (state) => {
        const plan = planRollback(state);
        if (plan.kind !== "back") return;
        const after: RollbackSnapshot = {
          ...state,
          alias: { version: plan.to, weights: {} },
          deployments: [],
          known: new Map([...state.known, ...plan.bad.map((of) => [of, bad(9)] as const)]),
        };
        // Where the version deployed last was never reached, only a named version goes further.
        fc.pre(plan.bad.includes(state.published));
        fc.pre(state.known.get(plan.to)?.outcome !== "bad");
        expect(planRollback(after).kind).to.equal("nothing");
      }),
    );
  });

  it("never chooses a bad version by itself, and never marks where it goes", () => {
    fc.assert(
      fc.property(anyState, (state) => {
        const plan = planRollback(state);
        if (plan.kind !== "back") return;
        expect(plan.bad).to.not.include(plan.to);
        const chosen = !plan.stop && Object.keys(state.alias.weights).length === 0;
        if (chosen) expect(state.known.get(plan.to)?.outcome).to.equal("good");
      }),
    );
  });
});
