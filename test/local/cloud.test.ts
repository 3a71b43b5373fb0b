import { once } from "node:events";
import { readFileSync } from "node:fs";
import { access, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import {
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  GetDashboardCommand,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import {
  CloudWatchLogsClient,
  DescribeMetricFiltersCommand,
  DescribeQueryDefinitionsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { GetDeploymentGroupCommand } from "@aws-sdk/client-codedeploy";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { HeadObjectCommand } from "@aws-sdk/client-s3";
import { SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from "@aws-sdk/client-sqs";
import { expect } from "chai";
import type { StackOutputs } from "../../infra/outputs.ts";
import { awsClients } from "../../ops/support/aws.ts";
import { useEmulator } from "local-aws/testing/emulator.ts";
import { faultOf, type SmokeEvent } from "../../hook/smoke-events.ts";
import { type Running, start, startNode } from "../support/command.ts";
import { PROJECT_ROOT, useEngine } from "../support/engine.ts";
import { type ForeignProject, makeForeignProject } from "../support/project.ts";

const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

/** A command of the project, as its users run it. */
const command = (folder: string, script: string, args: readonly string[], env = {}) =>
  startNode([script, "--stack", "production", "--json", ...args], { cwd: folder, env });

/** What the README gives the command: an API, a queue and a table. */
function readmeOptions(): readonly string[] {
  const readme = readFileSync(join(PROJECT_ROOT, "README.md"), "utf8");
  const [, line = ""] = /npm run cloud -- (--set .*)$/m.exec(readme) ?? [];
  const options = [...line.matchAll(/--set (?:'([^']*)'|(\S+))/g)];
  expect(options).to.have.length(4);
  return options.flatMap(([, quoted, plain = ""]) => ["--set", quoted ?? plain]);
}

/** What the program has made to watch the service, read back, and the message of an alarm that turns red. */
async function observability(
  { cloudWatch, sqs }: ReturnType<typeof awsClients>,
  endpoint: string,
  { region, logGroupName }: StackOutputs,
) {
  const client = { region, endpoint };
  const sns = new SNSClient(client);
  const logs = new CloudWatchLogsClient(client);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "on-call" }));
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }),
  );
  const Endpoint = Attributes["QueueArn"] ?? "";
  const TopicArn = `${Endpoint.replace(":sqs:", ":sns:").replace(/[^:]+$/, "")}parcels-p2-production`;
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint }));

  const AlarmName = "parcels-undelivered-dead-letters-production";
  await cloudWatch.send(
    new SetAlarmStateCommand({ AlarmName, StateValue: "ALARM", StateReason: "a test" }),
  );
  const received = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
  const { Message = "{}" } = JSON.parse(received.Messages?.[0]?.Body ?? "{}") as {
    readonly Message?: string;
  };
  const history = await cloudWatch.send(
    new DescribeAlarmHistoryCommand({ AlarmName, HistoryItemType: "Action" }),
  );
  const dashboard = await cloudWatch.send(
    new GetDashboardCommand({ DashboardName: "parcels-overview-production" }),
  );
  const { queryDefinitions = [] } = await logs.send(new DescribeQueryDefinitionsCommand({}));
  const { metricFilters = [] } = await logs.send(
    new DescribeMetricFiltersCommand({ logGroupName }),
  );
  const { CompositeAlarms = [] } = await cloudWatch.send(
    new DescribeAlarmsCommand({
      AlarmNames: ["parcels-failing-production"],
      AlarmTypes: ["CompositeAlarm"],
    }),
  );
  return {
    message: JSON.parse(Message) as Record<string, unknown>,
    // It may be green again by now, which is told as well.
    actions: history.AlarmHistoryItems?.map(({ HistorySummary }) => HistorySummary).slice(-1),
    dashboard: dashboard.DashboardBody,
    queries: queryDefinitions.map(({ name }) => name),
    filters: metricFilters.flatMap(({ metricTransformations = [] }) =>
      metricTransformations.map(({ metricName }) => metricName),
    ),
    suppressed: CompositeAlarms[0],
  };
}

