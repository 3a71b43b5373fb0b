import { expect } from "chai";
import { environmentVariables, lambdaLogLevel } from "../../infra/function/configuration.ts";
import { buildArtifact } from "../../infra/function/artifact.ts";
import { LambdaFunction } from "../../infra/function.ts";
import type { VpcConfig } from "../../infra/network.ts";
import { ownRights } from "../../infra/own/rights.ts";
import { readSettings } from "../../infra/settings.ts";
import { standInLocation } from "local-aws/provider/aws-outputs.ts";
import { type MockOptions, withMocks } from "../support/mocks.ts";
import { testSettings, TEST_REGION } from "../support/settings.ts";

const build = (options: MockOptions & { vpc?: VpcConfig } = {}) =>
  withMocks(async () => {
    const { aliasArn, version } = new LambdaFunction("function", {
      settings: readSettings(),
      location: standInLocation(TEST_REGION),
      handler: await buildArtifact(),
      boundaryArn: "arn:aws:iam::123456789012:policy/ledger-boundary-staging",
      bucketName: "artifacts",
      metricsNamespace: "orders",
      vpc: options.vpc,
    });
    return { aliasArn, version };
  }, options);

const FUNCTION = "aws:lambda/function:Function";

describe("function", () => {
  it("runs the zip that its hash names, and publishes a version of it", async () => {
    const run = await build();
    const { sha256Hex, sha256Base64 } = await buildArtifact();
    expect(run.find(FUNCTION).inputs).to.deep.include({
      name: "ledger-function-staging",
      handler: "dist/index.handler",
      s3Bucket: "artifacts",
      s3Key: `function/${sha256Hex}.zip`,
      sourceCodeHash: sha256Base64,
      publish: true,
      memorySize: 384,
      timeout: 25,
      runtime: "nodejs24.x",
      architectures: ["x86_64"],
      tracingConfig: { mode: "Active" },
    });
  });

  it("is sized by the stack's config", async () => {
    const { inputs } = (
      await build({ stack: "production", config: { timeoutSeconds: 20, architecture: "arm64" } })
    ).find(FUNCTION);
    expect(inputs).to.deep.include({ memorySize: 640, timeout: 20, architectures: ["arm64"] });
  });

  it("keeps replaced artifacts, so that an old version can be made again", async () => {
    const objects = (await build()).all("aws:s3/bucketObjectv2:BucketObjectv2");
    expect(objects.map(({ name }) => name)).to.deep.equal(["handler-zip", "handler-source-map"]);
    for (const { options } of objects) expect(options.retainOnDelete).to.equal(true);
  });

  it("leaves the alias to releases: neither version nor weights follow the program", async () => {
    const alias = (await build()).find("aws:lambda/alias:Alias");
    expect(alias.options.ignoreChanges).to.have.members(["functionVersion", "routingConfig"]);
    // Any other input that could change would make the provider send both.
    expect(alias.inputs).to.have.all.keys("name", "functionName", "functionVersion");
    expect(alias.inputs["name"]).to.equal("live");
  });

  it("has its log group before it exists, with retention", async () => {
    const run = await build({ config: { logRetentionDays: 30 } });
    const group = run.find("aws:cloudwatch/logGroup:LogGroup");
    expect(group.inputs).to.include({
      name: "/aws/lambda/ledger-function-staging",
      retentionInDays: 30,
    });
    expect(run.find(FUNCTION).options.dependsOn).to.include.members([
      group.name,
      "execution-permissions",
    ]);
  });

  it("sends what failed at every try to an encrypted, TLS-only queue, as long as configured", async () => {
    const run = await build();
    expect(run.find("aws:sqs/queue:Queue").inputs).to.include({
      name: "ledger-dlq-staging",
      messageRetentionSeconds: 9 * 24 * 60 * 60,
      // All that Lambda accepts asynchronously: 1 MB.
      maxMessageSize: 1024 * 1024,
      visibilityTimeoutSeconds: 30,
      sqsManagedSseEnabled: true,
    });
    const { Statement } = JSON.parse(
      String(run.find("aws:sqs/queuePolicy:QueuePolicy").inputs["policy"]),
    );
    expect(Statement).to.have.length(1);
    expect(Statement[0]).to.deep.include({
      Effect: "Deny",
      Resource: ["arn:aws:sqs:eu-central-1:123456789012:ledger-dlq-staging"],
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    });
    expect(run.find(FUNCTION).inputs["deadLetterConfig"]).to.deep.equal({
      targetArn: "arn:aws:sqs:eu-central-1:123456789012:ledger-dlq-staging",
    });
  });

  it("has a role of its own, bounded, with one inline policy and no managed one", async () => {
    const run = await build();
    const role = run.find("aws:iam/role:Role");
    expect(role.inputs).to.include({
      name: "ledger-execution-staging",
      permissionsBoundary: "arn:aws:iam::123456789012:policy/ledger-boundary-staging",
    });
    expect(role.inputs).to.not.have.any.keys("managedPolicyArns", "inlinePolicies");
    expect(run.all("aws:iam/rolePolicyAttachment:RolePolicyAttachment")).to.be.empty;
    const { Statement } = JSON.parse(
      String(run.find("aws:iam/rolePolicy:RolePolicy").inputs["policy"]),
    );
    const own = ownRights(standInLocation(TEST_REGION), testSettings()).flatMap(
      ({ Action }) => Action,
    );
    expect(Statement.flatMap(({ Action }: { Action: string[] }) => Action)).to.have.members([
      ...own,
      "logs:CreateLogStream",
      "logs:PutLogEvents",
      "xray:PutTraceSegments",
      "xray:PutTelemetryRecords",
      "sqs:SendMessage",
    ]);
  });

  it("touches network interfaces only when it runs in a VPC", async () => {
    const policyOf = async (vpc?: { subnetIds: string[]; securityGroupIds: string[] }) => {
      const run = await build(vpc && { vpc, config: { network: "existing", ...vpc } });
      const policy = String(run.find("aws:iam/rolePolicy:RolePolicy").inputs["policy"]);
      return { policy, vpcConfig: run.find(FUNCTION).inputs["vpcConfig"] };
    };
    const vpc = { subnetIds: ["subnet-1", "subnet-2"], securityGroupIds: ["sg-1"] };
    expect(await policyOf(vpc)).to.deep.include({ vpcConfig: vpc });
    expect((await policyOf(vpc)).policy).to.include("ec2:CreateNetworkInterface");
    const outside = await policyOf();
    expect(outside.policy).to.not.include("ec2:");
    expect(outside.vpcConfig).to.equal(undefined);
  });

  it("logs JSON once, and never filters metrics away", async () => {
    const { inputs } = (await build({ config: { logLevel: "error" } })).find(FUNCTION);
    expect(inputs["loggingConfig"]).to.deep.include({
      logFormat: "JSON",
      applicationLogLevel: "INFO",
      systemLogLevel: "INFO",
    });
    expect(lambdaLogLevel("debug")).to.equal("DEBUG");
    expect(lambdaLogLevel("trace")).to.equal("TRACE");
    for (const level of ["info", "warn", "error", "critical", "silent"] as const) {
      expect(lambdaLogLevel(level), level).to.equal("INFO");
    }
  });

  it("tells the handler where it is", async () => {
    const settings = (await withMocks(readSettings, { stack: "production" })).outputs;
    expect(environmentVariables(settings, "orders")).to.deep.equal({
      ENVIRONMENT: "production",
      SERVICE_NAME: "ledger",
      LOG_LEVEL: "warn",
      POWERTOOLS_SERVICE_NAME: "ledger",
      POWERTOOLS_METRICS_NAMESPACE: "orders",
      POWERTOOLS_LOG_LEVEL: "warn",
    });
  });

  it("makes everything its own child", async () => {
    const { resources } = await build();
    const strays = resources.filter(
      ({ name, options }) => name !== "function" && options.parent?.name !== "function",
    );
    expect(resources).to.have.length.above(4);
    expect(strays).to.deep.equal([]);
  });
});
