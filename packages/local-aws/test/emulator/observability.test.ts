/** Logs, metrics, alarms and topics together, before the real emulator: from a handler's line to a message in a queue. */
import { setTimeout as sleep } from "node:timers/promises";
import {
  CloudWatchClient,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  PutCompositeAlarmCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
} from "@aws-sdk/client-cloudwatch";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  FilterLogEventsCommand,
  GetQueryResultsCommand,
  PutLogEventsCommand,
  PutMetricFilterCommand,
  StartQueryCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import {
  CreateFunctionCommand,
  InvokeCommand,
  LambdaClient,
  waitUntilFunctionActiveV2,
} from "@aws-sdk/client-lambda";
import {
  CreateTopicCommand,
  SetTopicAttributesCommand,
  SNSClient,
  SubscribeCommand,
} from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { strToU8, zipSync } from "fflate";
import { type Front, startFront } from "../../emulator/front.ts";
import { useEmulator } from "../../testing/emulator.ts";

const MINUTE_MS = 200;
const NAMESPACE = "shop";

/** Fails by an answer, as a handler behind HTTP does, and counts it in a line of metrics. */
const HANDLER = `export const handler = async (event) => {
  console.log(JSON.stringify({
    _aws: {
      Timestamp: Date.now(),
      CloudWatchMetrics: [
        { Namespace: "${NAMESPACE}", Dimensions: [["service"], ["service", "version"]], Metrics: [{ Name: "Failed", Unit: "Count" }] },
      ],
    },
    service: event.service, version: "7", Failed: 1,
  }));
  return { statusCode: 500 };
};`;

