import { expect } from "chai";
import { smokeEvent } from "../../function/platform/smoke.ts";
import type { Answer, SmokeEvent } from "../../hook/smoke-events.ts";
import { tryVersion } from "../../hook/verify.ts";

const events = [
  smokeEvent("greet", { word: "hello" }, 200, { word: "hello" }),
  smokeEvent("refusal", {}, 400),
];

const right = ({ statusCode, body }: SmokeEvent): Answer => ({
  payload: JSON.stringify({ statusCode, body: JSON.stringify(body) }),
});

/** A trial whose calls take the given times in milliseconds, 10 ms where none is given. */
const trial = (answer: (event: SmokeEvent) => Answer, durationsMs: readonly number[] = []) => {
  let nowMs = 0;
  let made = 0;
  return tryVersion({
    version: "8",
    events,
    rounds: 3,
    slowestCallMs: 1000,
    now: () => nowMs,
    call: async (event) => {
      nowMs += durationsMs[made++] ?? 10;
      return answer(event);
    },
  });
};

describe("the trial of a version", () => {
  it("calls every event in every round", async () => {
    expect(await trial(right)).to.deep.equal({
      version: "8",
      calls: 3 * events.length,
      slowestMs: 10,
      faults: [],
    });
  });

  it("finds a fault in any one of its calls", async () => {
    let made = 0;
    const total = 3 * events.length;
    const { faults } = await trial((event) =>
      ++made === total ? { functionError: "Unhandled", payload: "" } : right(event),
    );

    expect(faults).to.have.length(1);
  });

  it("stops after the round with the first fault", async () => {
    const { calls, faults } = await trial(() => ({ payload: "" }));

    expect(calls).to.equal(events.length);
    expect(faults).to.have.length(events.length);
  });

  it("forgives the cold start, and no slow call after it", async () => {
    expect((await trial(right, [5000])).faults).to.deep.equal([]);
    expect((await trial(right, [10, 1001])).faults.join()).to.contain("took 1001 ms");
  });

  it("says nothing about the version when a call does not get through", async () => {
    const tried = trial(() => {
      throw new Error("throttled");
    });

    expect(await tried.catch((error: Error) => error.message)).to.equal("throttled");
  });
});
