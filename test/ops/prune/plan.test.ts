import { expect } from "chai";
import * as fc from "fast-check";
import { artifactKey, sourceMapKey } from "../../../infra/names.ts";
import { planPrune, type Snapshot, YOUNG_MS } from "../../../ops/prune/plan.ts";

const hashOf = (version: number) => version.toString(16).padStart(64, "0");
const base64Of = (version: number) => Buffer.from(hashOf(version), "hex").toString("base64");
const NOW = 10 * YOUNG_MS;

const object = (key: string, modifiedAt = 0) => ({ key, sizeBytes: 1000, modifiedAt });

/** Ten versions, each from code of its own; traffic is on 6. */
const snapshot = (more: Partial<Snapshot> = {}): Snapshot => ({
  versions: Array.from({ length: 10 }, (_, n) => ({
    version: String(n + 1),
    codeSha256: base64Of(n + 1),
  })),
  aliased: [{ version: "6", alias: "live" }],
  deploying: [],
  stackVersion: "6",
  otherCodeSha256: [],
  stackArtifactKey: artifactKey(hashOf(6)),
  objects: Array.from({ length: 10 }, (_, n) => object(artifactKey(hashOf(n + 1)))),
  now: NOW,
  ...more,
});

const reasonsFor = (plan: ReturnType<typeof planPrune>, version: string) =>
  plan.keep.find((kept) => kept.version === version)?.reasons;

describe("planPrune", () => {
  it("lets go of what is older than the newest ones", () => {
    const plan = planPrune(snapshot({ aliased: [{ version: "10", alias: "live" }] }), 3);
    expect(plan.versions).to.deep.equal(["1", "2", "3", "4", "5", "7"]);
  });

  const kept: [what: string, more: Partial<Snapshot>, version: string, reason: string][] = [
    ["an alias points to", { aliased: [{ version: "2", alias: "blue" }] }, "2", "alias blue"],
    ["a deployment moves to", { deploying: ["2"] }, "2", "a deployment is under way"],
    ["the state names", { stackVersion: "3" }, "3", "the stack's state"],
    ["a rollback would go to", { rollbackVersion: "1" }, "1", "a rollback goes there"],
    ["is not released yet", {}, "8", "not released yet"],
  ];
  for (const [what, more, version, reason] of kept) {
    it(`keeps the version that ${what}, and its code`, () => {
      const plan = planPrune(snapshot(more), 1);
      expect(reasonsFor(plan, version)).to.include(reason);
      expect(plan.versions).not.to.include(version);
      expect(plan.objects.map(({ key }) => key)).not.to.include(
        artifactKey(hashOf(Number(version))),
      );
    });
  }

  it("lets code go with its last version, source map included", () => {
    const map = object(sourceMapKey(hashOf(1)));
    const { objects } = snapshot();
    const plan = planPrune(snapshot({ objects: [...objects, map] }), 5);
    const keys = plan.objects.map(({ key }) => key);
    expect(plan.versions).to.deep.equal(["1", "2", "3", "4", "5"]);
    expect(keys)
      .to.have.length(6)
      .and.include.members([artifactKey(hashOf(1)), map.key]);
  });

  it("keeps code that a kept version shares with one that goes", () => {
    const versions = ["1", "2"].map((version) => ({ version, codeSha256: base64Of(1) }));
    const aliased = [{ version: "2", alias: "live" }];
    const plan = planPrune(snapshot({ versions, aliased, stackVersion: "2" }), 1);
    expect(plan.versions).to.deep.equal(["1"]);
    expect(plan.objects.map(({ key }) => key)).not.to.include(artifactKey(hashOf(1)));
  });

  it("keeps the hook's code, what the state names, what is young, and what is not its own", () => {
    const objects = [
      object(artifactKey(hashOf(77))),
      object(artifactKey(hashOf(88))),
      object(artifactKey(hashOf(99)), NOW - YOUNG_MS + 1),
      object("notes.txt"),
      object(`backup/${artifactKey(hashOf(5))}`),
      object(`${artifactKey(hashOf(5))}.bak`),
    ];
    const plan = planPrune(
      snapshot({
        objects,
        otherCodeSha256: [base64Of(77)],
        stackArtifactKey: artifactKey(hashOf(88)),
      }),
      1,
    );
    expect(plan.objects).to.be.empty;
  });

  it("never lets go of what is needed, whatever is there", () => {
    const version = fc.integer({ min: 1, max: 20 }).map(String);
    const any = fc.record({
      count: fc.integer({ min: 0, max: 20 }),
      aliased: fc.array(fc.record({ version, alias: fc.constant("live") })),
      stackVersion: version,
      rollbackVersion: version,
      keep: fc.integer({ min: 1, max: 25 }),
    });
    fc.assert(
      fc.property(any, ({ count, keep, ...needed }) => {
        const versions = Array.from({ length: count }, (_, n) => ({
          version: String(n + 1),
          codeSha256: base64Of(n + 1),
        }));
        const plan = planPrune(snapshot({ ...needed, versions }), keep);
        const never = [
          ...needed.aliased.map((alias) => alias.version),
          needed.stackVersion,
          needed.rollbackVersion,
          ...versions.slice(-keep).map((newest) => newest.version),
        ];
        expect(plan.versions).not.to.include.oneOf(never);
        const gone = plan.objects.map(({ key }) => key);
        for (const { version: keptVersion } of plan.keep) {
          expect(gone).not.to.include(artifactKey(hashOf(Number(keptVersion))));
        }
        expect(plan.keep.length + plan.versions.length).to.equal(count);
      }),
    );
  });
});
