import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { Release } from "../../infra/release.ts";
import { readSettings } from "../../infra/settings.ts";
import { type MockOptions, withMocks } from "../support/mocks.ts";

const location = { partition: "aws", region: "us-east-1", accountId: "123456789012" };
const boundaryArn = "arn:aws:iam::123456789012:policy/ledger-boundary-production";
const asset = new pulumi.asset.StringAsset("hook");
const hook = { sha256Hex: "abc", sha256Base64: "abc=", zip: asset, sourceMap: asset };

const build = (options: MockOptions = {}) =>
  withMocks(
    () => {
      const release = new Release("release", {
        settings: readSettings(),
        location,
        boundaryArn,
        lambda: { version: "7" },
        hook,
        bucketName: "artifacts",
      });
      return {
        alarms: release.releaseAlarmNames,
        canary: Object.values(release.canaryAlarms).map(({ name }) => name),
        config: release.deploymentConfigName,
        hook: release.hookFunctionName,
      };
    },
    { stack: "production", ...options },
  );

const group = "aws:codedeploy/deploymentGroup:DeploymentGroup";
const role = "aws:iam/role:Role";
const alarm = "aws:cloudwatch/metricAlarm:MetricAlarm";

describe("Release", () => {
  it("shifts traffic as the stack says: each environment in its own way", async () => {
    const production = await build();
    const staging = await build({ stack: "staging" });

    expect(production.find(group).inputs).to.deep.include({
      appName: "ledger-release-production",
      deploymentGroupName: "ledger-release-production",
      deploymentConfigName: "CodeDeployDefault.LambdaCanary10Percent10Minutes",
      deploymentStyle: {
        deploymentType: "BLUE_GREEN",
        deploymentOption: "WITH_TRAFFIC_CONTROL",
      },
    });
    expect(staging.outputs.config).to.equal("CodeDeployDefault.LambdaLinear10PercentEvery1Minute");
  });

  it("goes back by itself on failure, alarm and request", async () => {
    const { inputs } = (await build()).find(group);

    expect(inputs["autoRollbackConfiguration"]).to.deep.equal({
      enabled: true,
      events: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
    });
  });

  it("is judged by the service's alarms and by those of the version", async () => {
    const run = await build();
    const expected = [
      "ledger-errors-production",
      "ledger-canary-errors-production",
      "ledger-canary-failures-production",
      "ledger-canary-refusals-production",
      "ledger-canary-duration-production",
    ];

    expect(run.outputs.alarms).to.deep.equal(expected);
    expect(run.outputs.canary).to.deep.equal(expected.slice(1));
    expect(run.find(group).inputs["alarmConfiguration"]).to.deep.equal({
      enabled: true,
      alarms: expected,
    });
  });

  it("gives every role the boundary, and CodeDeploy's only to this account", async () => {
    const run = await build();

    expect(run.all(role)).to.have.length(2);
    for (const { inputs } of run.all(role)) {
      expect(inputs["permissionsBoundary"]).to.equal(boundaryArn);
    }
    expect(run.find(role, "codedeploy-role").inputs["assumeRolePolicy"]).to.contain(
      location.accountId,
    );
  });

  it("makes the roles' permissions and the hook's log group before what needs them", async () => {
    const run = await build();

    expect(run.find(group).options.dependsOn).to.include("codedeploy-permissions");
    const hook = run.find("aws:lambda/function:Function", "hook");
    expect(hook.options.dependsOn).to.include.members(["hook-permissions", "hook-logs"]);
  });

  it("gives the hook a call of the function and a minute, and never more than Lambda allows", async () => {
    const timeoutOf = async (timeoutSeconds: number) => {
      const run = await build({ config: { timeoutSeconds } });
      return run.find("aws:lambda/function:Function", "hook").inputs["timeout"];
    };

    expect(await timeoutOf(30)).to.equal(90);
    expect(await timeoutOf(900)).to.equal(900);
  });

  it("makes everything its own child", async () => {
    const run = await build();
    const strays = run.resources.filter(
      ({ name, options }) => name !== "release" && options.parent?.name !== "release",
    );

    expect(strays).to.deep.equal([]);
    expect(run.all(alarm)).to.have.length(4);
  });
});
