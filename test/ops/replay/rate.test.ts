import { expect } from "chai";
import { Rate } from "../../../ops/replay/rate.ts";
import { randomFrom } from "./simulation.ts";

describe("the rate of a replay", () => {
  /** Starts made in so many seconds, where every wait takes up to `lateMs` longer than it should. */
  function startsIn(seconds: number, perSecond: number, lateMs: number): number {
    const rate = new Rate(perSecond);
    const random = randomFrom(1);
    let nowMs = 12_345;
    const endMs = nowMs + seconds * 1000;
    let starts = 0;
    for (;;) {
      const waitMs = rate.next(nowMs);
      if (waitMs > 0) nowMs += waitMs + random() * lateMs;
      if (nowMs > endMs) return starts;
      starts += 1;
    }
  }

  it("is kept within 3 %, however late the timers wake", () => {
    for (const perSecond of [1, 10, 100, 1000, 5000]) {
      for (const lateMs of [0, 2, 20, 150]) {
        const share = startsIn(60, perSecond, lateMs) / (60 * perSecond);
        expect(share, `${perSecond}/s, ${lateMs} ms late`).to.be.within(0.97, 1.03);
      }
    }
  });

  it("is never made up for by a burst after a long pause", () => {
    const rate = new Rate(100);
    expect(rate.next(0)).to.equal(0);
    let burst = 0;
    while (rate.next(60_000) === 0) burst += 1;
    expect(burst).to.be.at.most(21);
  });
});
