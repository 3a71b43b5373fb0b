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
        smokeEvents: 4,
        observability: { releaseAlarmNames: ["ledger-errors-production"] },
        hook,
        bucketName: "artifacts",
      });
      return {
        config: release.deploymentConfigName,
        hook: release.hookFunctionName,
      };
    },
    { stack: "production", ...options },
  );

const group = "aws:codedeploy/deploymentGroup:DeploymentGroup";
const role = "aws:iam/role:Role";

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

  it("is watched by the service's alarms where somebody deploys without the release command", async () => {
    const run = await build();

    expect(run.find(group).inputs["alarmConfiguration"]).to.deep.equal({
      enabled: true,
      alarms: ["ledger-errors-production"],
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

  it("gives the hook the time that its calls may take", async () => {
    const config = { timeoutSeconds: 30, durationAlarmMs: 8000 };
    const { inputs } = (await build({ config })).find("aws:lambda/function:Function", "hook");

    expect(inputs["timeout"]).to.equal(30 + 19 * 8 + 60);
    expect(inputs["environment"]).to.have.nested.property("variables.ROUNDS", "5");
  });

  it("makes everything its own child", async () => {
    const run = await build();
    const strays = run.resources.filter(
      ({ name, options }) => name !== "release" && options.parent?.name !== "release",
    );

    expect(strays).to.deep.equal([]);
  });
});
