/** Recommendations for services whose waiting and computing the tests know, as reports of theirs would show it. */
import { expect } from "chai";
import { modelOf } from "../../../ops/tune/model.ts";
import { missingCalls, tune, type TuneOptions } from "../../../ops/tune/recommend.ts";
import { renderTuning } from "../../../ops/tune/render.ts";
import type { Report } from "../../../ops/tune/report.ts";
import { callsMissing, sizesOf } from "../../../ops/tune/sizes.ts";

const OPTIONS: TuneOptions = {
  currentMb: 512,
  architecture: "arm64",
  limitMs: 8000,
  goal: "balanced",
};

interface Service {
  /** ms that no CPU shortens. */
  readonly wait: number;
  /** ms on a whole CPU, which Lambda gives at 1,769 MB. */
  readonly cpu: number;
  readonly usedMb?: number;
}

/** Calls of a service at one size: a tenth more and less in turns, so that their average is exact. */
const calls = (memoryMb: number, { wait, cpu, usedMb = 80 }: Service, count = 400): Report[] =>
  Array.from({ length: count }, (_, index) => {
    const exact = wait + cpu * Math.max(1, 1769 / memoryMb);
    const durationMs = exact * (index % 2 === 0 ? 0.9 : 1.1);
    return { memoryMb, durationMs, billedMs: Math.ceil(durationMs), usedMb };
  });

const tuned = (reports: readonly Report[], options: Partial<TuneOptions> = {}) =>
  tune(sizesOf(reports), { ...OPTIONS, ...options });

