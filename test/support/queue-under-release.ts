/** Many messages through a queue, some of them poison, with a release by canary in the middle of them. */
import { expect } from "chai";
import { releaseStack } from "../../ops/release/run.ts";
import { sessionOf } from "./release-context.ts";
import type { useWorlds } from "./release-world.ts";
import { makeSourceWorld } from "./source-world.ts";

/** One message in so many is poison. */
const POISON_EVERY = 20;

export interface Tally {
  readonly sent: number;
  readonly done: number;
  readonly dead: number;
  /** Deliveries of what was done already. */
  readonly repeated: number;
  readonly byVersion: Readonly<Record<string, number>>;
}

/**
 * Sends `count` messages while a release goes on, and says what became of them. Throws where one is neither done nor
 * a dead letter, or was done twice.
 */
export async function queueUnderRelease(
  newWorld: ReturnType<typeof useWorlds>,
  count: number,
  seed = 1,
): Promise<Tally> {
  const world = await makeSourceWorld(newWorld, {
    minuteMs: 1500,
    duplicates: 0.05,
    seed,
    trafficShift: "Canary10Percent5Minutes",
    canaryMinimumInvocations: 3,
    lowTraffic: "synthetic",
  });
  const source = await world.source({ mapping: { BatchSize: 5 } });
  const isPoison = (number: number) => number % POISON_EVERY === POISON_EVERY - 1;
  const message = (number: number) => ({
    MessageBody: JSON.stringify({ word: isPoison(number) ? number : `w${number}` }),
  });
  const numbers = Array.from({ length: count }, (_, number) => number);
  const half = Math.floor(count / 2);
  const ids = [...(await source.send(numbers.slice(0, half).map(message)))];

  const version = await world.publish("works");
  const released = releaseStack(sessionOf(world, []), { yes: true });
  ids.push(...(await source.send(numbers.slice(half).map(message))));
  const { verdict, summary } = await released;
  const dead = (await source.deadLetters()).map(({ MessageId = "" }) => MessageId);

  const { deliveries, entries, repeated } = await world.written();
  expect(verdict, summary).to.equal("released");
  expect(await world.alias()).to.deep.equal({ version, weights: {} });
  const done = entries.map(({ newId }) => newId);
  expect(new Set(done).size, "done once a message").to.equal(done.length);
  const good = ids.filter((_, number) => !isPoison(number));
  const poison = ids.filter((_, number) => isPoison(number));
  expect(done, "every good message is done").to.have.members(good);
  // A message that is delivered again and again by chance may end there too; it has been done.
  expect(dead, "all poison is in the dead letters").to.include.members(poison);
  expect(dead.filter((id) => !poison.includes(id) && !done.includes(id))).to.deep.equal([]);
  return {
    sent: count,
    done: done.length,
    dead: dead.length,
    repeated: repeated.length,
    byVersion: Object.fromEntries(
      [...Map.groupBy(deliveries, (delivery) => delivery.version)].map(([of, all]) => [
        of,
        all.length,
      ]),
    ),
  };
}