describe("the front's logs, metrics and alarms", () => {
  const account = useEmulator();
  let front: Front | undefined;
  let aws: ReturnType<typeof clientsOf>;
  let names = 0;

  const clientsOf = (endpoint: string) => {
    const client = { ...account().client, endpoint };
    return {
      cloudWatch: new CloudWatchClient(client),
      logs: new CloudWatchLogsClient(client),
      kms: new KMSClient(client),
      lambda: new LambdaClient(client),
      sns: new SNSClient(client),
      sqs: new SQSClient(client),
    };
  };
  before(async () => {
    const { url: upstream, accountId, region } = account();
    front = await startFront({ upstream, accountId, region, minuteMs: MINUTE_MS });
    aws = clientsOf(front.url);
  });
  after(() => front?.stop());

  const unique = (name: string) => `${name}-${(names += 1)}`;
  const until = async (holds: () => Promise<boolean>): Promise<void> => {
    while (!(await holds())) await sleep(MINUTE_MS);
  };
  const makeFunction = async (LogFormat: "JSON" | "Text" = "JSON"): Promise<string> => {
    const FunctionName = unique("handler");
    await aws.lambda.send(
      new CreateFunctionCommand({
        FunctionName,
        Runtime: "nodejs22.x",
        Role: `arn:aws:iam::${account().accountId}:role/test`,
        Handler: "index.handler",
        Code: { ZipFile: zipSync({ "index.mjs": strToU8(HANDLER) }) },
        LoggingConfig: { LogFormat },
      }),
    );
    await waitUntilFunctionActiveV2(
      { client: aws.lambda, maxWaitTime: 20, minDelay: 1, maxDelay: 1 },
      { FunctionName },
    );
    return FunctionName;
  };
  const call = (FunctionName: string, event: object) =>
    aws.lambda.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }));
  const sum = async (
    Namespace: string,
    MetricName: string,
    dimensions: Readonly<Record<string, string>>,
  ): Promise<number> => {
    const { MetricDataResults = [] } = await aws.cloudWatch.send(
      new GetMetricDataCommand({
        StartTime: new Date(Date.now() - 60_000),
        EndTime: new Date(Date.now() + 60_000),
        MetricDataQueries: [
          {
            Id: "sum",
            MetricStat: {
              Metric: {
                Namespace,
                MetricName,
                Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
              },
              Period: 86_400,
              Stat: "Sum",
            },
          },
        ],
      }),
    );
    return (MetricDataResults[0]?.Values ?? []).reduce((total, value) => total + value, 0);
  };
  const alarmOn = (AlarmName: string, service: string, actions: readonly string[]) =>
    aws.cloudWatch.send(
      new PutMetricAlarmCommand({
        AlarmName,
        AlarmActions: [...actions],
        Namespace: NAMESPACE,
        MetricName: "Failed",
        Dimensions: [{ Name: "service", Value: service }],
        Statistic: "Sum",
        Period: 60,
        EvaluationPeriods: 10,
        DatapointsToAlarm: 1,
        Threshold: 0,
        ComparisonOperator: "GreaterThanThreshold",
        TreatMissingData: "notBreaching",
      }),
    );
  const stateOf = async (name: string) => {
    const { MetricAlarms = [], CompositeAlarms = [] } = await aws.cloudWatch.send(
      new DescribeAlarmsCommand({
        AlarmNames: [name],
        AlarmTypes: ["MetricAlarm", "CompositeAlarm"],
      }),
    );
    return [...MetricAlarms, ...CompositeAlarms][0]?.StateValue;
  };
  /** What became of an alarm's actions. */
  const actionsOf = async (AlarmName: string): Promise<string[]> => {
    const { AlarmHistoryItems = [] } = await aws.cloudWatch.send(
      new DescribeAlarmHistoryCommand({ AlarmName, HistoryItemType: "Action" }),
    );
    return AlarmHistoryItems.map(({ HistorySummary = "" }) => HistorySummary);
  };
  /** A topic with a queue that hears it. */
  const makeTopic = async () => {
    const name = unique("topic");
    const { TopicArn = "" } = await aws.sns.send(new CreateTopicCommand({ Name: name }));
    const { QueueUrl = "" } = await aws.sqs.send(new CreateQueueCommand({ QueueName: name }));
    const { Attributes = {} } = await aws.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }),
    );
    await aws.sns.send(
      new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint: Attributes["QueueArn"] }),
    );
    const receive = async () => {
      const { Messages = [] } = await aws.sqs.send(
        new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 10 }),
      );
      const { Subject, Message = "{}" } = JSON.parse(Messages[0]?.Body ?? "{}") as {
        readonly Subject?: string;
        readonly Message?: string;
      };
      return { Subject, message: JSON.parse(Message) as Record<string, unknown> };
    };
    const admit = (Policy: object) =>
      aws.sns.send(
        new SetTopicAttributesCommand({
          TopicArn,
          AttributeName: "Policy",
          AttributeValue: JSON.stringify(Policy),
        }),
      );
    return { TopicArn, receive, admit };
  };
  const statement = (Action: string | readonly string[], Resource: string, service: string) => ({
    Statement: [{ Effect: "Allow", Principal: { Service: service }, Action, Resource }],
  });

  it("take metrics out of a handler's lines, by each set of dimensions", async () => {
    const name = await makeFunction();
    const service = unique("orders");
    await Promise.all([call(name, { service }), call(name, { service }), call(name, {})]);
    await until(async () => (await sum(NAMESPACE, "Failed", { service })) >= 2);

    expect(await sum(NAMESPACE, "Failed", { service })).to.equal(2);
    expect(await sum(NAMESPACE, "Failed", { service, version: "7" })).to.equal(2);
    expect(await sum(NAMESPACE, "Failed", { version: "7" })).to.equal(0);
    // The call without a service wrote a line without the member that a dimension names.
    const group = { LogGroupName: `/aws/lambda/${name}` };
    expect(await sum("AWS/Logs", "EMFValidationErrors", group)).to.equal(1);
    expect(await sum("AWS/Logs", "IncomingBytes", group)).to.be.above(600);
  });

  it("take metrics out of what anybody logs, and by filters", async () => {
    const logGroupName = unique("group");
    const logStreamName = "stream";
    await aws.logs.send(new CreateLogGroupCommand({ logGroupName }));
    await aws.logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
    await aws.logs.send(
      new PutMetricFilterCommand({
        logGroupName,
        filterName: "size",
        filterPattern: '{ $.kind = "order" }',
        metricTransformations: [
          { metricNamespace: NAMESPACE, metricName: logGroupName, metricValue: "$.size" },
        ],
      }),
    );
    const messages = [{ kind: "order", size: 5 }, { kind: "other", size: 7 }, { kind: "order" }];
    await aws.logs.send(
      new PutLogEventsCommand({
        logGroupName,
        logStreamName,
        logEvents: messages.map((message) => ({
          timestamp: Date.now(),
          message: JSON.stringify(message),
        })),
      }),
    );
    await until(async () => (await sum(NAMESPACE, logGroupName, {})) > 0);

    expect(await sum(NAMESPACE, logGroupName, {})).to.equal(5);
    const unknown = new PutMetricFilterCommand({
      logGroupName,
      filterName: "unknown",
      filterPattern: "{ $.kind ~ order }",
      metricTransformations: [],
    });
    const refusal = await aws.logs.send(unknown).catch((error: Error) => error.name);
    expect(refusal).to.equal("InvalidParameterException");
  });

  it("show Lambda's own lines as JSON where the function says so, and measure by them", async () => {
    const name = await makeFunction();
    const logGroupName = `/aws/lambda/${name}`;
    const metric = unique("duration");
    await call(name, {});
    await aws.logs.send(
      new PutMetricFilterCommand({
        logGroupName,
        filterName: "duration",
        filterPattern: '{ $.type = "platform.report" }',
        metricTransformations: [
          {
            metricNamespace: NAMESPACE,
            metricName: metric,
            metricValue: "$.record.metrics.durationMs",
          },
        ],
      }),
    );
    await call(name, {});
    await until(async () => (await sum(NAMESPACE, metric, {})) > 0);

    const { events = [] } = await aws.logs.send(new FilterLogEventsCommand({ logGroupName }));
    const types = events.map(({ message = "" }) => (JSON.parse(message) as { type?: string }).type);
    expect(types).to.include.members(["platform.start", "platform.report"]);
    const text = await makeFunction("Text");
    await call(text, {});
    const plain = await aws.logs.send(
      new FilterLogEventsCommand({ logGroupName: `/aws/lambda/${text}` }),
    );
    expect(plain.events?.map(({ message = "" }) => message.split(" ")[0])).to.include.members([
      "START",
      "END",
      "REPORT",
    ]);
  });

  it("answer Insights queries over the lines", async () => {
    const name = await makeFunction();
    await call(name, { service: "asked" });
    const { queryId } = await aws.logs.send(
      new StartQueryCommand({
        logGroupNames: [`/aws/lambda/${name}`],
        startTime: Math.floor(Date.now() / 1000) - 60,
        endTime: Math.ceil(Date.now() / 1000) + 60,
        queryString: 'filter type = "platform.report" | stats count(*) as calls',
      }),
    );
    const { results, status } = await aws.logs.send(new GetQueryResultsCommand({ queryId }));

    expect(status).to.equal("Complete");
    expect(results).to.deep.equal([[{ field: "calls", value: "1" }]]);
    const wrong = new StartQueryCommand({
      logGroupNames: [`/aws/lambda/${name}`],
      startTime: 0,
      endTime: 1,
      queryString: "guess what",
    });
    expect(await aws.logs.send(wrong).catch((error: Error) => error.name)).to.equal(
      "MalformedQueryException",
    );
  });

  it("take what callers measure themselves", async () => {
    const MetricName = unique("measured");
    await aws.cloudWatch.send(
      new PutMetricDataCommand({
        Namespace: NAMESPACE,
        MetricData: [
          { MetricName, Value: 2 },
          { MetricName, Values: [1, 3], Counts: [2, 1] },
          {
            MetricName,
            StatisticValues: { Sum: 10, SampleCount: 4, Minimum: 1, Maximum: 5 },
          },
        ],
      }),
    );
    await until(async () => (await sum(NAMESPACE, MetricName, {})) > 0);

    expect(await sum(NAMESPACE, MetricName, {})).to.equal(2 + 5 + 10);
  });

  it("let queues and asynchronous events report", async () => {
    const QueueName = unique("letters");
    const { QueueUrl } = await aws.sqs.send(new CreateQueueCommand({ QueueName }));
    await aws.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "{}" }));
    const FunctionName = await makeFunction();
    await aws.lambda.send(
      new InvokeCommand({ FunctionName, InvocationType: "Event", Payload: "{}" }),
    );
    const visible = "ApproximateNumberOfMessagesVisible";
    await until(async () => (await sum("AWS/SQS", visible, { QueueName })) > 0);
    await until(async () => (await sum("AWS/Lambda", "AsyncEventsReceived", { FunctionName })) > 0);

    expect(await sum("AWS/SQS", "NumberOfMessagesSent", { QueueName })).to.equal(1);
    expect(await sum("AWS/Lambda", "AsyncEventsReceived", { FunctionName })).to.equal(1);
    expect(await sum("AWS/Lambda", "AsyncEventsDropped", { FunctionName })).to.equal(0);
  });

  it("tell a queue of an alarm's change, in CloudWatch's words", async () => {
    const name = await makeFunction();
    const service = unique("orders");
    const { TopicArn, receive } = await makeTopic();
    const alarm = unique("failures");
    const composite = unique("failing");
    await alarmOn(alarm, service, []);
    await aws.cloudWatch.send(
      new PutCompositeAlarmCommand({
        AlarmName: composite,
        AlarmRule: `ALARM("${alarm}")`,
        AlarmDescription: "P2 failing",
        AlarmActions: [TopicArn],
      }),
    );
    await until(async () => (await stateOf(composite)) === "OK");

    await call(name, { service });
    const { Subject, message } = await receive();

    expect(Subject).to.equal(`ALARM: "${composite}" in US East (N. Virginia)`);
    expect(message).to.include({
      AlarmName: composite,
      AlarmDescription: "P2 failing",
      AWSAccountId: account().accountId,
      NewStateValue: "ALARM",
      OldStateValue: "OK",
      AlarmRule: `ALARM("${alarm}")`,
    });
    expect(message["TriggeringChildren"]).to.have.length(1);
    expect(await stateOf(alarm)).to.equal("ALARM");
    expect(await actionsOf(composite)).to.deep.equal([`Successfully executed action ${TopicArn}`]);
  });

  it("tell nobody where the topic or its key keep CloudWatch out, and say so in the alarm's history", async () => {
    const name = await makeFunction();
    const service = unique("orders");
    const CLOUDWATCH = "cloudwatch.amazonaws.com";
    const makeKey = async (service: string) => {
      const Policy = statement(["kms:Decrypt", "kms:GenerateDataKey*"], "*", service);
      const { KeyMetadata } = await aws.kms.send(
        new CreateKeyCommand({ Policy: JSON.stringify(Policy) }),
      );
      return KeyMetadata?.Arn ?? "";
    };
    const encryptedBy = async (TopicArn: string, key: string) => {
      await aws.sns.send(
        new SetTopicAttributesCommand({
          TopicArn,
          AttributeName: "KmsMasterKeyId",
          AttributeValue: key,
        }),
      );
    };
    const [closed, managed, strange, open] = await Promise.all([
      makeTopic(),
      makeTopic(),
      makeTopic(),
      makeTopic(),
    ]);
    await closed.admit(statement("sns:Publish", closed.TopicArn, "s3.amazonaws.com"));
    await encryptedBy(managed.TopicArn, "alias/aws/sns");
    await encryptedBy(strange.TopicArn, await makeKey("s3.amazonaws.com"));
    await open.admit(statement("sns:Publish", open.TopicArn, CLOUDWATCH));
    await encryptedBy(open.TopicArn, await makeKey(CLOUDWATCH));
    const alarm = unique("failures");
    await alarmOn(
      alarm,
      service,
      [closed, managed, strange, open].map(({ TopicArn }) => TopicArn),
    );

    await call(name, { service });
    await until(async () => (await actionsOf(alarm)).length > 0);
    const actions = await actionsOf(alarm);

    const about = ({ TopicArn }: { readonly TopicArn: string }) =>
      actions.find((summary) => summary.includes(TopicArn));
    expect(about(closed)).to.match(/^Failed .* is not authorized to perform: SNS:Publish/);
    expect(about(managed)).to.match(/^Failed .* encryption key/);
    expect(about(strange)).to.match(/^Failed .* encryption key/);
    expect(about(open)).to.match(/^Successfully/);
  });
});
