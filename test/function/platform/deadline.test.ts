import { mock } from "node:test";
import { expect } from "chai";
import { marginMs, withDeadline } from "../../../function/platform/deadline.ts";
import { DeadlineError } from "../../../function/platform/errors.ts";
import { rejection } from "../support/harness.ts";

describe("withDeadline", () => {
  it("keeps half a second, or a tenth of short times", () => {
    expect([30_000, 5000, 1000].map(marginMs)).to.deep.equal([500, 500, 100]);
  });

  it("passes on what the work returns and what it throws", async () => {
    expect(await withDeadline(1000, async () => 7)).to.equal(7);
    const error = new Error("own");

    expect(await rejection(withDeadline(1000, () => Promise.reject(error)))).to.equal(error);
  });

  it("ends work that does not listen, and aborts its signal with the same error", async () => {
    let signal: AbortSignal | undefined;

    const error = await rejection(
      withDeadline(10, (given) => {
        signal = given;
        return new Promise(() => {});
      }),
    );

    expect(error).to.be.instanceOf(DeadlineError);
    expect(signal?.reason).to.equal(error);
  });

  it("ends at once when no time is left", async () => {
    expect(await rejection(withDeadline(-5, () => new Promise(() => {})))).to.be.instanceOf(
      DeadlineError,
    );
  });

  it("leaves the signal of work that is done alone", async () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    try {
      const signal = await withDeadline(30_000, async (given) => given);
      mock.timers.tick(30_000);

      expect(signal.aborted).to.equal(false);
    } finally {
      mock.timers.reset();
    }
  });

  it("leaves nobody with an unhandled rejection of work that fails after its end", async () => {
    const unhandled: unknown[] = [];
    const listen = (reason: unknown) => unhandled.push(reason);
    process.on("unhandledRejection", listen);
    const late = Promise.withResolvers<never>();

    await rejection(withDeadline(10, () => late.promise));
    late.reject(new Error("late"));
    await new Promise(setImmediate);

    process.off("unhandledRejection", listen);
    expect(unhandled).to.deep.equal([]);
  });
});
