import { setTimeout } from "node:timers/promises";
import { SetAlarmStateCommand } from "@aws-sdk/client-cloudwatch";
import { UpdateAliasCommand } from "@aws-sdk/client-lambda";
import { expect } from "chai";
import { type ReleaseResult, releaseStack } from "../../../ops/release/run.ts";
import { readReleaseState } from "../../../ops/release/state.ts";
import { contextOf, refusal } from "../../support/release-context.ts";
import { callAlias, useWorlds, type World } from "../../support/release-world.ts";

type Options = Parameters<typeof releaseStack>[1];

describe("a release", () => {
  const newWorld = useWorlds();

  const lines: string[] = [];
  const release = (
    world: World,
    options: Options = {},
    signal?: AbortSignal,
  ): Promise<ReleaseResult> =>
    releaseStack(contextOf(world, lines, signal), { yes: true, ...options });
  const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
    while (!(await condition())) await setTimeout(10);
  };
  const canaryOf = (world: World) =>
    until(async () => (await world.alias()).weights["2"] !== undefined);
  /** Calls the alias all the time until the work is over. */
  const withTraffic = async <T>(world: World, work: Promise<T>): Promise<T> => {
    const state = { over: false };
    const done = work.finally(() => {
      state.over = true;
    });
    while (!state.over) await callAlias(world);
    return done;
  };

  const setAlarm = (world: World, AlarmName: string | undefined, StateValue: "ALARM" | "OK") =>
    world.clients.cloudWatch.send(
      new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: "a test" }),
    );

  beforeEach(() => {
    lines.length = 0;
  });

  it("tries the first version, moves to the next by canary, and then has nothing to do", async () => {
    const world = await newWorld({ realHook: true });

    const first = await release(world);
    const again = await release(world);
    const version = await world.publish("works");
    world.front.held = true;
    const moving = release(world);
    await until(() => lines.some((line) => line.includes("1 of 1 calls")));
    world.front.held = false;
    const second = await moving;
    const done = await release(world);

    expect(first.summary).to.contain("serves version 1, its first");
    expect(again.verdict).to.equal("nothing to do");
    expect(second).to.deep.include({ verdict: "released", from: "1", to: version });
    expect(done.summary).to.contain("serves version 2, which was released on");
    expect(await world.alias()).to.deep.equal({ version, weights: {} });
    expect(lines.join("\n")).to.contain("10 % to version 2");
  });

  it("leaves the old version alone when the new one fails its trial, and remembers", async () => {
    const world = await newWorld({ realHook: true });
    await world.publish("answers-wrongly");

    const failed = await release(world);
    const again = await refusal(release(world));
    await release(world, { retry: true, reason: "a test" });

    expect(failed).to.deep.include({ verdict: "rolled back", from: "1", to: "2" });
    expect(failed.summary)
      .to.contain("serves version 1 as before")
      .and.contain("answered status 299 instead of 200");
    expect(again).to.contain("version 2 failed deployment").and.contain("--retry");
    expect(await world.alias()).to.deep.equal({ version: "1", weights: {} });
  });

  it("rolls back when real calls fail in the canary, and counts both versions' calls", async () => {
    const world = await newWorld({ lowTraffic: "refuse", minuteMs: 1000 });
    world.front.held = true;
    await world.publish("fails-real-calls");
    await Promise.all(Array.from({ length: 50 }, () => callAlias(world)));
    // CloudWatch is a minute late.
    await setTimeout(2 * world.minuteMs);

    const report = await withTraffic(world, release(world));

    expect(report).to.deep.include({ verdict: "rolled back", to: "2" });
    expect(report.summary).to.contain("canary-errors-production");
    if (!("calls" in report)) throw new Error("no report");
    expect(report.calls.new.errors).to.equal(report.calls.new.invocations).and.be.greaterThan(0);
    expect(report.calls.old).to.deep.include({ errors: 0 });
    expect(report.rollbackDeploymentId).to.be.a("string");
  });

  it("stops by itself when a marked call is answered wrongly, and marks the version", async () => {
    // More than one call: the version answers one of the smoke events, the refusal, rightly.
    const world = await newWorld({ canaryMinimumInvocations: 20 });
    world.front.held = true;
    await world.publish("answers-wrongly");

    const report = await release(world);
    const again = await refusal(release(world));

    expect(report.verdict).to.equal("rolled back");
    expect(again).to.contain("was marked bad");
  });

  it("stops and rolls back when it is interrupted, and holds nothing against the version", async () => {
    const world = await newWorld();
    await world.publish("works");
    const controller = new AbortController();

    world.front.held = true;
    const interrupted = release(world, {}, controller.signal);
    await canaryOf(world);
    controller.abort();
    const report = await interrupted;

    expect(report).to.deep.include({ verdict: "rolled back", whyRolledBack: "interrupted" });
    const { known } = (await readReleaseState(world.clients, world.outputs())).snapshot;
    expect(known.has("2")).to.equal(false);
  });

  it("calls a canary without enough calls inconclusive", async () => {
    const world = await newWorld({
      minuteMs: 20,
      canaryMinimumInvocations: 10_000,
      lowTraffic: "extend",
    });
    await world.publish("works");

    const report = await release(world);

    expect(report.verdict).to.equal("inconclusive");
    expect(report.summary).to.contain("0 calls of 10000 judged it");
    expect(report).to.deep.include({
      configName: "CodeDeployDefault.LambdaCanary10Percent30Minutes",
    });
  });

  it("refuses on weights that were left over, on red alarms, and on too little traffic", async () => {
    const world = await newWorld({ lowTraffic: "refuse" });
    const { functionName, releaseAlarmNames } = world.outputs();
    await world.publish("works");

    const quiet = await refusal(release(world));
    await world.clients.lambda.send(
      new UpdateAliasCommand({
        FunctionName: functionName,
        Name: "live",
        RoutingConfig: { AdditionalVersionWeights: { "2": 0.1 } },
      }),
    );
    const leftover = await refusal(release(world));
    await world.clients.lambda.send(
      new UpdateAliasCommand({
        FunctionName: functionName,
        Name: "live",
        RoutingConfig: { AdditionalVersionWeights: {} },
      }),
    );
    await setAlarm(world, releaseAlarmNames[0], "ALARM");
    const red = await refusal(release(world));

    expect(quiet).to.contain("about 0 calls in 5 minutes");
    expect(leftover).to.contain("10 % to version 2").and.contain("npm run rollback");
    expect(red).to.contain("is red already").and.contain("--override-alarms");
    expect(await world.alias()).to.deep.equal({ version: "1", weights: {} });
  });

  it("releases the cure while an alarm is red, and lets the others judge it", async () => {
    const world = await newWorld();
    const [red, other] = world.outputs().releaseAlarmNames;
    await world.publish("works");
    await setAlarm(world, red, "ALARM");
    world.front.held = true;

    const without = await refusal(release(world, { overrideAlarms: true }));
    const curing = release(world, { overrideAlarms: true, reason: "stops the errors" });
    await canaryOf(world);
    await setAlarm(world, other, "ALARM");
    const report = await curing;

    expect(without).to.contain("need --reason");
    expect(report).to.deep.include({
      verdict: "rolled back",
      overriddenAlarms: [red],
      reason: "stops the errors",
    });
    expect(report.summary).to.contain(other).and.not.contain(red);
  });

  it("follows through throttling", async () => {
    const world = await newWorld({ trafficShift: "AllAtOnce" });
    await world.publish("works");
    let calls = 0;
    world.front.fault = ({ operation }) =>
      lines.some((line) => line.includes("has started")) &&
      operation.endsWith("/aliases/live") &&
      calls++ % 3 !== 2
        ? { status: 400, name: "ThrottlingException", message: "Rate exceeded" }
        : undefined;

    expect((await release(world)).verdict).to.equal("released");
    expect(calls).to.be.greaterThan(2);
  });

  it("says that the deployment goes on when the credentials expire in the middle of it", async () => {
    const world = await newWorld();
    await world.publish("works");

    world.front.held = true;
    const following = refusal(release(world));
    await canaryOf(world);
    world.front.fault = () => ({
      status: 400,
      name: "ExpiredTokenException",
      message: "The security token included in the request is expired",
    });

    expect(await following)
      .to.contain("credentials have expired")
      .and.contain("goes on without");
  });

  it("lets one of two at the same time win; the other says so, or follows it", async () => {
    const world = await newWorld({ trafficShift: "AllAtOnce" });
    await world.publish("works");

    const ended = await Promise.allSettled([release(world), release(world)]);

    const said = ended.map((end) =>
      end.status === "fulfilled" ? end.value.verdict : String(end.reason),
    );
    expect(said).to.include("released");
    for (const line of said)
      expect(line).to.match(/^released$|somebody else has started a release/);
    expect(await world.alias()).to.deep.equal({ version: "2", weights: {} });
  });
});
