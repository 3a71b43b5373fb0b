import { expect } from "chai";
import { ownAlarms } from "../../infra/own/alarms.ts";
import { PLACEHOLDER_REPOSITORY } from "../../infra/settings/parse.ts";
import { failure } from "../support/failure.ts";
import { type MockRun, type RecordedResource, runProgram } from "../support/mocks.ts";
import { testSettings, TEST_REPOSITORY } from "../support/settings.ts";

const STACKS = ["staging", "production"] as const;

/** Each stack is run once. */
const runs: Partial<Record<string, ReturnType<typeof runProgram>>> = {};
const run = (stack: string) => (runs[stack] ??= runProgram({ stack }));

const custom = ({ resources }: MockRun<unknown>): readonly RecordedResource[] =>
  resources.filter(({ type }) => type.startsWith("aws"));

/** Without what a team adds in infra/own: its resources are in no component of ours, its alarms among ours. */
const ours = (run: MockRun<unknown>): readonly RecordedResource[] => {
  const ownAlarmNames = Object.keys(ownAlarms(testSettings())).map((metric) => `${metric}-alarm`);
  return custom(run).filter(
    ({ name, options }) =>
      options.parent?.type.startsWith("lambda-service:infra:") && !ownAlarmNames.includes(name),
  );
};

/** Inputs as text, without what differs by the stack's name alone. */
const inputsByName = (run: MockRun<unknown>, stack: string): Map<string, Record<string, string>> =>
  new Map(
    ours(run).map(({ type, name, inputs }) => [
      `${type} ${name}`,
      Object.fromEntries(
        Object.entries(inputs).map(([key, value]) => [
          key,
          JSON.stringify(value)
            .replaceAll(stack, "ENVIRONMENT")
            .replaceAll(stack.charAt(0).toUpperCase() + stack.slice(1), "ENVIRONMENT"),
        ]),
      ),
    ]),
  );

describe("the program", () => {
  for (const stack of STACKS) {
    it(`exports every output of ${stack}, and each has a value`, async () => {
      const { outputs } = await run(stack);
      expect(outputs).to.include({
        environment: stack,
        accountId: "123456789012",
        functionName: `ledger-function-${stack}`,
        aliasName: "live",
        artifactsBucketName: `ledger-artifacts-${stack}-123456789012`,
        deployRoleArn: `arn:aws:iam::123456789012:role/GitHubActions-Ledger-${stack === "staging" ? "Staging" : "Production"}`,
      });
      for (const [key, value] of Object.entries(outputs))
        expect(value, key).to.not.equal(undefined);
    });

    it(`gives every resource of ${stack} the explicit provider`, async () => {
      expect(ours(await run(stack))).to.have.length.above(50);
      for (const { type, name, options } of custom(await run(stack))) {
        expect(options.provider, `${type} ${name}`).to.equal("aws");
      }
    });
  }

  it("tags everything by service, environment and repository", async () => {
    const { inputs } = (await run("staging")).find("pulumi:providers:aws");
    expect(JSON.parse(String(inputs["defaultTags"]))).to.deep.equal({
      tags: {
        service: "ledger",
        environment: "staging",
        repository: TEST_REPOSITORY,
        "managed-by": "pulumi",
      },
    });
  });

  it("differs between the stacks in exactly what their config says", async () => {
    const staging = inputsByName(await run("staging"), "staging");
    const production = inputsByName(await run("production"), "production");
    expect([...production.keys()]).to.deep.equal([...staging.keys()]);
    const differing = [...production].flatMap(([resource, inputs]) =>
      Object.keys(inputs)
        .filter((key) => inputs[key] !== staging.get(resource)?.[key])
        .map((key) => `${resource.replace(/^aws:[^ ]+:/, "")}: ${key}`),
    );
    expect(differing).to.have.members([
      "Function function: memorySize",
      "Function function: environment",
      "Function function: loggingConfig",
      "Function hook: environment",
      "Function hook: timeout",
      "MetricAlarm errors-alarm: threshold",
      "MetricAlarm errors-alarm: alarmDescription",
      "MetricAlarm failures-alarm: threshold",
      "MetricAlarm lasting-failures-alarm: threshold",
      "MetricAlarm failures-alarm: alarmDescription",
      "MetricAlarm memory-alarm: threshold",
      "MetricAlarm memory-alarm: alarmDescription",
      "Dashboard dashboard: dashboardBody",
      "Group slow-traces: filterExpression",
      "MetricAlarm duration-alarm: threshold",
      "MetricAlarm duration-alarm: alarmDescription",
      "DeploymentGroup group: deploymentConfigName",
    ]);
  });

  it("makes a role only under the boundary, but for those of GitHub", async () => {
    for (const { name, inputs } of (await run("staging")).all("aws:iam/role:Role")) {
      if (String(inputs["name"]).startsWith("GitHubActions-")) continue;
      expect(inputs["permissionsBoundary"], name).to.equal(
        "arn:aws:iam::123456789012:policy/ledger-boundary-staging",
      );
    }
  });

  it("adopts the account's OIDC provider instead of making a second", async () => {
    const type = "aws:iam/openIdConnectProvider:OpenIdConnectProvider";
    const oidcProviderArn =
      "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com";
    expect((await run("staging")).all(type)).to.have.length(1);
    expect((await runProgram({ config: { oidcProviderArn } })).all(type)).to.be.empty;
  });

  it("makes a VPC only when asked to, and then runs the function in its private subnets", async () => {
    const { resources } = await run("staging");
    expect(resources.filter(({ type }) => /ec2/.test(type))).to.be.empty;

    const inside = await runProgram({ config: { network: "create" } });
    const vpc = inside.find("awsx:ec2:Vpc");
    expect(vpc.inputs).to.deep.include({
      numberOfAvailabilityZones: 2,
      natGateways: { strategy: "Single" },
      // Without this strategy awsx routes nothing to an endpoint.
      vpcEndpointStrategy: "Auto",
    });
    const group = inside.find("aws:ec2/securityGroup:SecurityGroup");
    expect(group.inputs).to.not.have.any.keys("ingress");
    const { vpcConfig } = inside.find("aws:lambda/function:Function", "function").inputs as {
      vpcConfig: { subnetIds: string[]; securityGroupIds: string[] };
    };
    expect(vpcConfig.subnetIds).to.have.length(2);
    expect(vpcConfig.securityGroupIds).to.have.length(1);
  });

  it("uses the network that exists when it is named", async () => {
    const existing = await runProgram({
      config: {
        network: "existing",
        subnetIds: ["subnet-1a", "subnet-1b"],
        securityGroupIds: ["sg-1a"],
      },
    });
    expect(
      existing.find("aws:lambda/function:Function", "function").inputs["vpcConfig"],
    ).to.deep.equal({
      subnetIds: ["subnet-1a", "subnet-1b"],
      securityGroupIds: ["sg-1a"],
    });
  });

  it("says all faults of the config at once, without a stack trace", async () => {
    const message = await failure(runProgram({ config: { memoryMb: 64, logLevel: "loud" } }));
    expect(message).to.match(/^2 faults in the configuration of stack staging:\n {2}memoryMb: /);
  });

  it("plans with the placeholder repository and refuses to deploy with it", async () => {
    const config = { githubRepository: PLACEHOLDER_REPOSITORY };
    await runProgram({ config, preview: true });
    expect(await failure(runProgram({ config }))).to.match(/githubRepository: .*placeholder/);
  });
});
