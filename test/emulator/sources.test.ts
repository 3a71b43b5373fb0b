/** Queues that call the function through the alias: the local cloud's pollers, the shipped flow and real queues. */
import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateEventSourceMappingCommand,
  DeleteEventSourceMappingCommand,
  ListEventSourceMappingsCommand,
  UpdateAliasCommand,
} from "@aws-sdk/client-lambda";
import { CreateTableCommand, DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import {
  CreateScheduleCommand,
  DeleteScheduleCommand,
  SchedulerClient,
} from "@aws-sdk/client-scheduler";
import { CreateQueueCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { readBatch, type StreamBatch, streamBatchOf } from "../../ops/replay/stream-batch.ts";
import { useWorlds } from "../support/release-world.ts";
import { makeSourceWorld, type SourceWorld } from "../support/source-world.ts";

const word = (text: string, more: object = {}) => ({
  MessageBody: JSON.stringify({ word: text, ...more }),
});

/** For clients that worlds do not have. */
const clientOf = ({ environment }: SourceWorld) => ({
  endpoint: environment["AWS_ENDPOINT_URL"] ?? "",
  credentials: {
    accessKeyId: environment["AWS_ACCESS_KEY_ID"] ?? "",
    secretAccessKey: environment["AWS_SECRET_ACCESS_KEY"] ?? "",
  },
});

describe("a source that calls the function", function () {
  this.timeout(90_000);
  const newWorld = useWorlds();
  let world: SourceWorld;
  beforeEach(async () => {
    world = await makeSourceWorld(newWorld, { duplicates: 0 });
  });

  it("gets each message done once, and what fails at every try is a dead letter", async () => {
    const { send, deadLetters } = await world.source({ maxReceives: 3 });
    const ids = await send([word("a"), word("broken"), word("b"), { MessageBody: '{"word":7}' }]);

    const dead = await deadLetters();

    const { entries, deliveries } = await world.written();
    expect(entries.map(({ newId }) => newId)).to.have.members([ids[0], ids[2]]);
    expect(dead.map(({ MessageId }) => MessageId)).to.have.members([ids[1], ids[3]]);
    // A refused message is not handed to the domain; a broken one is, as often as the queue says.
    expect(deliveries.filter((delivery) => delivery.word === "broken")).to.have.length(3);
  });

  it("lets nothing of a FIFO group overtake what failed, and works on other groups meanwhile", async () => {
    // Each sandbox counts its own tries, and there may be several: the one that blocks must not become a dead letter.
    const { send, deadLetters } = await world.source({ fifo: true, maxReceives: 50 });
    const of = (group: string, number: number) => ({
      ...word(`${group}${number}`, group === "a" && number === 1 ? { times: 2 } : {}),
      MessageGroupId: group,
      MessageDeduplicationId: `${group}${number}`,
    });
    const numbers = Array.from({ length: 12 }, (_, number) => number);
    await send(numbers.flatMap((number) => [of("a", number), of("b", number), of("c", number)]));

    expect(await deadLetters()).to.deep.equal([]);

    const { entries, deliveries } = await world.written();
    for (const group of ["a", "b", "c"]) {
      const done = entries.map((entry) => entry.word).filter((text) => text.startsWith(group));
      expect(done).to.deep.equal(numbers.map((number) => `${group}${number}`));
    }
    expect(deliveries.filter((delivery) => delivery.word === "a1")).to.have.length.of.at.least(3);
  });

  it("deletes what no filter wants, unseen", async () => {
    const Pattern = JSON.stringify({ body: { word: [{ prefix: "order" }] } });
    const { send, deadLetters } = await world.source({
      mapping: { FilterCriteria: { Filters: [{ Pattern }] } },
    });
    await send([word("order 1"), word("noise"), { MessageBody: "no JSON" }, word("order 2")]);

    expect(await deadLetters()).to.deep.equal([]);
    const { deliveries } = await world.written();
    expect(deliveries.map((delivery) => delivery.word)).to.have.members(["order 1", "order 2"]);
  });

  it("is answered by both versions while the alias has weights, and whole batches by one", async () => {
    const canary = await world.publish("works");
    await world.clients.lambda.send(
      new UpdateAliasCommand({
        FunctionName: world.outputs().functionName,
        Name: "live",
        RoutingConfig: { AdditionalVersionWeights: { [canary]: 0.5 } },
      }),
    );
    const { send, deadLetters } = await world.source({ mapping: { BatchSize: 1 } });
    await send(Array.from({ length: 30 }, (_, number) => word(`w${number}`)));

    await deadLetters();
    const { deliveries } = await world.written();
    const versions = new Set(deliveries.map(({ version }) => version));
    expect([...versions]).to.have.members(["1", canary]);
  });

  it("delivers a message more than once, and the key keeps that harmless", async () => {
    world = await makeSourceWorld(newWorld, { duplicates: 0.5 });
    const { send, deadLetters } = await world.source();
    const ids = await send(Array.from({ length: 20 }, (_, number) => word(`w${number}`)));

    // With one chance in two, some come more often than the queue lets them: those are dead letters, and done.
    await deadLetters();

    const { entries, repeated } = await world.written();
    expect(entries.map(({ newId }) => newId)).to.have.members([...ids]);
    expect(repeated.length).to.be.greaterThan(0);
  });

  it("knows an event of EventBridge by EventBridge's id, and a replayed message by its first one", async () => {
    const { send, deadLetters } = await world.source();
    await send([
      {
        MessageBody: JSON.stringify({
          id: "event-1",
          "detail-type": "Said",
          source: "shop",
          detail: { word: "from a rule" },
        }),
      },
      {
        ...word("again"),
        MessageAttributes: { OriginalMessageId: { DataType: "String", StringValue: "first-1" } },
      },
    ]);

    await deadLetters();
    const { entries } = await world.written();
    expect(entries).to.have.deep.members([
      { word: "from a rule", newId: "event-1" },
      { word: "again", newId: "first-1" },
    ]);
  });

  describe("of changes of a table", () => {
    const words = Array.from({ length: 30 }, (_, number) => `w${String(number).padStart(2, "0")}`);

    it("is worked on in order, halves what fails, and gives up the bad record alone", async () => {
      const { clients } = world;
      const { accountId, region, aliasArn } = world.outputs();
      const dynamodb = new DynamoDBClient({ ...clientOf(world), region });
      const { TableDescription } = await dynamodb.send(
        new CreateTableCommand({
          TableName: "words",
          BillingMode: "PAY_PER_REQUEST",
          KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
          AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
          StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_IMAGE" },
        }),
      );
      const { QueueUrl = "" } = await clients.sqs.send(
        new CreateQueueCommand({ QueueName: "dlq-words" }),
      );
      await clients.lambda.send(
        new CreateEventSourceMappingCommand({
          EventSourceArn: TableDescription?.LatestStreamArn,
          FunctionName: aliasArn,
          StartingPosition: "TRIM_HORIZON",
          BatchSize: 10,
          MaximumRetryAttempts: 2,
          BisectBatchOnFunctionError: true,
          FunctionResponseTypes: ["ReportBatchItemFailures"],
          DestinationConfig: {
            OnFailure: { Destination: `arn:aws:sqs:${region}:${accountId}:dlq-words` },
          },
        }),
      );
      const put = (id: string, text: string) =>
        dynamodb.send(
          new PutItemCommand({ TableName: "words", Item: { id: { S: id }, word: { S: text } } }),
        );
      for (const text of words) await put(text, text === "w14" ? "broken" : text);

      const wanted = words.filter((text) => text !== "w14");
      while ((await world.written()).entries.length < wanted.length) await sleep(50);

      const { entries, deliveries } = await world.written();
      expect(entries.map((entry) => entry.word)).to.deep.equal(wanted);
      expect(deliveries.every(({ source }) => source === "dynamodb")).to.equal(true);
      const { Messages: [dead] = [] } = await clients.sqs.send(
        new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }),
      );
      const { DDBStreamBatchInfo: batch } = JSON.parse(dead?.Body ?? "{}") as {
        DDBStreamBatchInfo: StreamBatch & { batchSize: number };
      };
      expect(batch.batchSize).to.equal(1);
      // The dead letter names the record, and the replay reads it from the stream again.
      const event = await readBatch(
        new DynamoDBStreamsClient({ ...clientOf(world), region }),
        streamBatchOf(dead?.Body ?? "") ?? batch,
      );
      const { Records } = JSON.parse(event ?? "{}") as { Records: readonly unknown[] };
      expect(Records).to.have.length(1);
      expect(Records[0]).to.nested.include({
        eventSource: "aws:dynamodb",
        "dynamodb.NewImage.word.S": "broken",
        "dynamodb.SequenceNumber": batch.startSequenceNumber,
      });
    });
  });

  describe("by the clock", () => {
    beforeEach(async () => {
      world = await makeSourceWorld(newWorld, { minuteMs: 1000 });
    });

    const schedule = async (Arn: string) => {
      const { accountId, region } = world.outputs();
      const { QueueUrl = "" } = await world.clients.sqs.send(
        new CreateQueueCommand({ QueueName: "dlq-nightly" }),
      );
      const scheduler = new SchedulerClient({ ...clientOf(world), region });
      const named = { Name: `every-minute-${world.outputs().serviceName}` };
      await scheduler.send(
        new CreateScheduleCommand({
          ...named,
          ScheduleExpression: "rate(1 minute)",
          FlexibleTimeWindow: { Mode: "OFF" },
          Target: {
            Arn,
            RoleArn: `arn:aws:iam::${accountId}:role/scheduler`,
            Input: '{"correlationId":"m.<aws.scheduler.scheduled-time>","word":"tick"}',
            DeadLetterConfig: { Arn: `arn:aws:sqs:${region}:${accountId}:dlq-nightly` },
          },
        }),
      );
      return { QueueUrl, end: () => scheduler.send(new DeleteScheduleCommand(named)) };
    };

    it("is called again and again until it is deleted, with the time at which each run was due", async () => {
      const { end } = await schedule(world.outputs().aliasArn);
      while ((await world.written()).deliveries.length < 2) await sleep(20);
      await end();

      const { deliveries } = await world.written();
      for (const { correlationId, source } of deliveries) {
        expect(source).to.equal("direct");
        expect(correlationId).to.match(/^m\.\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      }
    });

    it("becomes a dead letter where there is nothing to call, with the reason", async () => {
      const { QueueUrl, end } = await schedule(
        world.outputs().aliasArn.replace("function:", "function:no-"),
      );
      const { Messages: [dead] = [] } = await world.clients.sqs.send(
        new ReceiveMessageCommand({
          QueueUrl,
          WaitTimeSeconds: 10,
          MessageAttributeNames: ["All"],
        }),
      );
      await end();

      expect(JSON.parse(dead?.Body ?? "")).to.include({ word: "tick" });
      const { ERROR_CODE } = dead?.MessageAttributes ?? {};
      expect(ERROR_CODE?.StringValue).to.equal("ResourceNotFoundException");
    });
  });

  describe("is refused, as Lambda does it,", () => {
    const create = (input: object) =>
      world.clients.lambda
        .send(
          new CreateEventSourceMappingCommand({
            FunctionName: world.outputs().aliasArn,
            ...input,
          }),
        )
        .then(
          () => "accepted",
          (error: Error) => `${error.name}: ${error.message}`,
        );

    it("a second time for the same function, until the first is gone", async () => {
      const { lambda } = world.clients;
      const { queueArn: EventSourceArn } = await world.source();

      const FunctionName = `${world.outputs().functionName}:live`;
      expect(await create({ EventSourceArn })).to.match(/^ResourceConflictException: /);
      expect(await create({ EventSourceArn, FunctionName })).to.match(/^ResourceConflict/);

      const { EventSourceMappings: [mapping] = [] } = await lambda.send(
        new ListEventSourceMappingsCommand({ EventSourceArn }),
      );
      await lambda.send(new DeleteEventSourceMappingCommand({ UUID: mapping?.UUID }));
      expect(await create({ EventSourceArn })).to.equal("accepted");
    });

    it("with a queue that hides messages for less than the function may run", async () => {
      const { accountId, region } = world.outputs();
      await world.clients.sqs.send(
        new CreateQueueCommand({ QueueName: "hasty", Attributes: { VisibilityTimeout: "10" } }),
      );
      const EventSourceArn = `arn:aws:sqs:${region}:${accountId}:hasty`;
      expect(await create({ EventSourceArn })).to.match(
        /^InvalidParameterValueException: Queue visibility timeout: 10 seconds is less than Function timeout: 25/,
      );
    });

    it("with a batch above ten and no window, and with a concurrency of one", async () => {
      const { accountId, region } = world.outputs();
      await world.clients.sqs.send(
        new CreateQueueCommand({ QueueName: "patient", Attributes: { VisibilityTimeout: "300" } }),
      );
      const EventSourceArn = `arn:aws:sqs:${region}:${accountId}:patient`;
      for (const wrong of [{ BatchSize: 20 }, { ScalingConfig: { MaximumConcurrency: 1 } }]) {
        expect(await create({ EventSourceArn, ...wrong }), JSON.stringify(wrong)).to.match(
          /^InvalidParameterValueException/,
        );
      }
    });
  });

  it("stays as it is where its mapping is gone", async () => {
    const { send, queueUrl, queueArn: EventSourceArn } = await world.source();
    const { lambda } = world.clients;
    const { EventSourceMappings: [mapping] = [] } = await lambda.send(
      new ListEventSourceMappingsCommand({ EventSourceArn }),
    );
    await lambda.send(new DeleteEventSourceMappingCommand({ UUID: mapping?.UUID }));
    const [id] = await send([word("kept")]);

    // A poller would have taken it at once, and hidden it.
    const { Messages: [message] = [] } = await world.clients.sqs.send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl, WaitTimeSeconds: 2 }),
    );
    expect(message?.MessageId).to.equal(id);
    expect((await world.written()).deliveries).to.deep.equal([]);
  });
});
