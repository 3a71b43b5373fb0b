import { setTimeout } from "node:timers/promises";
import { UpdateAliasCommand } from "@aws-sdk/client-lambda";
import { expect } from "chai";
import { releaseStack } from "../../../ops/release/run.ts";
import { rollBackStack } from "../../../ops/rollback/run.ts";
import { contextOf, refusal } from "../../support/release-context.ts";
import { useWorlds, type World } from "../../support/release-world.ts";

describe("a rollback", () => {
  const newWorld = useWorlds();
  const release = (world: World) => releaseStack(contextOf(world), { yes: true });
  const rollBack = (world: World, options: { to?: string; ifUnfinished?: boolean } = {}) =>
    rollBackStack(contextOf(world), { reason: "a test", yes: true, ...options });
  const canary = async (world: World): Promise<void> => {
    while ((await world.alias()).weights["2"] === undefined) await setTimeout(10);
  };

  it("moves the alias, marks the version, and no release picks it again", async () => {
    const world = await newWorld({ trafficShift: "AllAtOnce" });
    await world.publish("works");
    await release(world);

    const result = await rollBack(world);
    const again = await refusal(release(world));

    expect(result).to.deep.include({
      verdict: "rolled back",
      version: "1",
      before: "2",
      marked: ["2"],
    });
    expect(again).to.contain("version 2 was marked bad").and.contain("a test");
    expect(await world.alias()).to.deep.equal({ version: "1", weights: {} });
  });

  it("stops a release that is going on first; who follows it sees it rolled back", async () => {
    const world = await newWorld();
    await world.publish("works");
    world.front.held = true;
    const following = release(world);
    await canary(world);

    const result = await rollBack(world);
    const report = await following;

    expect(result).to.deep.include({ verdict: "rolled back", version: "1", marked: ["2"] });
    expect(result.stoppedDeployment).to.be.a("string");
    expect(report.verdict).to.equal("rolled back");
    expect(await world.alias()).to.deep.equal({ version: "1", weights: {} });
  });

  it("takes away weights that were left over", async () => {
    const world = await newWorld();
    await world.publish("works");
    await setAlias(world, "1", { "2": 0.1 });

    await rollBack(world);

    expect(await world.alias()).to.deep.equal({ version: "1", weights: {} });
  });

  it("does not overwrite what somebody else has done meanwhile", async () => {
    const world = await newWorld({ trafficShift: "AllAtOnce" });
    await world.publish("works");
    await release(world);
    await world.publish("works");
    let other: Promise<unknown> | undefined;
    // Between what this rollback has read and what it writes, another operator moves the alias.
    world.front.fault = ({ method, path }) => {
      if (method === "PUT" && path.includes("releases/records")) other ??= setAlias(world, "3", {});
      return undefined;
    };

    const message = await refusal(rollBack(world));
    await other;

    expect(message).to.contain("somebody else has moved the alias meanwhile: it is at version 3");
    expect(await world.alias()).to.deep.equal({ version: "3", weights: {} });
  });

  it("lets one of two at the same time win, and both end at the same version", async () => {
    const world = await newWorld({ trafficShift: "AllAtOnce" });
    await world.publish("works");
    await release(world);

    const ended = await Promise.allSettled([rollBack(world), rollBack(world)]);

    const done = ended.filter(({ status }) => status === "fulfilled");
    expect(done).to.not.have.length(0);
    expect(await world.alias()).to.deep.equal({ version: "1", weights: {} });
  });

  it("goes back even when the mark cannot be written, and says so", async () => {
    const world = await newWorld({ trafficShift: "AllAtOnce" });
    await world.publish("works");
    await release(world);
    world.front.fault = ({ method, path }) =>
      method === "PUT" && path.includes("releases/records")
        ? { status: 403, name: "AccessDenied", message: "Access Denied" }
        : undefined;

    const result = await rollBack(world);

    expect(result.summary).to.contain("version 2 could not be marked: do not release it");
    expect(await world.alias()).to.deep.equal({ version: "1", weights: {} });
  });

  it("leaves a good version alone when the release of another never reached it", async () => {
    const world = await newWorld({ realHook: true });
    await world.publish("answers-wrongly");
    await release(world);

    const failed = await rollBack(world);
    await world.publish("works");
    const refused = await rollBack(world, { ifUnfinished: true });

    expect(failed.summary).to.contain("nothing to do: version 2 failed deployment");
    expect(refused.summary).to.contain("version 3, which was deployed last, gets no traffic");
    expect(await world.alias()).to.deep.equal({ version: "1", weights: {} });
  });
});

const setAlias = (world: World, FunctionVersion: string, weights: Record<string, number>) =>
  world.clients.lambda.send(
    new UpdateAliasCommand({
      FunctionName: world.outputs().functionName,
      Name: "live",
      FunctionVersion,
      RoutingConfig: { AdditionalVersionWeights: weights },
    }),
  );
