import { once } from "node:events";
import { access, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { GetDeploymentGroupCommand } from "@aws-sdk/client-codedeploy";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { HeadObjectCommand } from "@aws-sdk/client-s3";
import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { execa } from "execa";
import type { StackOutputs } from "../../infra/outputs.ts";
import { awsClients } from "../../ops/support/aws.ts";
import { useEmulator } from "local-aws/testing/emulator.ts";
import { useEngine } from "../support/engine.ts";

const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

const start = (variables: string) =>
  execa(
    process.execPath,
    ["local/cloud.ts", "--stack", "production", "--json", "--variables", variables],
    { reject: false, stdin: "ignore" },
  );

describe("npm run cloud", () => {
  useEmulator();
  useEngine();
  let folder: string;
  let cloud: ReturnType<typeof start> | undefined;
  const before = { ...process.env };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "cloud-"));
  });
  afterEach(async () => {
    cloud?.kill("SIGKILL");
    process.env = { ...before };
    await rm(folder, { recursive: true });
  });

  it("deploys the program itself, serves every command's calls, and leaves nothing behind", async function () {
    this.timeout(90_000);
    const envFile = join(folder, "env");
    cloud = start(envFile);
    const [chunk] = (await Promise.race([
      once(cloud.stdout, "data"),
      cloud.then(({ stderr }) => Promise.reject(new Error(stderr))),
    ])) as [Buffer];
    const environment = JSON.parse(chunk.toString()) as Record<string, string>;
    const outputsFile = environment["STACK_OUTPUTS_FILE"] ?? "";
    const outputs = JSON.parse(await readFile(outputsFile, "utf8")) as StackOutputs;
    Object.assign(process.env, environment);
    const aws = awsClients(outputs.region);

    const answer = await aws.lambda.send(
      new InvokeCommand({
        FunctionName: outputs.functionName,
        Qualifier: outputs.aliasName,
        Payload: JSON.stringify({ action: "create", data: { name: "cloud" } }),
      }),
    );
    expect(answer.ExecutedVersion).to.equal("1").and.to.equal(outputs.functionVersion);
    const { statusCode, body } = JSON.parse(answer.Payload?.transformToString() ?? "") as {
      statusCode: number;
      body: string;
    };
    expect(statusCode).to.equal(200);
    expect(JSON.parse(body)).to.include({ name: "cloud", status: "created" });

    const { Attributes = {} } = await aws.sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: outputs.deadLetterQueueUrl,
        AttributeNames: ["All"],
      }),
    );
    expect(Attributes["QueueArn"]).to.equal(outputs.deadLetterQueueArn);
    expect(Attributes["MessageRetentionPeriod"]).to.equal(String(14 * 86_400));
    expect(Attributes["Policy"]).to.include("aws:SecureTransport");

    const { MetricAlarms = [] } = await aws.cloudWatch.send(
      new DescribeAlarmsCommand({ AlarmNames: [...outputs.alarmNames] }),
    );
    expect(MetricAlarms.map(({ AlarmName }) => AlarmName)).to.have.members([...outputs.alarmNames]);
    const dimensions = MetricAlarms.flatMap(({ Dimensions = [] }) => Dimensions);
    expect(dimensions).to.deep.include({ Name: "ExecutedVersion", Value: "1" });

    const { deploymentGroupInfo: group } = await aws.codeDeploy.send(
      new GetDeploymentGroupCommand({
        applicationName: outputs.codeDeployApplicationName,
        deploymentGroupName: outputs.deploymentGroupName,
      }),
    );
    expect(group?.alarmConfiguration?.alarms?.map(({ name }) => name)).to.have.members([
      ...outputs.releaseAlarmNames,
    ]);
    const object = { Bucket: outputs.artifactsBucketName, Key: outputs.artifactKey };
    const { VersionId } = await aws.s3.send(new HeadObjectCommand(object));
    expect(VersionId, "a versioned bucket").to.be.a("string").and.not.equal("null");

    // Everything that a release needs is there, as the program deploys it.
    const doctor = await execa(
      process.execPath,
      ["ops/doctor.ts", "--stack", "production", "--json"],
      { env: environment, reject: false },
    );
    expect(doctor.exitCode, doctor.stdout + doctor.stderr).to.equal(0);
    expect(doctor.stdout).to.include('"check": "release"').and.not.include('"severity": "error"');

    const shell = await execa("sh", ["-c", `. ${envFile} && echo $AWS_ENDPOINT_URL`]);
    expect(shell.stdout).to.equal(environment["AWS_ENDPOINT_URL"]);

    cloud.kill("SIGINT");
    const { exitCode, stderr } = await cloud;
    expect(exitCode, stderr).to.equal(0);
    expect(stderr).to.match(/the local cloud is gone; nothing of it is left$/);
    expect(await isThere(envFile)).to.be.false;
    expect(await isThere(dirname(outputsFile))).to.be.false;
    const gone = await fetch(environment["AWS_ENDPOINT_URL"] ?? "").catch(() => "refused");
    expect(gone).to.equal("refused");
  });
});
