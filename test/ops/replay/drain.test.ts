import { expect } from "chai";
import { drain, type DrainOptions, HIDDEN_SECONDS } from "../../../ops/replay/drain.ts";
import { Refused } from "../../../ops/support/refused.ts";
import { randomFrom, World } from "./simulation.ts";

const CALM = { callFails: 0, functionFails: 0, longestRunMs: 1000 };

const options = (world: World, more: Partial<DrainOptions> = {}): DrainOptions => ({
  ...world.ports(),
  selects: () => true,
  concurrency: 10,
  ratePerSecond: Infinity,
  max: Infinity,
  maxFailuresInARow: Infinity,
  clock: world.clock,
  ...more,
});

const invocationsPerMessage = (world: World) => [...new Set(world.successes.values())];

describe("drain", () => {
  it("delivers each message once and deletes it", async () => {
    const world = new World(1, 100, CALM);
    const result = await drain(options(world));
    expect(result).to.include({ delivered: 100, failed: 0, passedOver: 0 });
    expect(world.remainingIds).to.be.empty;
    expect(invocationsPerMessage(world)).to.deep.equal([1]);
  });

  it("gives a failed message back at once, and does not try it twice", async () => {
    const world = new World(1, 30, CALM, (id) => id === "7");
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

  it("keeps to its rate and to its concurrency", async () => {
    const world = new World(1, 50, CALM);
    const { deliver } = world.ports();
    const starts: number[] = [];
    let running = 0;
    let most = 0;
    const watched: DrainOptions["deliver"] = async (deadLetter) => {
      starts.push(world.clock.now());
      running += 1;
      most = Math.max(most, running);
      const delivery = await deliver(deadLetter);
      running -= 1;
      return delivery;
    };
    await drain(options(world, { deliver: watched, ratePerSecond: 4, concurrency: 3 }));
    const gaps = starts.slice(1).map((at, index) => at - (starts[index] ?? 0));
    expect(Math.min(...gaps)).to.be.at.least(250);
    expect(most).to.be.at.most(3).and.at.least(2);
  });

  it("gives up when nothing succeeds any more, and gives everything back", async () => {
    const world = new World(1, 500, CALM, () => true);
    const result = await drain(options(world, { maxFailuresInARow: 20 }));
    expect(result.endedEarly).to.equal("20 messages in a row failed");
    expect(world.invocations).to.be.within(20, 30);
    expect(world.visibleIds).to.have.length(500);
  });

  it("gives up when the queue is down", async () => {
    const world = new World(1, 10, { ...CALM, callFails: 1 });
    const result = await drain(options(world));
    expect(result.endedEarly).to.match(/the queue fails: lost/);
    expect(world.remainingIds).to.have.length(10);
  });

  it("finishes what has begun when interrupted, and begins nothing more", async () => {
    const world = new World(1, 200, CALM);
    const interruption = new AbortController();
    const result = await drain(
      options(world, {
        signal: interruption.signal,
        progress: ({ delivered }) => {
          if (delivered === 20) interruption.abort();
        },
      }),
    );
    expect(result.endedEarly).to.equal("interrupted");
    expect(result.delivered).to.equal(world.invocations).and.within(20, 30);
    expect(world.visibleIds).to.have.length(200 - result.delivered);
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
    const stubborn = {
      ...queue,
      delete: (deadLetter: Parameters<typeof queue.delete>[0]) =>
        failures++ < 5 ? Promise.reject(new Error("down")) : queue.delete(deadLetter),
    };
    // Slow enough that the undeleted ones return to view while others are still under way.
    const slow: DrainOptions["deliver"] = async (deadLetter) => {
      await world.clock.sleep(HIDDEN_SECONDS * 1000);
      return deliver(deadLetter);
    };
    const result = await drain(options(world, { queue: stubborn, deliver: slow, concurrency: 5 }));
    expect(result.undeletedIds).to.be.empty;
    expect(world.remainingIds).to.be.empty;
    expect(world.invocations).to.equal(20);
  });
});

describe("drain under fault", () => {
  const COUNT = 10_000;

  it(`loses none of ${COUNT} messages, whatever is killed or fails whenever`, async function () {
    this.timeout(60_000);
    const seed = Number(process.env["REPLAY_SEED"] ?? 20_261_123);
    const random = randomFrom(seed);
    const faults = { callFails: 0.02, functionFails: 0.05, longestRunMs: 5000 };
    const poison = (id: string) => Number(id) % 500 === 0;
    const world = new World(seed, COUNT, faults, poison);
    let kills = 0;
    for (let round = 0; round < 200 && world.remainingIds.length > COUNT / 500; round++) {
      const doomed = round < 40;
      const running = drain(options(world, { concurrency: 50 })).catch(() => {});
      if (doomed) {
        await world.clock.sleep(random() * 30_000);
        world.kill();
        kills += 1;
      }
      await running;
      expect(world.lost, `seed ${seed}`).to.be.empty;
      const accountedFor = new Set([...world.successes.keys(), ...world.remainingIds]);
      expect(accountedFor.size).to.equal(COUNT);
    }
    const poisoned = world.remainingIds.filter(poison);
    expect(kills).to.be.at.least(30);
    expect(poisoned).to.have.length(COUNT / 500);
    expect(world.remainingIds).to.have.members(poisoned);
  });
});
