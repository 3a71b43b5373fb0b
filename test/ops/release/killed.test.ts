import { setTimeout } from "node:timers/promises";
import { expect } from "chai";
import type { Call } from "local-aws/emulator/http.ts";
import { releaseStack } from "../../../ops/release/run.ts";
import { rollBackStack } from "../../../ops/rollback/run.ts";
import { sessionOf } from "../../support/release-context.ts";
import { useWorlds, type World } from "../../support/release-world.ts";

/** What changes something in AWS, by the commands' own calls. */
const WRITES: Readonly<Record<string, (call: Call) => boolean>> = {
  "the start of the deployment": ({ operation }) => operation === "CreateDeployment",
  "the record": ({ method, path }) => method === "PUT" && path.includes("releases/records"),
  "the stop of the deployment": ({ operation }) => operation === "StopDeployment",
  "the move of the alias": ({ method, path }) => method === "PUT" && path.includes("/aliases/"),
};

describe("a command that is killed and run again", () => {
  const newWorld = useWorlds();
  const release = (world: World) => releaseStack(sessionOf(world), { yes: true });
  const rollBack = (world: World) =>
    rollBackStack(sessionOf(world), { reason: "a test", yes: true });

  /**
   * Runs the command and takes AWS away from it just before the write, or just after it: what a killed
   * process leaves behind is the same. Then AWS is there again.
   */
  const kill = async (
    world: World,
    when: "before" | "after",
    isWrite: (call: Call) => boolean,
    command: () => Promise<unknown>,
  ): Promise<boolean> => {
    const state = { dead: false, reached: false };
    world.front.fault = (call) => {
      const written = isWrite(call);
      state.reached ||= written;
      if (written && when === "before") state.dead = true;
      const { dead } = state;
      if (written) state.dead = true;
      return dead ? { status: 400, name: "ExpiredTokenException", message: "killed" } : undefined;
    };
    await command().catch(() => undefined);
    world.front.fault = () => undefined;
    return state.reached;
  };

  const write = (name: string) => WRITES[name] ?? (() => false);

  for (const when of ["before", "after"] as const) {
    const name = "the start of the deployment";
    it(`releases, ${when} ${name}`, async () => {
      const world = await newWorld({ trafficShift: "AllAtOnce" });
      await world.publish("works");

      expect(await kill(world, when, write(name), () => release(world))).to.equal(true);
      const report = await release(world);

      expect(report.verdict).to.be.oneOf(["released", "nothing to do"]);
      expect(await world.alias()).to.deep.equal({ version: "2", weights: {} });
    });

    for (const name of ["the record", "the move of the alias"]) {
      it(`rolls back, ${when} ${name}`, async () => {
        const world = await newWorld({ trafficShift: "AllAtOnce" });
        await world.publish("works");
        await release(world);

        expect(await kill(world, when, write(name), () => rollBack(world))).to.equal(true);
        await rollBack(world);

        expect(await world.alias()).to.deep.equal({ version: "1", weights: {} });
        const again = await release(world).catch((error: Error) => error.message);
        expect(again).to.contain("version 2 was rolled back");
      });
    }

    it(`rolls an active release back, ${when} the stop of the deployment`, async () => {
      const world = await newWorld();
      await world.publish("works");
      world.front.held = true;
      const following = release(world).catch(() => undefined);
      while ((await world.alias()).weights["2"] === undefined) await setTimeout(20);

      const stop = write("the stop of the deployment");
      expect(await kill(world, when, stop, () => rollBack(world))).to.equal(true);
      await rollBack(world);
      await following;

      expect(await world.alias()).to.deep.equal({ version: "1", weights: {} });
    });
  }
});
