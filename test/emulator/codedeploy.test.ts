import { setTimeout } from "node:timers/promises";
import {
  CreateDeploymentCommand,
  type CreateDeploymentCommandInput,
  GetDeploymentCommand,
  ListDeploymentsCommand,
  StopDeploymentCommand,
} from "@aws-sdk/client-codedeploy";
import {
  DescribeAlarmsCommand,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import { InvokeCommand, UpdateAliasCommand } from "@aws-sdk/client-lambda";
import { expect } from "chai";
import { writeAppSpec } from "../../hook/app-spec.ts";
import { bringAlarms as bring } from "../../ops/release/watch.ts";
import { useWorlds, type World } from "../support/release-world.ts";

type StartOptions = Partial<CreateDeploymentCommandInput> & { beforeAllowTraffic?: string };

describe("the CodeDeploy simulator", () => {
  const newWorld = useWorlds();
  const bringAlarms = (world: World, version: string) =>
    bring({ clients: world.clients, outputs: world.outputs() }, version);

  const start = async (
    world: World,
    targetVersion: string,
    { beforeAllowTraffic, ...more }: StartOptions = {},
  ): Promise<string> => {
    const { functionName, aliasName, ...outputs } = world.outputs();
    const content = writeAppSpec({
      functionName,
      aliasName,
      currentVersion: "1",
      targetVersion,
      beforeAllowTraffic,
    });
    const { deploymentId = "" } = await world.clients.codeDeploy.send(
      new CreateDeploymentCommand({
        applicationName: outputs.codeDeployApplicationName,
        deploymentGroupName: outputs.deploymentGroupName,
        revision: { revisionType: "AppSpecContent", appSpecContent: { content } },
        ...more,
      }),
    );
    return deploymentId;
  };
  const info = async (world: World, deploymentId: string) => {
    const answer = await world.clients.codeDeploy.send(new GetDeploymentCommand({ deploymentId }));
    return answer.deploymentInfo ?? {};
  };
  /** Follows a deployment, and the one that rolls it back, to the end. */
  const ended = async (world: World, id: string) => {
    for (;;) {
      await setTimeout(10);
      const now = await info(world, id);
      const { rollbackDeploymentId } = now.rollbackInfo ?? {};
      const over = ["Succeeded", "Failed", "Stopped"].includes(now.status ?? "");
      if (over && now.status === "Succeeded") return now;
      if (over && rollbackDeploymentId) {
        const back = await info(world, rollbackDeploymentId);
        if (back.status === "Succeeded") return now;
      }
    }
  };
  const until = async (condition: () => Promise<boolean>): Promise<void> => {
    while (!(await condition())) await setTimeout(10);
  };
  const failureOf = async (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => "no failure",
      (error: Error) => error.name,
    );

  it("tries the version, gives it a tenth, then everything", async () => {
    const world = await newWorld();
    const version = await world.publish("works");

    const id = await start(world, version, {
      beforeAllowTraffic: world.outputs().hookFunctionName,
    });
    const seen = new Set<string>();
    await until(async () => {
      const { version, weights } = await world.alias();
      seen.add(`${version} ${JSON.stringify(weights)}`);
      return (await info(world, id)).status === "Succeeded";
    });

    expect([...seen]).to.deep.equal(["1 {}", '1 {"2":0.1}', "2 {}"]);
  });

  it("runs the hook as an invocation that is counted, by which the alarms know of a release", async () => {
    const world = await newWorld();
    const version = await world.publish("works");
    const { serviceName, hookFunctionName } = world.outputs();
    const releasing = new DescribeAlarmsCommand({
      AlarmNames: [`${serviceName}-releasing-production`],
    });
    const state = async () => {
      const { MetricAlarms = [] } = await world.clients.cloudWatch.send(releasing);
      return MetricAlarms[0]?.StateValue;
    };
    await until(async () => (await state()) === "OK");

    await start(world, version, { beforeAllowTraffic: hookFunctionName });

    await until(async () => (await state()) === "ALARM");
  });

  it("gives no traffic to a version whose hook does not answer well", async () => {
    const world = await newWorld();
    const version = await world.publish("works");

    const { status, errorInformation } = await ended(
      world,
      await start(world, version, { beforeAllowTraffic: "no-such-function" }),
    );

    expect(status).to.equal("Failed");
    expect(errorInformation?.code).to.equal("HOOK_EXECUTION_FAILURE");
    expect(await world.alias()).to.deep.equal({ version: "1", weights: {} });
  });

  it("goes back when the version fails real calls: the alarm on exactly that version fires", async () => {
    const world = await newWorld();
    world.front.held = true;
    const version = await world.publish("fails-real-calls");
    const { functionName } = world.outputs();

    const alarmNames = await bringAlarms(world, version);
    const id = await start(world, version, {
      overrideAlarmConfiguration: { enabled: true, alarms: alarmNames.map((name) => ({ name })) },
    });
    let calls = 0;
    await until(async () => {
      await world.clients.lambda.send(
        new InvokeCommand({ FunctionName: functionName, Qualifier: "live", Payload: "{}" }),
      );
      calls += 1;
      return (await info(world, id)).status === "Stopped";
    });
    const { errorInformation } = await ended(world, id);

    expect(errorInformation?.code).to.equal("ALARM_ACTIVE");
    expect(errorInformation?.message).to.contain("canary-errors-v2-production");
    expect(calls).to.be.greaterThan(0);
    expect(await world.alias()).to.deep.equal({ version: "1", weights: {} });
  });

  it("leaves the weights behind when it is stopped without rollback, and then refuses the next", async () => {
    const world = await newWorld();
    world.front.held = true;
    const version = await world.publish("works");

    const deploymentId = await start(world, version);
    await until(async () => (await world.alias()).weights[version] !== undefined);
    await world.clients.codeDeploy.send(
      new StopDeploymentCommand({ deploymentId, autoRollbackEnabled: false }),
    );
    await until(async () => (await info(world, deploymentId)).status === "Stopped");

    expect(await world.alias()).to.deep.equal({ version: "1", weights: { [version]: 0.1 } });
    const { status, errorInformation } = await ended(world, await start(world, version));
    expect(status).to.equal("Failed");
    expect(errorInformation?.message).to.contain("carries weights");
  });

  it("is stopped by an alarm that is red, or not there, unless the deployment overrides it", async () => {
    const world = await newWorld({ trafficShift: "AllAtOnce" });
    const version = await world.publish("works");
    const AlarmName = "of a metric without data, so that it stays as it is set";
    await world.clients.cloudWatch.send(
      new PutMetricAlarmCommand({
        AlarmName,
        Namespace: "Test",
        MetricName: "Test",
        Statistic: "Sum",
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: "GreaterThanThreshold",
        TreatMissingData: "ignore",
      }),
    );
    await world.clients.cloudWatch.send(
      new SetAlarmStateCommand({ AlarmName, StateValue: "ALARM", StateReason: "a test" }),
    );
    const watching = (name: string) => ({
      overrideAlarmConfiguration: { enabled: true, alarms: [{ name }] },
    });

    const blocked = await ended(world, await start(world, version, watching(AlarmName)));
    const missing = await ended(world, await start(world, version, watching("missing")));
    const overridden = await ended(
      world,
      await start(world, version, { overrideAlarmConfiguration: { enabled: false } }),
    );

    expect(blocked.errorInformation?.code).to.equal("ALARM_ACTIVE");
    expect(missing.errorInformation?.message).to.contain("could not be polled: no missing");
    expect(overridden.status).to.equal("Succeeded");
  });

  it("refuses what CodeDeploy refuses", async () => {
    const world = await newWorld();
    const version = await world.publish("works");

    expect(await failureOf(start(world, "1"))).to.equal("InvalidRevisionException");
    expect(await failureOf(start(world, "$LATEST"))).to.equal("InvalidRevisionException");
    const deploymentConfigName = "CodeDeployDefault.LambdaCanary10Percent7Minutes";
    expect(await failureOf(start(world, version, { deploymentConfigName }))).to.equal(
      "DeploymentConfigDoesNotExistException",
    );
    await start(world, version);
    expect(await failureOf(start(world, version))).to.equal("DeploymentLimitExceededException");
  });

  it("fails on an alias that has moved meanwhile, and lists what it did", async () => {
    const world = await newWorld();
    const { functionName, codeDeployApplicationName, deploymentGroupName } = world.outputs();
    const version = await world.publish("works");
    await world.clients.lambda.send(
      new UpdateAliasCommand({
        FunctionName: functionName,
        Name: "live",
        FunctionVersion: version,
      }),
    );
    const newest = await world.publish("works");

    const { errorInformation } = await ended(world, await start(world, newest));

    expect(errorInformation?.message).to.contain(`is at version ${version}, not at 1`);
    const { deployments } = await world.clients.codeDeploy.send(
      new ListDeploymentsCommand({
        applicationName: codeDeployApplicationName,
        deploymentGroupName,
        includeOnlyStatuses: ["Failed"],
      }),
    );
    expect(deployments).to.have.length(1);
  });
});