describe("tuning memory", () => {
  it("takes cold starts out of the average, and into the price", () => {
    const warm = calls(512, { wait: 100, cpu: 0 });
    const cold: Report = {
      memoryMb: 512,
      durationMs: 4000,
      billedMs: 4200,
      initMs: 200,
      usedMb: 90,
    };
    const [size] = sizesOf([...warm, cold]);

    expect(size).to.include({ calls: 401, coldStarts: 1, mostUsedMb: 90 });
    expect(size?.averageMs).to.be.closeTo(100, 1e-9);
    expect(size?.billedBeyondMs).to.be.closeTo((200 + 0) / 401, 0.6);
  });

  it("finds waiting and computing apart from two sizes, and predicts a third", () => {
    const service = { wait: 40, cpu: 20 };
    const model = modelOf(sizesOf([...calls(256, service), ...calls(1024, service)]));

    expect(model.kind).to.equal("compared");
    expect(model.waitMs).to.be.closeTo(40, 0.01);
    expect(model.cpuMs).to.be.closeTo(20, 0.01);
    // A third size that the test knows: 40 + 20 × 1769 / 512.
    const { expectedMs = 0, fromMs, toMs } = model.predict(512);
    expect(expectedMs).to.be.closeTo(109.1, 0.1);
    expect(expectedMs).to.be.within(fromMs, toMs);
    // Nothing is gained beyond a whole CPU.
    expect(model.predict(3008).expectedMs).to.be.closeTo(60, 0.01);
    expect(model.predict(10_240).expectedMs).to.be.closeTo(60, 0.01);
  });

  it("knows only bounds from one size, and says how to learn more", () => {
    const { model, steps, recommendation } = tuned(calls(512, { wait: 10, cpu: 30 }));
    const half = steps.find(({ memoryMb }) => memoryMb === 256);

    expect(model.kind).to.equal("bounds");
    // 113.7 ms at 512 MB: as long at 256, if all of it is waiting; twice as long, if it is computing.
    expect(half?.fromMs).to.be.within(110, 114);
    expect(half?.toMs).to.be.within(227, 231);
    expect(half).not.to.have.property("expectedUsd");
    expect(recommendation).to.include({ memoryMb: 512, sure: "no" });
    expect(recommendation.why).to.match(/only 512 MB was seen.+run 256 MB for a while/);
  });

  it("recommends less memory for calls that wait, and is sure where both sizes were seen", () => {
    const service = { wait: 100, cpu: 0.5 };
    const { recommendation } = tuned([...calls(128, service), ...calls(512, service)], {
      goal: "price",
    });
    expect(recommendation).to.deep.include({ memoryMb: 128, currentMb: 512, sure: "yes" });
  });

  it("recommends a whole CPU for calls that compute, where speed is what counts", () => {
    const service = { wait: 0, cpu: 50 };
    const { recommendation } = tuned([...calls(256, service), ...calls(512, service)], {
      goal: "speed",
    });
    expect(recommendation.memoryMb).to.equal(1769);
    // Nobody has seen it there.
    expect(recommendation.sure).to.equal("likely");
    expect(recommendation.why).to.include("1769 MB was not seen, but computed");
  });

  it("is not sure of what may be chance", () => {
    const noisy = (memoryMb: number, shift: number): Report[] =>
      Array.from({ length: 3000 }, (_, index) => {
        const durationMs = index % 10 === 0 ? 300 + shift : 50;
        return { memoryMb, durationMs, billedMs: durationMs, usedMb: 80 };
      });
    const { recommendation } = tuned([...noisy(512, 0), ...noisy(1024, -2)], { goal: "speed" });
    expect(recommendation.sure).not.to.equal("yes");
  });

  it("takes no size that calls have filled to three quarters, nor one whose tail would be too slow", () => {
    const service = { wait: 0, cpu: 100, usedMb: 200 };
    const { steps, recommendation } = tuned([...calls(512, service), ...calls(1024, service)], {
      goal: "price",
      limitMs: 400,
    });
    const refused = (memoryMb: number) => steps.find((step) => step.memoryMb === memoryMb)?.refused;

    expect(refused(256)).to.equal("calls used 200 MB");
    // 345 ms on average at 512 MB, a tenth more in half of the calls.
    expect(refused(1024)).to.equal(undefined);
    expect(refused(128)).to.not.equal(undefined);
    expect(recommendation.memoryMb).to.be.at.least(512);
    const slow = tuned([...calls(512, service), ...calls(1024, service)], { limitMs: 300 });
    expect(slow.steps.find(({ memoryMb }) => memoryMb === 512)?.refused).to.match(
      /^the slowest could take \d+ ms/,
    );
    expect(slow.recommendation.memoryMb).to.be.at.least(1024);
  });

  it("never makes a call faster by less CPU, whatever the noise says", () => {
    const model = modelOf(
      sizesOf([...calls(256, { wait: 50, cpu: 0 }), ...calls(512, { wait: 60, cpu: 0 })]),
    );
    expect(model.cpuMs).to.equal(0);
    expect(model.predict(128).expectedMs).to.equal(model.predict(1769).expectedMs);
  });

  it("prices a million calls by list prices", () => {
    const { steps } = tuned([
      ...calls(512, { wait: 100, cpu: 0 }),
      ...calls(1024, { wait: 100, cpu: 0 }),
    ]);
    // A million calls of 0.1 s at half a GB: 50,000 GB-seconds at 0.0000133334, and the requests.
    expect(steps.find(({ memoryMb }) => memoryMb === 512)?.expectedUsd).to.be.closeTo(0.867, 0.005);
  });

  it("asks for as many calls as know the average within a tenth", () => {
    const [even] = sizesOf(calls(512, { wait: 100, cpu: 0 }, 10));
    expect(even && callsMissing(even)).to.equal(20);
    // One call in ten takes a hundred times as long.
    const wild = Array.from({ length: 100 }, (_, index) => {
      const durationMs = index % 10 === 0 ? 1000 : 10;
      return { memoryMb: 512, durationMs, billedMs: durationMs, usedMb: 80 };
    });
    const missing = missingCalls(sizesOf(wild)) ?? 0;
    expect(missing).to.be.within(2500, 3500);
    expect(missingCalls([])).to.equal(undefined);
    // A size with too few calls takes no part, and is named.
    const { tooFew, sizes } = tuned([
      ...calls(512, { wait: 100, cpu: 0 }),
      ...calls(256, { wait: 1, cpu: 0 }, 5),
    ]);
    expect(sizes.map(({ memoryMb }) => memoryMb)).to.deep.equal([512]);
    expect(tooFew).to.deep.equal([{ memoryMb: 256, missing: 25 }]);
  });

  it("is printed in four steps, with the price of reading", () => {
    const service = { wait: 100, cpu: 0.5 };
    const text = renderTuning(
      tuned([...calls(128, service), ...calls(512, service)], { goal: "price" }),
      {
        stack: "production",
        span: "of a week",
        region: "eu-west-1",
        scannedBytes: 4e9,
      },
    );
    for (const part of ["1. Calls", "2. Memory", "3. A million", "4. What to do"]) {
      expect(text).to.include(part);
    }
    expect(text)
      .to.include("take 128 MB. Sure: yes")
      .and.include("set memoryMb: 128 in Pulumi.production.yaml");
    expect(text).to.include("the stack is in eu-west-1").and.include("scanned 4.00 GB: $0.02");
  });
});
