import { expect } from "chai";
import * as fc from "fast-check";
import type { DeadLetter } from "../../../ops/replay/dead-letter.ts";
import { drain, type DrainOptions } from "../../../ops/replay/drain.ts";
import { Refused } from "../../../ops/support/refused.ts";
import { HIDDEN_SECONDS, type Kind, randomFrom, World } from "./simulation.ts";

const CALM = { callFails: 0, functionFails: 0, longestRunMs: 1000 };

const options = (world: World, more: Partial<DrainOptions> = {}): DrainOptions => ({
  ...world.ports(),
  selects: () => true,
  unsendable: ({ event }) => (event === undefined ? "no event" : undefined),
  concurrency: 10,
  ratePerSecond: Infinity,
  max: Infinity,
  maxFailuresInARow: Infinity,
  clock: world.clock,
  random: randomFrom(1),
  ...more,
});

const invocationsPerMessage = (world: World) => [...new Set(world.successes.values())];
const below = (limit: number, kind: Kind) => (id: string) => (Number(id) < limit ? kind : {});

describe("drain", () => {
  it("delivers each message once and deletes it", async () => {
    const world = new World(1, 100, CALM);
    const result = await drain(options(world));
    expect(result).to.include({ delivered: 100, failed: 0, passedOver: 0 });
    expect(world.remainingIds).to.be.empty;
    expect(invocationsPerMessage(world)).to.deep.equal([1]);
  });

  it("gives a failed message back at once, and does not try it twice", async () => {
    const world = new World(1, 30, CALM, (id) => ({ poison: id === "7" }));
    const result = await drain(options(world));
    expect(result).to.include({ delivered: 29, failed: 1 });
    expect(result.failures).to.deep.equal([{ id: "7", error: "boom" }]);
    expect(world.visibleIds).to.deep.equal(["7"]);
    expect(world.invocations).to.equal(30);
  });

  it("gives back what is not selected", async () => {
    const world = new World(1, 30, CALM);
    const result = await drain(options(world, { selects: ({ id }) => Number(id) % 2 === 0 }));
    expect(result).to.include({ delivered: 15, passedOver: 15 });
    expect(world.visibleIds).to.have.length(15);
  });

  const SLOW = { ...CALM, longestRunMs: 20 * HIDDEN_SECONDS * 1000 };

  it("keeps slow messages hidden from every other reader", async () => {
    const world = new World(1, 30, SLOW);
    await Promise.all([drain(options(world)), drain(options(world))]);
    expect(world.invocations).to.equal(30);
  });

  it("deletes by the newest receipt a message that came back meanwhile", async () => {
    const world = new World(1, 30, SLOW);
    const { queue } = world.ports();
    const forgetful = { ...queue, keep: () => Promise.reject(new Error("down")) };
    await drain(options(world, { queue: forgetful }));
    expect(world.remainingIds).to.be.empty;
    expect(world.invocations).to.equal(30);
  });

  it("delivers no more than the maximum", async () => {
    const world = new World(1, 30, CALM);
    const result = await drain(options(world, { max: 12 }));
    expect(result).to.include({ delivered: 12, endedEarly: "the maximum was reached" });
    expect(world.invocations).to.equal(12);
    expect(world.visibleIds).to.have.length(18);
  });

  /** Deliveries that are watched: when each began, and the most at the same time. */
  function watched(world: World, deliver = world.ports().deliver) {
    const starts: number[] = [];
    const seen = { starts, most: 0 };
    let running = 0;
    const watching: DrainOptions["deliver"] = async (message, signal) => {
      starts.push(world.clock.now());
      running += 1;
      seen.most = Math.max(seen.most, running);
      const delivery = await (deliver as DrainOptions["deliver"])(message, signal);
      running -= 1;
      return delivery;
    };
    return { seen, deliver: watching };
  }

  it("keeps to its concurrency", async () => {
    const world = new World(1, 100, CALM);
    const { seen, deliver } = watched(world);
    await drain(options(world, { deliver, concurrency: 3 }));
    expect(seen.most).to.equal(3);
  });

  it("keeps to its rate", async () => {
    for (const ratePerSecond of [0.5, 4, 10, 333, 1000, 2500]) {
      const count = Math.min(2000, 20 * Math.ceil(ratePerSecond));
      const world = new World(1, count, { ...CALM, longestRunMs: 50 });
      const { seen, deliver } = watched(world);
      await drain(options(world, { deliver, ratePerSecond, concurrency: 200 }));
      const [first = 0] = seen.starts;
      const seconds = ((seen.starts.at(-1) ?? 0) - first) / 1000;
      expect((count - 1) / seconds / ratePerSecond).to.be.within(0.97, 1.03);
    }
  });

  it("gives up when the queue is down", async () => {
    const world = new World(1, 10, { ...CALM, callFails: 1 });
    const result = await drain(options(world));
    expect(result.endedEarly).to.match(/the queue fails: lost/);
    expect(world.remainingIds).to.have.length(10);
  });

  it("begins nothing more when interrupted, and says why", async () => {
    for (const reason of [undefined, "a release has begun"]) {
      const world = new World(1, 200, CALM);
      const interruption = new AbortController();
      const result = await drain(
        options(world, {
          signal: interruption.signal,
          progress: ({ delivered }) => {
            if (delivered === 20) interruption.abort(reason);
          },
        }),
      );
      expect(result.endedEarly).to.equal(reason ?? "interrupted");
      expect(result.delivered).to.equal(world.invocations).and.within(20, 30);
      expect(world.visibleIds).to.have.length(200 - result.delivered);
    }
  });

  it("cuts off calls that do not end after an interruption, and leaves their messages hidden", async () => {
    const world = new World(1, 50, CALM);
    const interruption = new AbortController();
    const never: DrainOptions["deliver"] = () => {
      interruption.abort();
      return new Promise(() => {});
    };
    const result = await drain(
      options(world, { deliver: never, signal: interruption.signal, concurrency: 4 }),
    );
    expect(result).to.include({ delivered: 0, failed: 0, endedEarly: "interrupted" });
    expect(result.durationMs).to.be.at.most(12_000);
    expect(result.unknownIds).to.have.length(1);
    expect(world.visibleIds).to.have.length(49);
    expect(world.visibleIds).not.to.include(result.unknownIds[0]);
  });

  it("ends soon after an interruption, whichever call of the queue is never answered", async () => {
    for (const call of ["receive", "keep", "release", "delete"] as const) {
      const world = new World(1, 50, { ...CALM, longestRunMs: 3 * HIDDEN_SECONDS * 1000 });
      const { queue } = world.ports();
      const interruption = new AbortController();
      const silent = { ...queue, [call]: () => new Promise<never>(() => {}) };
      const running = drain(options(world, { queue: silent, signal: interruption.signal }));
      await world.clock.sleep(2 * HIDDEN_SECONDS * 1000);
      interruption.abort();
      const interruptedMs = world.clock.now();
      await running;
      expect(world.clock.now() - interruptedMs, call).to.be.at.most(21_000);
      expect(world.lost).to.be.empty;
    }
  });

  it("stops at a refusal that no message could pass, and gives everything back", async () => {
    const world = new World(1, 50, CALM);
    const refused = drain(
      options(world, { deliver: () => Promise.reject(new Refused("may not invoke")) }),
    );
    expect(await refused.catch((error: unknown) => error)).to.be.instanceOf(Refused);
    expect(world.visibleIds).to.have.length(50);
  });

  it("deletes, and does not deliver again, a message whose deletion failed", async () => {
    const world = new World(1, 20, CALM);
    const { queue, deliver } = world.ports();
    let failures = 0;
    const stubborn: typeof queue = {
      ...queue,
      delete: (receipts) =>
        failures++ < 5 ? Promise.reject(new Error("down")) : queue.delete(receipts),
    };
    // Slow enough that the undeleted ones return to view while others are still under way.
    const slow = async (message: DeadLetter) => {
      await world.clock.sleep(HIDDEN_SECONDS * 1000);
      return deliver(message);
    };
    const result = await drain(options(world, { queue: stubborn, deliver: slow, concurrency: 5 }));
    expect(result.undeletedIds).to.be.empty;
    expect(world.remainingIds).to.be.empty;
    expect(world.invocations).to.equal(20);
  });
});

