/**
 * What the tests of commands and the local cloud rely on in the emulator, each behaviour as AWS documents it.
 * A newer emulator that breaks one of them fails here first, and says which.
 */
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import { GetRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import {
  DeleteFunctionCommand,
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
} from "@aws-sdk/client-sqs";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { expect } from "chai";
import { deadLetterOf } from "../../ops/replay/dead-letter.ts";
import { useEmulator } from "local-aws/testing/emulator.ts";
import { makeService, type Service } from "../support/emulated-service.ts";

/** Fails as it is told to. */
const HANDLER = `export const handler = async (event) => {
  if (event.fails) throw new Error(event.fails);
  return { got: event };
};`;

/** The name of the error that a call is refused with. */
const refusal = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "accepted",
    (error: Error) => error.name,
  );

describe("the emulator, as AWS,", () => {
  const account = useEmulator();
  let service: Service;
  let FunctionName: string;

  before(async () => {
    service = await makeService(account(), HANDLER);
    ({ functionName: FunctionName } = service.outputs);
  });

  const alias = () => service.lambda.send(new GetAliasCommand({ FunctionName, Name: "live" }));
  const invoke = (payload: object, Qualifier = "live") =>
    service.lambda.send(
      new InvokeCommand({ FunctionName, Qualifier, Payload: JSON.stringify(payload) }),
    );

  it("takes the access key for the account", async () => {
    const { Account } = await new STSClient(account().client).send(
      new GetCallerIdentityCommand({}),
    );
    expect(Account).to.equal(account().accountId);
  });

  it("runs the handler and says which version answered", async () => {
    const { ExecutedVersion, FunctionError, Payload } = await invoke({ a: 1 });
    expect({ ExecutedVersion, FunctionError }).to.deep.equal({
      ExecutedVersion: "1",
      FunctionError: undefined,
    });
    expect(JSON.parse(Payload?.transformToString() ?? "")).to.deep.equal({ got: { a: 1 } });
  });

  it("marks an invocation whose handler threw, with the message", async () => {
    const { FunctionError, Payload } = await invoke({ fails: "boom" });
    expect(FunctionError).to.equal("Unhandled");
    expect(Payload?.transformToString()).to.include('"boom"');
  });

  it("knows no function, version or alias that is not there", async () => {
    expect(await refusal(invoke({}, "99"))).to.equal("ResourceNotFoundException");
    const unknown = new GetFunctionConfigurationCommand({ FunctionName: "unknown" });
    expect(await refusal(service.lambda.send(unknown))).to.equal("ResourceNotFoundException");
  });

  it("moves an alias only for who has seen its latest state", async () => {
    const { RevisionId } = await alias();
    const move = (weights: Record<string, number>) =>
      service.lambda.send(
        new UpdateAliasCommand({
          FunctionName,
          Name: "live",
          RevisionId,
          RoutingConfig: { AdditionalVersionWeights: weights },
        }),
      );
    const second = await service.publish(`${HANDLER}// 2`);
    await move({ [second]: 0.1 });
    expect((await alias()).RoutingConfig?.AdditionalVersionWeights).to.deep.equal({
      [second]: 0.1,
    });
    expect(await refusal(move({}))).to.equal("PreconditionFailedException");
    await service.lambda.send(
      new UpdateAliasCommand({ FunctionName, Name: "live", RoutingConfig: {} }),
    );
    expect((await alias()).RoutingConfig?.AdditionalVersionWeights ?? {}).to.deep.equal({});
  });

  it("deletes no version that an alias points to, and never counts one twice", async () => {
    const remove = (Qualifier: string) =>
      service.lambda.send(new DeleteFunctionCommand({ FunctionName, Qualifier }));
    expect(await refusal(remove("1"))).to.equal("ResourceConflictException");
    const third = await service.publish(`${HANDLER}// 3`);
    await remove(third);
    const fourth = await service.publish(`${HANDLER}// 4`);
    expect(Number(fourth)).to.equal(Number(third) + 1);
    const { Versions = [] } = await service.lambda.send(
      new ListVersionsByFunctionCommand({ FunctionName }),
    );
    expect(Versions.map(({ Version }) => Version)).not.to.include(third);
    const unchanged = await service.lambda.send(new PublishVersionCommand({ FunctionName }));
    const again = await service.lambda.send(new PublishVersionCommand({ FunctionName }));
    expect(again.Version).to.equal(unchanged.Version);
  });

  it("puts an asynchronous event that fails at every try into the dead-letter queue", async () => {
    await service.lambda.send(
      new UpdateFunctionConfigurationCommand({
        FunctionName,
        DeadLetterConfig: { TargetArn: service.outputs.deadLetterQueueArn },
      }),
    );
    const event = { fails: "every time" };
    const { StatusCode } = await service.lambda.send(
      new InvokeCommand({
        FunctionName,
        InvocationType: "Event",
        Payload: JSON.stringify(event),
      }),
    );
    expect(StatusCode).to.equal(202);
    const [message] = await receive(10);
    // Not quite as AWS: a destination's record instead of the event with attributes. Both are read.
    const deadLetter = deadLetterOf(message ?? {});
    expect(JSON.parse(deadLetter.event ?? "")).to.deep.equal(event);
    expect(deadLetter.error).to.include("every time");
    await remove(deadLetter.receipt);
  });

  const receive = async (WaitTimeSeconds: number, VisibilityTimeout = 60) => {
    const { Messages = [] } = await service.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: service.outputs.deadLetterQueueUrl,
        WaitTimeSeconds,
        VisibilityTimeout,
        MaxNumberOfMessages: 10,
        MessageAttributeNames: ["All"],
        MessageSystemAttributeNames: ["SentTimestamp", "ApproximateReceiveCount"],
      }),
    );
    return Messages;
  };
  const remove = (ReceiptHandle = "") =>
    service.sqs.send(
      new DeleteMessageCommand({ QueueUrl: service.outputs.deadLetterQueueUrl, ReceiptHandle }),
    );

  it("hides a received message, shows it again when told to, and keeps its id", async () => {
    const QueueUrl = service.outputs.deadLetterQueueUrl;
    await service.bury({ n: 1 }, "for attributes");
    const [first] = await receive(1);
    expect(first?.MessageAttributes?.["ErrorMessage"]?.StringValue).to.equal("for attributes");
    expect(Number(first?.Attributes?.SentTimestamp)).to.be.closeTo(Date.now(), 60_000);
    expect(await receive(0)).to.be.empty;
    const { Successful = [] } = await service.sqs.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl,
        Entries: [{ Id: "0", ReceiptHandle: first?.ReceiptHandle, VisibilityTimeout: 0 }],
      }),
    );
    expect(Successful).to.have.length(1);
    const [second] = await receive(1);
    expect(second?.MessageId).to.equal(first?.MessageId);
    expect(second?.Attributes?.ApproximateReceiveCount).to.equal("2");
    // The older receipt deletes nothing any more.
    await remove(first?.ReceiptHandle).catch(() => {});
    await service.sqs.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl,
        ReceiptHandle: second?.ReceiptHandle,
        VisibilityTimeout: 0,
      }),
    );
    const [third] = await receive(1);
    expect(third?.MessageId).to.equal(first?.MessageId);
    await remove(third?.ReceiptHandle);
    expect(await receive(0, 0)).to.be.empty;
  });

  it("keeps the earlier versions of an object, and writes on conditions", async () => {
    const object = { Bucket: service.outputs.artifactsBucketName, Key: "conformance" };
    const first = await service.s3.send(new PutObjectCommand({ ...object, Body: "1" }));
    const conditional = (condition: object) =>
      refusal(service.s3.send(new PutObjectCommand({ ...object, Body: "2", ...condition })));
    expect(await conditional({ IfNoneMatch: "*" })).to.equal("PreconditionFailed");
    expect(await conditional({ IfMatch: first.ETag })).to.equal("accepted");
    expect(await conditional({ IfMatch: first.ETag })).to.equal("PreconditionFailed");
    await service.s3.send(new DeleteObjectCommand(object));
    expect(await refusal(service.s3.send(new GetObjectCommand(object)))).to.equal("NoSuchKey");
    const { Versions = [], DeleteMarkers = [] } = await service.s3.send(
      new ListObjectVersionsCommand({ Bucket: object.Bucket, Prefix: object.Key }),
    );
    expect([Versions.length, DeleteMarkers.length]).to.deep.equal([2, 1]);
  });

  it("knows no role that is not there", async () => {
    const iam = new IAMClient(account().client);
    const missing = refusal(iam.send(new GetRoleCommand({ RoleName: "none" })));
    expect(await missing).to.match(/^NoSuchEntity(Exception)?$/);
  });

  it("keeps an alarm's state, and begins without data", async () => {
    const cloudWatch = new CloudWatchClient(account().client);
    await cloudWatch.send(
      new PutMetricAlarmCommand({
        AlarmName: "conformance",
        Namespace: "Conformance",
        MetricName: "None",
        Statistic: "Sum",
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 0,
        ComparisonOperator: "GreaterThanThreshold",
      }),
    );
    const state = async () => {
      const { MetricAlarms = [] } = await cloudWatch.send(
        new DescribeAlarmsCommand({ AlarmNames: ["conformance", "none"] }),
      );
      return MetricAlarms.map(({ StateValue }) => StateValue);
    };
    expect(await state()).to.deep.equal(["INSUFFICIENT_DATA"]);
    await cloudWatch.send(
      new SetAlarmStateCommand({
        AlarmName: "conformance",
        StateValue: "ALARM",
        StateReason: "test",
      }),
    );
    expect(await state()).to.deep.equal(["ALARM"]);
  });
});
