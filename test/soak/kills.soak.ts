/**
 * Kills releases and rollbacks at random moments and runs them again, many times: `npm run soak`.
 * Not part of the tests; SOAK_KILLS (200) and SOAK_MINUTES (15) bound it, SOAK_SEED repeats a run.
 *
 * A kill takes AWS away from the command at a random one of its calls: before the call is carried out, or just
 * after, so that its answer is lost. What a killed process leaves behind is the same.
 */
import { expect } from "chai";
import { seeded } from "local-aws/emulator/random.ts";
import { readReleaseRecords } from "../../ops/release/records.ts";
import { releaseStack } from "../../ops/release/run.ts";
import { lastRecord, statuses } from "../../ops/release/history.ts";
import { rollBackStack } from "../../ops/rollback/run.ts";
import { sessionOf } from "../support/release-context.ts";
import { type Behaviour, useWorlds, type World } from "../support/release-world.ts";

const KILLS = Number(process.env["SOAK_KILLS"] ?? 200);
const MINUTES = Number(process.env["SOAK_MINUTES"] ?? 15);
const SEED = Number(process.env["SOAK_SEED"] ?? Date.now() % 1_000_000);

/** Calls that the longest of the commands makes, roughly. */
const MOST_CALLS = 60;

const DEAD = { status: 400, name: "ExpiredTokenException", message: "killed" } as const;

describe(`releases and rollbacks that are killed (SOAK_SEED=${SEED})`, function () {
  this.timeout((MINUTES + 2) * 60_000);
  const newWorld = useWorlds();
  const random = seeded(SEED);
  beforeEach(function () {
    // A failure is what is looked for here.
    this.currentTest?.retries(0);
  });

  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;

  /** Runs a command and takes AWS away from it at its n-th call. Tells whether it came that far. */
  const kill = async (world: World, command: () => Promise<unknown>): Promise<boolean> => {
    const at = 1 + Math.floor(random() * MOST_CALLS);
    const after = random() < 0.5;
    let calls = 0;
    world.front.fault = ({ operation }) => {
      // The hook's own call: it is not the hook that is killed.
      if (operation === "PutLifecycleEventHookExecutionStatus") return undefined;
      calls += 1;
      if (calls < at) return undefined;
      return calls === at && after ? "lost answer" : DEAD;
    };
    await command().catch(() => undefined);
    world.front.fault = () => undefined;
    return calls >= at;
  };

  it(`end where they should, ${KILLS} times or for ${MINUTES} minutes`, async () => {
    const endMs = performance.now() + MINUTES * 60_000;
    const tried = { kills: 0, releases: 0, rollbacks: 0, good: 0, bad: 0, found: 0 };
    while (tried.kills < KILLS && performance.now() < endMs) {
      const trafficShift = pick(["AllAtOnce", "Canary10Percent5Minutes"] as const);
      const world = await newWorld({ trafficShift, canaryMinimumInvocations: 8 });
      const session = () => sessionOf(world);
      const release = () => releaseStack(session(), { yes: true });
      const rollBack = () => rollBackStack(session(), { reason: "a soak", yes: true });
      await release();
      for (let round = 0; round < 4 && tried.kills < KILLS; round++) {
        const behaviour: Behaviour =
          trafficShift === "AllAtOnce" ? "works" : pick(["works", "answers-wrongly"]);
        const before = (await world.alias()).version;
        const version = await world.publish(behaviour);
        const good = behaviour === "works";
        tried[good ? "good" : "bad"] += 1;

        for (let kills = 0; kills < 3 && (await kill(world, release)); kills++) tried.kills += 1;
        tried.releases += 1;
        const report = await release().catch((error: Error) => error);
        const again = await release().catch((error: Error) => error);

        const where = `round ${round} of version ${version} (${behaviour}, before ${before})`;
        const said = JSON.stringify([report, again]);
        const alias = await world.alias();
        expect(alias.weights, `${where}: ${said}`).to.deep.equal({});
        // With nobody left to call it, a canary without users ends well for CodeDeploy. The next run finds it out.
        const allowed = good ? [version] : [version, before];
        expect(alias.version, `${where}: ${said}`).to.be.oneOf(allowed);
        expect(again instanceof Error ? "refused" : again.verdict, `${where}: ${said}`).to.equal(
          good ? "nothing to do" : "refused",
        );
        const records = await readReleaseRecords(world.clients.s3, world.outputs());
        expect(statuses(records).get(version)?.outcome, where).to.equal(good ? "good" : "bad");

        if (alias.version === before || (good && random() < 0.5)) continue;
        for (let kills = 0; kills < 3 && (await kill(world, rollBack)); kills++) tried.kills += 1;
        tried.rollbacks += 1;
        await rollBack();
        expect(await world.alias(), `${where}, rolled back`).to.deep.equal({
          version: before,
          weights: {},
        });
        const last = lastRecord(
          await readReleaseRecords(world.clients.s3, world.outputs()),
          version,
        );
        expect(last, where).to.deep.include({ outcome: "rolled back", to: before });
        tried.found += good ? 0 : 1;
      }
      await world.front.stop();
      console.log(
        `      ${tried.kills} kills of ${tried.releases} releases (${tried.good} of good versions, ${tried.bad} of bad ones, ${tried.found} of which served until the next run) and ${tried.rollbacks} rollbacks: every one ended where it should`,
      );
    }
  });
});