describe("poison among the messages", () => {
  it("that cannot be sent is counted by itself and stops nothing", async () => {
    const world = new World(1, 50, CALM, below(30, { unsendable: true }));
    const result = await drain(options(world, { maxFailuresInARow: 20 }));
    expect(result).to.include({ delivered: 20, failed: 0, unsendable: 30, heldBack: 0 });
    expect(result).not.to.have.property("endedEarly");
    expect(world.visibleIds).to.have.length(30);
  });

  it("that is found out to be unsendable only when it is sent stops nothing either", async () => {
    const world = new World(1, 50, CALM);
    const { deliver } = world.ports();
    const refusing = async (message: DeadLetter) =>
      Number(message.id) < 30
        ? ({ ok: false, error: "too large", unsendable: true } as const)
        : deliver(message);
    const result = await drain(options(world, { deliver: refusing, maxFailuresInARow: 20 }));
    expect(result).to.include({ delivered: 20, failed: 0, unsendable: 30 });
  });

  it("that fails with another error keeps no message from being tried", async () => {
    const world = new World(1, 500, CALM, below(480, { poison: true, error: "other" }));
    const result = await drain(options(world, { maxFailuresInARow: 20 }));
    expect(result.delivered).to.equal(20);
    expect(world.invocations).to.be.below(100);
    expect(result.failed + result.heldBack).to.equal(480);
  });

  it("that fails with the same error keeps no message from being tried, run after run", async () => {
    const world = new World(1, 50, CALM, below(30, { poison: true }));
    for (let run = 0; run < 5; run++) {
      await drain(options(world, { maxFailuresInARow: 20, random: randomFrom(run) }));
    }
    expect(world.successes.size).to.equal(20);
    expect(world.remainingIds).to.have.length(30);
  });

  it("is not sent thousands of times when all of it fails", async () => {
    const world = new World(1, 5000, CALM, () => ({ poison: true }));
    const result = await drain(options(world, { maxFailuresInARow: 20 }));
    expect(world.invocations).to.be.within(20, 60);
    expect(result.heldBack).to.equal(5000 - world.invocations);
    expect(world.visibleIds).to.have.length(5000);
  });
});

