/** What the front adds to the emulator beside CodeDeploy, each behaviour as AWS has it. */
import { setTimeout } from "node:timers/promises";
import { CloudWatchClient, GetMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import {
  InvokeCommand,
  LambdaClient,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import {
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { type Front, startFront } from "local-aws/emulator/front.ts";
import { SQS_LATENCIES } from "local-aws/emulator/latency.ts";
import { useEmulator } from "local-aws/testing/emulator.ts";
import { makeService, type Service } from "../support/emulated-service.ts";

const MINUTE_MS = 100;
const HANDLER = `export const handler = async (event) => {
  if (event.fails) throw new Error(event.fails);
  return event;
};`;

describe("the front, as AWS,", () => {
  const account = useEmulator();
  const fronts: Front[] = [];
  let front: Front;
  let service: Service;
  let FunctionName: string;
  let QueueUrl: string;

  before(async () => {
    const { url: upstream, accountId, region, client } = account();
    front = await startFront({ upstream, accountId, region, minuteMs: MINUTE_MS });
    fronts.push(front);
    const endpoint = front.url;
    service = await makeService({ ...account(), client: { ...client, endpoint } }, HANDLER);
    ({ functionName: FunctionName, deadLetterQueueUrl: QueueUrl } = service.outputs);
    await service.lambda.send(
      new UpdateFunctionConfigurationCommand({
        FunctionName,
        DeadLetterConfig: { TargetArn: service.outputs.deadLetterQueueArn },
      }),
    );
  });
  after(async () => {
    // None where the emulator could not be had.
    for (const started of fronts) await started.stop();
  });

  const refusal = (call: Promise<unknown>): Promise<string> =>
    call.then(
      () => "accepted",
      (error: Error) => error.name,
    );
  const receive = async (VisibilityTimeout: number, WaitTimeSeconds = 20) => {
    const { Messages = [] } = await service.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl,
        WaitTimeSeconds,
        VisibilityTimeout,
        MessageAttributeNames: ["All"],
      }),
    );
    return Messages;
  };
  const invokeLater = (event: string) =>
    service.lambda.send(
      new InvokeCommand({
        FunctionName,
        Qualifier: "live",
        InvocationType: "Event",
        Payload: Buffer.from(event),
      }),
    );
  /** Sums of one metric of the alias, over all pages. */
  const sum = async (
    MetricName: string,
    pages: number[] = [],
    dimensions: Readonly<Record<string, string>> = {
      FunctionName,
      Resource: `${FunctionName}:live`,
    },
  ): Promise<number> => {
    const cloudWatch = new CloudWatchClient({ ...account().client, endpoint: front.url });
    let total = 0;
    let NextToken: string | undefined;
    do {
      const answer = await cloudWatch.send(
        new GetMetricDataCommand({
          StartTime: new Date(Date.now() - 600_000),
          EndTime: new Date(Date.now() + 60_000),
          NextToken,
          MetricDataQueries: [
            {
              Id: "sum",
              MetricStat: {
                Metric: {
                  Namespace: "AWS/Lambda",
                  MetricName,
                  Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
                },
                Period: 60,
                Stat: "Sum",
              },
            },
          ],
        }),
      );
      const values = answer.MetricDataResults?.[0]?.Values ?? [];
      pages.push(values.length);
      total += values.reduce((all, value) => all + value, 0);
      ({ NextToken } = answer);
    } while (NextToken !== undefined);
    return total;
  };

  it("tries an asynchronous event three times, counts each, and buries it as it came", async () => {
    // The version that the alias points at has no queue yet.
    const version = await service.publish(`${HANDLER}// with a queue`);
    await service.lambda.send(
      new UpdateAliasCommand({ FunctionName, Name: "live", FunctionVersion: version }),
    );
    const event = `{ "fails": "order 17", "n": 1.0 }`;

    await invokeLater(event);
    const [message] = await receive(60);
    while ((await sum("Errors")) < 3) await setTimeout(MINUTE_MS);

    expect(message?.Body).to.equal(event);
    expect(message?.MessageAttributes?.["ErrorMessage"]?.StringValue).to.equal("order 17");
    expect(message?.MessageAttributes?.["ErrorCode"]).to.deep.include({
      DataType: "Number",
      StringValue: "200",
    });
    expect(message?.MessageAttributes?.["RequestID"]?.StringValue).to.match(/^[0-9a-f-]{36}$/);
    expect(await sum("Invocations")).to.equal(3);
    const dropped = { FunctionName };
    while ((await sum("AsyncEventsDropped", [], dropped)) < 1) await setTimeout(MINUTE_MS);
    expect(await sum("DeadLetterErrors", [], dropped)).to.equal(0);
    await service.sqs.send(
      new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle }),
    );
  });

  it("deletes nothing by a stale receipt handle, and says that it did", async () => {
    await service.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "{}" }));
    const [first] = await receive(0);
    const [second] = await receive(0);

    await service.sqs.send(
      new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first?.ReceiptHandle }),
    );
    const batch = await service.sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl,
        Entries: [{ Id: "0", ReceiptHandle: first?.ReceiptHandle }],
      }),
    );
    const [third] = await receive(30);

    expect(batch).to.deep.include({ Successful: [{ Id: "0" }], Failed: [] });
    expect(third?.MessageId).to.equal(second?.MessageId);
    await service.sqs.send(
      new DeleteMessageCommand({ QueueUrl, ReceiptHandle: third?.ReceiptHandle }),
    );
    expect(await receive(0, 0)).to.deep.equal([]);
  });

  it("refuses payloads that are too large, events that are no JSON, and functions that are not there", async () => {
    expect(await refusal(invokeLater(JSON.stringify("x".repeat(1_048_576))))).to.equal(
      "RequestTooLargeException",
    );
    expect(await refusal(invokeLater("{"))).to.equal("InvalidRequestContentException");
    const unknown = new InvokeCommand({ FunctionName: "unknown", InvocationType: "Event" });
    expect(await refusal(service.lambda.send(unknown))).to.equal("ResourceNotFoundException");
  });

  it("refuses a change of a function while its last one is under way", async () => {
    const { client } = account();
    // A refusal of this kind is not tried again by the SDK.
    const lambda = new LambdaClient({ ...client, endpoint: front.url });
    const change = (Description: string) =>
      lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Description }));
    while ((await refusal(change("first"))) !== "accepted") await setTimeout(50);

    expect(await refusal(change("second"))).to.equal("ResourceConflictException");
    const code = new UpdateFunctionCodeCommand({ FunctionName, ZipFile: Buffer.from("zip") });
    expect(await refusal(lambda.send(code))).to.equal("ResourceConflictException");
  });

  it("gives the data points by the minute, in pages", async () => {
    for (let call = 0; call < 25; call++) {
      await service.lambda.send(new InvokeCommand({ FunctionName, Qualifier: "live" }));
      await setTimeout(MINUTE_MS);
    }
    const pages: number[] = [];
    while ((await sum("Invocations")) < 25) await setTimeout(MINUTE_MS);

    await sum("Invocations", pages);
    expect(pages.length).to.be.greaterThan(1);
  });

  it("can lose an answer, or give none", async () => {
    const { client } = account();
    const impatient = new LambdaClient({
      ...client,
      endpoint: front.url,
      requestHandler: { requestTimeout: 300, throwOnRequestTimeout: true },
    });
    const call = () => impatient.send(new InvokeCommand({ FunctionName, Qualifier: "live" }));
    const before = await sum("Invocations");

    front.fault = () => "no answer";
    expect(await refusal(call())).to.equal("TimeoutError");
    front.fault = () => "lost answer";
    expect(await refusal(call())).to.not.equal("accepted");
    front.fault = () => undefined;

    while ((await sum("Invocations")) === before) await setTimeout(MINUTE_MS);
    expect(await sum("Invocations")).to.equal(before + 1);
  });

  it("can be as slow as AWS", async () => {
    const { url: upstream, accountId, region, client } = account();
    const slow = await startFront({ upstream, accountId, region, latencies: SQS_LATENCIES });
    try {
      const endpoint = slow.url;
      const begun = performance.now();
      await new SQSClient({ ...client, endpoint }).send(new ReceiveMessageCommand({ QueueUrl }));
      expect(performance.now() - begun).to.be.greaterThan(29);
    } finally {
      await slow.stop();
    }
  });
});