/** An order that is placed and cancelled, and cancelled again; and what somebody hears of it who listens to the bus. */
async function ordersOnTable(
  { lambda, sqs }: ReturnType<typeof awsClients>,
  { region, functionName, aliasName, serviceName }: StackOutputs,
) {
  const events = new EventBridgeClient({ region });
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "listener" }));
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }),
  );
  const EventPattern = JSON.stringify({ source: [serviceName] });
  await events.send(new PutRuleCommand({ Name: "listener", EventPattern }));
  const Targets = [{ Id: "queue", Arn: Attributes["QueueArn"] }];
  await events.send(new PutTargetsCommand({ Rule: "listener", Targets }));

  const call = async (event: object) => {
    const { Payload } = await lambda.send(
      new InvokeCommand({
        FunctionName: functionName,
        Qualifier: aliasName,
        Payload: JSON.stringify(event),
      }),
    );
    const { body = "{}", errorMessage = "" } = JSON.parse(Payload?.transformToString() ?? "{}") as {
      readonly body?: string;
      readonly errorMessage?: string;
    };
    return { ...(JSON.parse(body) as { orderId?: string }), errorMessage };
  };
  const { orderId } = await call({
    type: "place",
    lines: [{ product: "tea", count: 1, cents: 300 }],
  });
  await call({ type: "cancel", orderId });
  const { errorMessage } = await call({ type: "cancel", orderId });

  const changes: object[] = [];
  while (changes.length < 2) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1, MaxNumberOfMessages: 10 }),
    );
    for (const { Body = "{}" } of Messages) {
      const event = JSON.parse(Body) as {
        readonly source: string;
        readonly "detail-type": string;
        readonly detail: { id: string; version: number; data: { state: string } };
      };
      expect(event.detail.id).to.equal(orderId);
      const { version, data } = event.detail;
      changes.push({
        source: event.source,
        type: event["detail-type"],
        version,
        state: data.state,
      });
    }
  }
  return { again: errorMessage.split(": ").at(-1), changes };
}

describe("npm run cloud", () => {
  useEmulator();
  useEngine();
  let project: ForeignProject;
  let cloud: Running | undefined;
  const before = { ...process.env };

  beforeEach(async () => {
    project = await makeForeignProject();
  });
  afterEach(async () => {
    cloud?.kill("SIGKILL");
    process.env = { ...before };
    await rm(project.repository, { recursive: true, force: true });
  });

  it("deploys the program of any project, serves every command's calls, and leaves nothing behind", async function () {
    this.timeout(180_000);
    const envFile = join(project.repository, "env");
    cloud = command(project.folder, "local/cloud.ts", [
      "--variables",
      envFile,
      "--set",
      "deadLetterRetentionDays=6",
      ...readmeOptions(),
    ]);
    const [chunk] = (await Promise.race([
      once(cloud.stdout, "data"),
      cloud.then(({ stderr }) => Promise.reject(new Error(stderr))),
    ])) as [Buffer];
    const environment = JSON.parse(chunk.toString()) as Record<string, string>;
    const outputsFile = environment["STACK_OUTPUTS_FILE"] ?? "";
    const outputs = JSON.parse(await readFile(outputsFile, "utf8")) as StackOutputs;
    Object.assign(process.env, environment);
    const aws = awsClients(outputs.region);

    expect(outputs).to.include({ serviceName: "parcels", region: "ap-southeast-2" });

    const { SMOKE_EVENTS } = (await import(
      pathToFileURL(join(project.folder, "hook/smoke-events.ts")).href
    )) as { SMOKE_EVENTS: readonly SmokeEvent[] };
    const [smoke] = SMOKE_EVENTS;
    if (!smoke) throw new Error("the domain has no smoke event");
    const answer = await aws.lambda.send(
      new InvokeCommand({
        FunctionName: outputs.functionName,
        Qualifier: outputs.aliasName,
        Payload: JSON.stringify(smoke.event),
      }),
    );
    expect(answer.ExecutedVersion).to.equal("1").and.to.equal(outputs.functionVersion);
    const payload = answer.Payload?.transformToString() ?? "";
    expect(faultOf(smoke, { functionError: answer.FunctionError, payload })).to.equal(undefined);

    expect(await ordersOnTable(aws, outputs)).to.deep.equal({
      again: "orderId is that of a cancelled order",
      changes: [
        { source: "parcels", type: "OrderPlaced", version: 1, state: "placed" },
        { source: "parcels", type: "OrderCancelled", version: 2, state: "cancelled" },
      ],
    });
    const health = await fetch(`${environment["API_URL"]}/health`);
    expect(await health.json()).to.deep.equal({ status: "ok" });
    const QueueUrl = environment["QUEUE_URL"] ?? "";
    const MessageBody = JSON.stringify(smoke.event);
    await aws.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));

    const { Attributes = {} } = await aws.sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: outputs.deadLetterQueueUrl,
        AttributeNames: ["All"],
      }),
    );
    expect(Attributes["QueueArn"]).to.equal(outputs.deadLetterQueueArn);
    expect(Attributes["MessageRetentionPeriod"]).to.equal(String(6 * 86_400));
    expect(Attributes["Policy"]).to.include("aws:SecureTransport");

    const observed = await observability(aws, environment["AWS_ENDPOINT_URL"] ?? "", outputs);
    // The program's own policies of topic and key let CloudWatch in, as AWS would ask them.
    expect(observed.message).to.include({
      AlarmName: "parcels-undelivered-dead-letters-production",
      NewStateValue: "ALARM",
      Region: "Asia Pacific (Sydney)",
    });
    expect(observed.message["AlarmDescription"]).to.match(/^P2 parcels in production/);
    expect(observed.actions).to.deep.equal([
      `Successfully executed action arn:aws:sns:ap-southeast-2:${outputs.accountId}:parcels-p2-production`,
    ]);
    expect(observed.dashboard).to.include("Is it up?");
    expect(observed.queries).to.include("parcels-production/newest errors, grouped");
    expect(observed.filters).to.deep.equal(["MaxMemoryUsedMB"]);
    expect(observed.suppressed).to.include({
      ActionsSuppressor: "parcels-known-production",
      ActionsSuppressorWaitPeriod: 120,
      ActionsSuppressorExtensionPeriod: 360,
    });

    const { MetricAlarms = [], CompositeAlarms = [] } = await aws.cloudWatch.send(
      new DescribeAlarmsCommand({
        AlarmNames: [...outputs.alarmNames],
        AlarmTypes: ["MetricAlarm", "CompositeAlarm"],
      }),
    );
    expect([...MetricAlarms, ...CompositeAlarms].map(({ AlarmName }) => AlarmName)).to.have.members(
      [...outputs.alarmNames],
    );

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
    const doctor = await command(project.folder, "ops/doctor.ts", [], environment);
    expect(doctor.exitCode, doctor.stdout + doctor.stderr).to.equal(0);
    expect(doctor.stdout).to.include('"check": "database"');
    expect(doctor.stdout).to.include('"check": "release"').and.not.include('"severity": "error"');

    await watchLive(project.folder, environment, outputs);

    const shell = await start("sh", ["-c", `. ${envFile} && echo $AWS_ENDPOINT_URL $API_URL`]);
    const { AWS_ENDPOINT_URL, API_URL = "" } = environment;
    expect(shell.stdout).to.equal(`${AWS_ENDPOINT_URL} ${API_URL}`);

    // The team's own route, by the API that the program made.
    const placed = await fetch(`${API_URL}/orders`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ lines: [{ product: "tea", count: 2, cents: 450 }] }),
    });
    expect(placed.status).to.equal(201);
    expect(await placed.json()).to.include({ state: "placed", cents: 900 });

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

