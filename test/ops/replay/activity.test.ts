import { expect } from "chai";
import { replayStatus, type ReplayRecord } from "../../../ops/replay/activity.ts";

const MINUTE_MS = 60_000;
const status = (record: Partial<ReplayRecord>, ageMinutes: number) =>
  replayStatus(
    {
      record: { by: "me", delivered: 0, failed: 0, asynchronous: false, over: true, ...record },
      ageMs: ageMinutes * MINUTE_MS,
    },
    MINUTE_MS,
  );

describe("what a replay means for a release", () => {
  it("is nothing where there was none, or none that failed", () => {
    expect(replayStatus(undefined, MINUTE_MS)).to.deep.equal({ kind: "none" });
    expect(status({ delivered: 9 }, 0)).to.deep.equal({ kind: "none" });
  });

  it("is that one is under way, until it has been silent for two minutes", () => {
    expect(status({ over: false }, 1.9)).to.deep.equal({ kind: "active", by: "me" });
    expect(status({ over: false }, 2.1)).to.deep.equal({ kind: "none" });
  });

  it("is its failures, as long as an alarm sees them: six minutes", () => {
    expect(status({ failed: 3 }, 1.5)).to.deep.equal({
      kind: "recent",
      by: "me",
      failed: 3,
      minutes: 5,
    });
    expect(status({ failed: 3 }, 6)).to.deep.equal({ kind: "none" });
    expect(status({ failed: 3, over: false }, 5)).to.include({ kind: "recent" });
  });

  it("is also what Lambda still tries of an asynchronous one", () => {
    expect(status({ asynchronous: true }, 9)).to.include({ kind: "recent", minutes: 1 });
    expect(status({ asynchronous: true }, 10)).to.deep.equal({ kind: "none" });
  });
});
