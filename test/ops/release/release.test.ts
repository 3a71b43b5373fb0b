import { setTimeout } from "node:timers/promises";
import { DeleteAlarmsCommand, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import {
  GetFunctionConfigurationCommand,
  UpdateAliasCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { expect } from "chai";
import { canaryAlarmNames } from "../../../ops/release/canary-alarms.ts";
import { type ReleaseResult, releaseStack } from "../../../ops/release/run.ts";
import { readReleaseState } from "../../../ops/release/state.ts";
import { readCanaryAlarms } from "../../../ops/release/watch.ts";
import { writeReplay } from "../../../ops/replay/activity.ts";
import { httpEvent } from "../../function/support/harness.ts";
import { afterUpdates } from "../../support/after-updates.ts";
import { sessionOf, refusal } from "../../support/release-context.ts";
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
    releaseStack(sessionOf(world, lines, signal), { yes: true, ...options });
  const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
    // Each time is a call of AWS, which costs more than the waiting.
    while (!(await condition())) await setTimeout(30);
  };
  const canaryOf = (world: World) =>
    until(async () => (await world.alias()).weights["2"] !== undefined);
  /** Calls the alias all the time until the work is over. */
  const withTraffic = async <T>(world: World, work: Promise<T>, event?: object): Promise<T> => {
    const state = { over: false };
    const done = work.finally(() => {
      state.over = true;
    });
    while (!state.over) await callAlias(world, event);
    return done;
  };

  const setWeights = (world: World, weights: Record<string, number>) =>
    world.clients.lambda.send(
      new UpdateAliasCommand({
        FunctionName: world.outputs().functionName,
        Name: "live",
        RoutingConfig: { AdditionalVersionWeights: weights },
      }),
    );
  /** Calls the alias until an alarm of the service is red. */
  const callUntilRed = async (world: World): Promise<void> => {
    const { releaseAlarmNames } = world.outputs();
    const command = new DescribeAlarmsCommand({ AlarmNames: [...releaseAlarmNames] });
    await until(async () => {
      await Promise.all(Array.from({ length: 5 }, () => callAlias(world)));
      const { MetricAlarms = [] } = await world.clients.cloudWatch.send(command);
      return MetricAlarms.some(({ StateValue }) => StateValue === "ALARM");
    });
  };

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

    expect(first.summary).to.contain("serves version 1;");
    expect(again.verdict).to.equal("nothing to do");
    expect(second).to.deep.include({ verdict: "released", from: "1", to: version });
    expect(done.summary).to.contain("serves version 2, which was judged good on");
    expect(await world.alias()).to.deep.equal({ version, weights: {} });
    expect(lines.join("\n")).to.contain("10 % to version 2");
  });

  it("moves into a VPC by canary, from a version that is in none", async () => {
    const world = await newWorld({});
    await release(world);
    const { functionName: FunctionName } = world.outputs();
    const { lambda } = world.clients;
    const SubnetIds = ["subnet-0a1b2c3d", "subnet-4e5f6a7b"];
    await afterUpdates(() =>
      lambda.send(
        new UpdateFunctionConfigurationCommand({
          FunctionName,
          VpcConfig: { SubnetIds, SecurityGroupIds: ["sg-0a1b2c3d"] },
        }),
      ),
    );
    await world.publish("works");

    const result = await withTraffic(world, release(world));

    expect(result).to.deep.include({ verdict: "released", from: "1", to: "2" });
    expect(await world.alias()).to.deep.equal({ version: "2", weights: {} });
    const subnetsOf = async (Qualifier: string) =>
      (await lambda.send(new GetFunctionConfigurationCommand({ FunctionName, Qualifier })))
        .VpcConfig?.SubnetIds ?? [];
    expect(lines.join("\n")).to.contain("10 % to version 2");
    expect(await subnetsOf("1")).to.deep.equal([]);
    expect(await subnetsOf("2")).to.deep.equal(SubnetIds);
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
    expect(again).to.contain("version 2 failed on").and.contain("--retry");
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
    expect(report.summary).to.contain("canary-errors-v2-production");
    if (!("calls" in report)) throw new Error("no report");
    expect(report.calls.new.errors).to.equal(report.calls.new.invocations).and.be.greaterThan(0);
    expect(report.calls.old).to.deep.include({ errors: 0 });
    expect(report.rollbackDeploymentId).to.be.a("string");
  });

  it("rolls back when the new version answers 500 behind HTTP, which is no error to Lambda", async () => {
    const world = await newWorld({ lowTraffic: "refuse", minuteMs: 1000 });
    world.front.held = true;
    await world.publish("real-flow");
    const event = httpEvent({ word: "throw" });
    await Promise.all(Array.from({ length: 50 }, () => callAlias(world, event)));
    await setTimeout(2 * world.minuteMs);

    const report = await withTraffic(world, release(world), event);

    expect(report).to.deep.include({ verdict: "rolled back", to: "2" });
    expect(report.summary).to.contain("canary-failures-v2-production");
    if (!("calls" in report)) throw new Error("no report");
    expect(report.calls.new.invocations).to.be.greaterThan(0);
    expect(report.calls.new.errors).to.equal(0);
  });

  it("stops by itself when a synthetic call is answered wrongly, and remembers the version", async () => {
    // More than one call: the version may answer one of the smoke events correctly.
    const world = await newWorld({ canaryMinimumInvocations: 20 });
    world.front.held = true;
    await world.publish("answers-wrongly");

    const report = await release(world);
    const again = await refusal(release(world));

    expect(report.verdict).to.equal("rolled back");
    expect(again)
      .to.contain("version 2 failed on")
      .and.contain("answered a synthetic call wrongly");
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

    expect(report).to.deep.include({ verdict: "rolled back", whyNotReleased: "interrupted" });
    const { known } = (await readReleaseState(world.clients, world.outputs())).snapshot;
    expect(known.has("2")).to.equal(false);
  });

  it("calls a canary without enough calls inconclusive, and says so again when it is run again", async () => {
    const world = await newWorld({
      minuteMs: 20,
      canaryMinimumInvocations: 10_000,
      lowTraffic: "extend",
    });
    await world.publish("works");

    const report = await release(world);
    const again = await release(world);
    const retried = await release(world, { retry: true, reason: "nobody calls it" });

    expect(report.verdict).to.equal("inconclusive");
    expect(report.summary).to.contain("0 of 10000 calls judged it");
    expect(report).to.deep.include({
      configName: "CodeDeployDefault.LambdaCanary10Percent30Minutes",
    });
    expect(again).to.deep.include({ verdict: "inconclusive", summary: report.summary });
    expect(retried.verdict).to.equal("released");
    expect((await release(world)).verdict).to.equal("nothing to do");
  });

  it("judges exactly its version, whatever `pulumi up` publishes meanwhile", async () => {
    const world = await newWorld({ canaryMinimumInvocations: 2, seed: 3 });
    world.front.held = true;
    await world.publish("fails-real-calls");
    const releasing = release(world);
    await canaryOf(world);

    await world.publish("works");
    const report = await withTraffic(world, releasing);

    expect(report).to.deep.include({ verdict: "rolled back", to: "2", versionFailed: true });
    expect(await world.alias()).to.deep.equal({ version: "1", weights: {} });
  });

  it("is no success when its alarms were changed or taken away under way", async () => {
    const world = await newWorld();
    await world.publish("works");
    world.front.held = true;
    const releasing = release(world);
    await canaryOf(world);
    const AlarmNames = [...canaryAlarmNames(world.outputs(), "2")];
    await world.clients.cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames }));

    const report = await releasing;
    world.front.held = false;

    expect(report).to.deep.include({ verdict: "rolled back", versionFailed: false });
    // It is not held against the version: the same command simply tries again.
    expect((await release(world)).verdict).to.equal("released");
  });

  it("brings the alarms of its version, and takes those of the version before away", async () => {
    const world = await newWorld();
    for (const version of ["2", "3"]) {
      await world.publish("works");
      await release(world);
      const alarms = await readCanaryAlarms(world.clients, world.outputs());
      expect(alarms.map(({ AlarmName }) => AlarmName)).to.have.members([
        ...canaryAlarmNames(world.outputs(), version),
      ]);
    }
  });

  it("gives up a hook that does not report, and holds nothing against the version", async () => {
    const world = await newWorld({ silentHook: true, hookTimeoutSeconds: 1 });
    await world.publish("works");

    const report = await release(world);

    expect(report).to.deep.include({ verdict: "rolled back", versionFailed: false });
    expect(report.summary).to.contain("has not reported within its 1 s");
    const { known, last } = (await readReleaseState(world.clients, world.outputs())).snapshot;
    expect(known.has("2")).to.equal(false);
    expect(last?.outcome).to.equal("guard failed");
  });

  it("knows its own deployment when the answer to its start is lost", async () => {
    const world = await newWorld({ trafficShift: "AllAtOnce" });
    await world.publish("works");
    let lost = 0;
    world.front.fault = ({ operation }) =>
      operation === "CreateDeployment" && lost++ === 0 ? "lost answer" : undefined;

    const report = await release(world);

    expect(lost).to.equal(1);
    expect(report.verdict).to.equal("released");
    expect(await world.alias()).to.deep.equal({ version: "2", weights: {} });
  });

  it("starts again when its start never reached AWS", async () => {
    const world = await newWorld({ trafficShift: "AllAtOnce" });
    await world.publish("works");
    let calls = 0;
    world.front.fault = ({ operation }) =>
      operation === "CreateDeployment" && calls++ === 0 ? "no answer" : undefined;

    expect((await release(world)).verdict).to.equal("released");
    expect(calls).to.equal(2);
  });

  it("goes on when a call is never answered, and hears Ctrl-C while it waits", async () => {
    const world = await newWorld();
    await world.publish("works");
    const controller = new AbortController();
    world.front.held = true;
    const releasing = release(world, {}, controller.signal);
    await canaryOf(world);
    let hanging = true;
    const reached = Promise.withResolvers<void>();
    world.front.fault = ({ operation, method }) => {
      if (!hanging || method !== "POST" || operation !== "GetDeployment") return undefined;
      reached.resolve();
      return "no answer";
    };
    await reached.promise;

    controller.abort();
    await until(() => lines.some((line) => line.startsWith("interrupted:")));
    hanging = false;
    const report = await releasing;

    expect(report).to.deep.include({ verdict: "rolled back", whyNotReleased: "interrupted" });
  });

  it("counts nobody's synthetic calls as real, also when two commands follow one release", async () => {
    const world = await newWorld({ canaryMinimumInvocations: 8 });
    await world.publish("works");
    world.front.held = true;
    const first = release(world);
    await canaryOf(world);
    const second = release(world);
    await until(() => lines.filter((line) => line.includes("8 of 8 calls")).length > 1);
    world.front.held = false;

    for (const report of await Promise.all([first, second])) {
      expect(report.verdict).to.equal("released");
      expect("judgedBy" in report && report.judgedBy).to.deep.include({ real: 0, synthetic: 8 });
    }
  });

  it("refuses beforehand what its surroundings cannot hold", async () => {
    const world = await newWorld({ trafficShift: "Linear10PercentEvery10Minutes" });
    await world.publish("works");

    expect(await refusal(release(world, { timeLimit: 40 })))
      .to.contain("can take 100 minutes")
      .and.contain("--time-limit allows 40");
    expect(await world.alias()).to.deep.equal({ version: "1", weights: {} });
  });

  it("refuses while a replay is under way, whose failures would be the new version's", async () => {
    const world = await newWorld({ minuteMs: 20_000 });
    await world.publish("works");
    const replay = { by: "arn", delivered: 1, failed: 1, asynchronous: false };
    const write = (over: boolean) =>
      writeReplay(world.clients.s3, world.outputs(), { ...replay, over });

    await write(false);
    expect(await refusal(release(world))).to.contain(
      "a replay of dead letters is under way, by arn",
    );
    // What it failed before is the old version's, and judges nobody: the next refusal has another reason.
    await write(true);
    expect(await refusal(release(world, { timeLimit: 1 }))).to.contain("--time-limit allows 1");
  });

  it("refuses on weights that were left over, and on too little traffic", async () => {
    const world = await newWorld({ lowTraffic: "refuse" });
    await world.publish("works");

    const quiet = await refusal(release(world));
    await setWeights(world, { "2": 0.1 });
    const leftover = await refusal(release(world));

    expect(quiet).to.contain("about 0 calls in 5 minutes");
    expect(leftover).to.contain("10 % to version 2").and.contain("npm run rollback");
  });

  it("releases the cure while alarms of the service are red: they are those of the old version", async () => {
    const world = await newWorld({ first: "fails-real-calls", minuteMs: 500 });
    await callUntilRed(world);
    await world.publish("works");

    const report = await release(world);

    expect(report).to.deep.include({ verdict: "released", from: "1", to: "2" });
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
      expect(line).to.match(/^released$|^nothing to do$|somebody else has started a release/);
    expect(await world.alias()).to.deep.equal({ version: "2", weights: {} });
  });
});
