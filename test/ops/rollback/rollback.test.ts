import { setTimeout } from "node:timers/promises";
import { UpdateAliasCommand } from "@aws-sdk/client-lambda";
import { expect } from "chai";
import { readReleaseRecords } from "../../../ops/release/records.ts";
import { releaseStack } from "../../../ops/release/run.ts";
import { rollBackStack } from "../../../ops/rollback/run.ts";
import { sessionOf, refusal } from "../../support/release-context.ts";
import { useWorlds, type World } from "../../support/release-world.ts";

/** A release by canary, whose synthetic calls find a wrong answer. */
const CANARY = {
  deploymentConfigName: "CodeDeployDefault.LambdaCanary10Percent5Minutes",
  canaryMinimumInvocations: 20,
};

describe("a rollback", () => {
  const newWorld = useWorlds();
  const release = (world: World) => releaseStack(sessionOf(world), { yes: true });
  const rollBack = (world: World, options: { to?: string; ifUnfinished?: boolean } = {}) =>
    rollBackStack(sessionOf(world), { reason: "a test", yes: true, ...options });
  /** Publishes a version that its own release finds to be bad; what served serves again. */
  const newestFails = async (world: World) => {
    await world.publish("answers-wrongly");
    // A busy machine may need longer for the calls than a canary of 300 ms takes.
    world.front.held = true;
    const report = await release({ ...world, outputs: () => ({ ...world.outputs(), ...CANARY }) });
    world.front.held = false;
    return report;
  };
  const canary = async (world: World): Promise<void> => {
    while ((await world.alias()).weights["2"] === undefined) await setTimeout(30);
  };

  it("moves the alias, records the version, and no release picks it again", async () => {
    const world = await newWorld({ trafficShift: "AllAtOnce" });
    await world.publish("works");
    await release(world);

    const result = await rollBack(world);
    const again = await refusal(release(world));

    expect(result).to.deep.include({
      verdict: "rolled back",
      version: "1",
      before: "2",
      recorded: ["2"],
    });
    expect(again).to.contain("version 2 was rolled back").and.contain("a test");
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

    expect(result).to.deep.include({ verdict: "rolled back", version: "1", recorded: ["2"] });
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

  it("goes back even when the record cannot be written, and says so", async () => {
    const world = await newWorld({ trafficShift: "AllAtOnce" });
    await world.publish("works");
    await release(world);
    world.front.fault = ({ method, path }) =>
      method === "PUT" && path.includes("releases/records")
        ? { status: 403, name: "AccessDenied", message: "Access Denied" }
        : undefined;

    const result = await rollBack(world);

    expect(result.summary).to.contain("version 2 could not be recorded as bad: do not release it");
    expect(await world.alias()).to.deep.equal({ version: "1", weights: {} });
  });

  it("leaves the version that serves, although the newest one has failed its own release", async () => {
    const world = await newWorld({ trafficShift: "AllAtOnce" });
    await world.publish("works");
    await release(world);
    const canary = await newestFails(world);

    const result = await rollBack(world);

    expect(canary.verdict).to.equal("rolled back");
    expect(result).to.deep.include({ verdict: "rolled back", before: "2", version: "1" });
    expect(await world.alias()).to.deep.equal({ version: "1", weights: {} });
  });

  it("is for a pipeline nothing to do when the release never reached the newest version", async () => {
    const world = await newWorld({ trafficShift: "AllAtOnce" });
    await newestFails(world);

    const result = await rollBack(world, { ifUnfinished: true });

    expect(result.summary).to.contain("version 2, which was deployed last, gets no traffic");
    expect(await world.alias()).to.deep.equal({ version: "1", weights: {} });
  });

  it("says which versions there are, with their status, when it cannot choose one", async () => {
    const world = await newWorld({ trafficShift: "AllAtOnce" });
    await newestFails(world);
    const lines: string[] = [];
    const options = { reason: "a test", yes: true } as const;

    const message = await refusal(rollBackStack(sessionOf(world, lines), options));

    expect(message)
      .to.contain("no version but 1 is known to have worked")
      .and.contain("--to VERSION");
    expect(lines).to.include("  version 1: serves; nothing is known of it");
    expect(lines.find((line) => line.startsWith("  version 2: failed on"))).to.be.a("string");
  });

  for (const clockAheadMs of [-3_600_000, 3_600_000]) {
    const how = clockAheadMs < 0 ? "behind" : "ahead of";
    it(`is remembered also when the clock is an hour ${how} AWS's`, async () => {
      const world = await newWorld({ trafficShift: "AllAtOnce", clockAheadMs });
      await world.publish("works");
      await release(world);
      await rollBack(world);

      expect(await refusal(release(world))).to.contain("version 2 was rolled back");
      const [record] = await readReleaseRecords(world.clients.s3, world.outputs());
      const offMs = Math.abs(Date.parse(record?.at ?? "") - (Date.now() - clockAheadMs));
      expect(offMs).to.be.lessThan(60_000);
    });
  }

  it("does not let traffic wait for its record", async () => {
    const world = await newWorld({ trafficShift: "AllAtOnce" });
    await world.publish("works");
    await release(world);
    let written = false;
    world.front.fault = ({ method, path }) => {
      if (method !== "PUT" || !path.includes("releases/records") || written) return undefined;
      return "no answer";
    };

    const rolling = rollBack(world);
    while ((await world.alias()).version !== "1") await setTimeout(20);
    written = true;

    expect((await rolling).recorded).to.deep.equal(["2"]);
  });

  it("is done when the answer to its move is lost", async () => {
    const world = await newWorld({ trafficShift: "AllAtOnce" });
    await world.publish("works");
    await release(world);
    let moves = 0;
    world.front.fault = ({ method, path }) =>
      method === "PUT" && path.includes("/aliases/") && moves++ === 0 ? "lost answer" : undefined;

    expect((await rollBack(world)).verdict).to.equal("rolled back");
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
