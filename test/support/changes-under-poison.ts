/** Changes of a table on their way to a bus, some of them such as EventBridge never takes. */
import { expect } from "chai";
import { seeded } from "local-aws/emulator/random.ts";
import { changeOf, type ChangesWorld, makeChangesWorld } from "./changes-world.ts";
import type { useWorlds } from "./release-world.ts";

/** Part of the changes that are poison. */
const POISON = 0.05;
/** Records that the changes are of. */
const RECORDS = 20;

export interface ChangesTally {
  readonly changes: number;
  readonly published: number;
  readonly dead: number;
  /** Arrivals of what had arrived before. */
  readonly duplicates: number;
  readonly ms: number;
}

/**
 * Writes `count` changes and says what became of them. Throws where one is neither on the bus nor a dead letter, is
 * both, or where a record's changes arrive out of their order.
 */
export async function changesUnderPoison(
  newWorld: ReturnType<typeof useWorlds>,
  count: number,
  seed = 1,
): Promise<ChangesTally> {
  const world = await makeChangesWorld(newWorld, seed);
  const begunMs = performance.now();
  const { sent, poison } = await write(world, count, seeded(seed));

  const arrived: string[] = [];
  const dead: string[] = [];
  const isOver = () => sent.every((change) => arrived.includes(change) || dead.includes(change));
  for (let idle = 0; idle < 2; ) {
    const [events, given] = await Promise.all([world.arrived(), world.givenUp()]);
    arrived.push(...events);
    dead.push(...given);
    idle = isOver() && events.length + given.length === 0 ? idle + 1 : 0;
  }
  const ms = Math.round(performance.now() - begunMs);

  const first = [...new Set(arrived)];
  expect(dead, "what no bus takes is given up, alone").to.have.members(poison);
  expect(first, "everything else is on the bus").to.have.members(
    sent.filter((change) => !poison.includes(change)),
  );
  for (const [record, changes] of Map.groupBy(first, (change) => change.split(" ")[0])) {
    const versions = changes.map((change) => Number(change.split(" ")[1]));
    expect(versions, `the order of ${record}`).to.deep.equal(versions.toSorted((a, b) => a - b));
  }
  return {
    changes: count,
    published: first.length,
    dead: dead.length,
    duplicates: arrived.length - first.length,
    ms,
  };
}

/** Each record's changes one after the other, all records at once. */
async function write(
  { put }: Pick<ChangesWorld, "put">,
  count: number,
  random: () => number,
): Promise<{ readonly sent: readonly string[]; readonly poison: readonly string[] }> {
  const records = new Map<string, boolean[]>();
  for (let index = 0; index < count; index++) {
    const record = `r${Math.floor(random() * RECORDS)}`;
    records.set(record, [...(records.get(record) ?? []), random() < POISON]);
  }
  const changes = [...records].flatMap(([record, poisons]) =>
    poisons.map((isPoison, index) => ({ change: changeOf(record, index + 1), isPoison })),
  );
  await Promise.all(
    [...records].map(async ([record, poisons]) => {
      for (const [index, isPoison] of poisons.entries()) {
        await put(record, index + 1, isPoison ? "no JSON" : undefined);
      }
    }),
  );
  return {
    sent: changes.map(({ change }) => change),
    poison: changes.flatMap(({ change, isPoison }) => (isPoison ? [change] : [])),
  };
}