/** Opens the page that follows the cloud, as a browser does, and ends it with Ctrl-C. */
async function watchLive(
  folder: string,
  environment: Readonly<Record<string, string>>,
  { serviceName, functionVersion }: StackOutputs,
): Promise<void> {
  const live = command(folder, "local/dashboard.ts", ["--live"], environment);
  try {
    const [chunk] = (await Promise.race([
      once(live.stdout, "data"),
      live.then(({ stderr }) => Promise.reject(new Error(stderr))),
    ])) as [Buffer];
    const { url } = JSON.parse(chunk.toString()) as { readonly url: string };
    expect(await (await fetch(url)).text()).to.include("<title>Dashboard</title>");

    const { body } = await fetch(`${url}events?width=1200`);
    if (!body) throw new Error("the page has no events");
    let events = "";
    const decoder = new TextDecoder();
    for await (const part of body) {
      events += decoder.decode(part as Uint8Array, { stream: true });
      if (["status", "lines", "picture"].every((name) => has(events, name))) break;
    }
    expect(events).to.include(`{"version":"${functionVersion}","percent":100}`);
    expect(events).to.include(`${serviceName}-overview-production`);
    // Read from this cloud: its calls were counted by then, and every alarm of the program is there.
    expect(events).not.to.include("not there").and.not.to.include("not read");

    live.kill("SIGINT");
    const { exitCode, stderr } = await live;
    expect(exitCode, stderr).to.equal(0);
    const gone = await fetch(url).catch(() => "refused");
    expect(gone).to.equal("refused");
  } finally {
    live.kill("SIGKILL");
  }
}

/** Whether an event of that name has come whole. */
const has = (events: string, name: string): boolean =>
  new RegExp(`event: ${name}\\ndata: .*\\n\\n`).test(events);