describe("the speed of a drain", () => {
  it("is above 1,000 messages a second where a receive takes 30 ms, a call 50 and a deletion 15", async () => {
    const latencies = { receiveMs: 30, shortestRunMs: 50, longestRunMs: 50, deleteMs: 15 };
    const world = new World(1, 20_000, { callFails: 0, functionFails: 0, ...latencies });
    const { delivered, durationMs } = await drain(options(world, { concurrency: 100 }));
    expect(delivered / (durationMs / 1000)).to.be.above(1000);
  });
});

describe("drain under fault", () => {
  it("loses none of 10,000 messages, whatever is killed or fails whenever", async function () {
    this.timeout(60_000);
    const COUNT = 10_000;
    const seed = Number(process.env["REPLAY_SEED"] ?? 20_261_123);
    const random = randomFrom(seed);
    const faults = { callFails: 0.02, functionFails: 0.05, longestRunMs: 5000, duplicates: 0.001 };
    const poison = (id: string) => Number(id) % 500 === 0;
    const world = new World(seed, COUNT, faults, (id) => ({ poison: poison(id) }));
    let kills = 0;
    for (let round = 0; round < 200 && world.remainingIds.length > COUNT / 500; round++) {
      const doomed = round < 40;
      const running = drain(options(world, { concurrency: 50 })).catch(() => {});
      if (doomed) {
        await world.clock.sleep(random() * 10_000);
        world.kill();
        kills += 1;
      }
      await running;
      expect(world.lost, `seed ${seed}`).to.be.empty;
      const accountedFor = new Set([...world.successes.keys(), ...world.remainingIds]);
      expect(accountedFor.size).to.equal(COUNT);
    }
    const poisoned = world.remainingIds.filter(poison);
    expect(kills).to.be.at.least(20);
    expect(poisoned).to.have.length(COUNT / 500);
    expect(world.remainingIds).to.have.members(poisoned);
  });

  it("accounts for every message, whatever fails, comes twice, is slow, poison or cut off", async () => {
    const world = fc.record({
      seed: fc.integer(),
      count: fc.integer({ min: 0, max: 120 }),
      callFails: fc.constantFrom(0, 0.05, 0.3),
      functionFails: fc.constantFrom(0, 0.2),
      duplicates: fc.constantFrom(0, 0.05),
      longestRunMs: fc.constantFrom(1, 5000, 5 * HIDDEN_SECONDS * 1000),
      poisonEvery: fc.integer({ min: 1, max: 50 }),
      unsendableEvery: fc.integer({ min: 1, max: 50 }),
    });
    const run = fc.record({
      concurrency: fc.integer({ min: 1, max: 60 }),
      ratePerSecond: fc.constantFrom(0.5, 10, 1000, Infinity),
      max: fc.constantFrom(1, 25, Infinity),
      maxFailuresInARow: fc.constantFrom(1, 5, Infinity),
      endsAfterMs: fc.option(fc.integer({ min: 0, max: 30_000 })),
      isKilled: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(world, fc.array(run, { minLength: 1, maxLength: 4 }), async (made, runs) => {
        const { seed, count, poisonEvery, unsendableEvery } = made;
        const world = new World(seed, count, made, (id) => ({
          poison: Number(id) % poisonEvery === 1,
          unsendable: Number(id) % unsendableEvery === 2,
        }));
        for (const { endsAfterMs, isKilled, ...limits } of runs) {
          const interruption = new AbortController();
          const running = drain(options(world, { ...limits, signal: interruption.signal }));
          if (endsAfterMs !== null) {
            await world.clock.sleep(endsAfterMs);
            if (isKilled) world.kill();
            else interruption.abort();
          }
          const result = await running;
          expect(world.lost).to.be.empty;
          expect(result.delivered).to.be.at.most(limits.max);
          const left = new Set([...world.successes.keys(), ...world.remainingIds]);
          expect(left.size).to.equal(count);
          const deleted = count - world.remainingIds.length;
          expect(deleted).to.be.at.most(world.successes.size);
        }
      }),
      { numRuns: 60 },
    );
  }).timeout(60_000);
});
