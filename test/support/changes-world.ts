/** A table with the stream and the mapping of the program, the shipped flow that publishes its changes, and a listener. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { dynamodbMakers } from "local-aws/cloud/types/dynamodb.ts";
import { eventMakers } from "local-aws/cloud/types/events.ts";
import type { CloudClients } from "local-aws/cloud/types/maker.ts";
import type { Properties } from "local-aws/provider/aws-types.ts";
import type { Request } from "local-aws/provider/backend.ts";
import { readBatch, streamBatchOf } from "../../ops/replay/stream-batch.ts";
import { runProgram } from "./mocks.ts";
import type { useWorlds } from "./release-world.ts";
import { makeSourceWorld, type SourceWorld } from "./source-world.ts";

/** The program's own number of tries takes a minute and a half here for each change that is never taken. */
const RETRIES = 2;

export interface ChangesWorld {
  readonly world: SourceWorld;
  /** Writes an event beside its record, as the handler does; the record is no event. */
  readonly put: (record: string, version: number, detail?: string) => Promise<void>;
  /** What the listener got since it was last asked, in the order in which it got it. */
  readonly arrived: () => Promise<readonly string[]>;
  /** What was given up since it was last asked, read from the stream as a replay does. */
  readonly givenUp: () => Promise<readonly string[]>;
  readonly deadLettersUrl: string;
  /** Variables with which commands find the function, and the source by its name. */
  readonly commandEnvironment: (folder: string) => Readonly<Record<string, string>>;
}

/** A change as `record version`, for example `r7 12`. */
export const changeOf = (record: string, version: number): string => `${record} ${version}`;

/** Tables and buses, counted: names are the account's. */
let worlds = 0;

export async function makeChangesWorld(
  newWorld: ReturnType<typeof useWorlds>,
  seed: number,
): Promise<ChangesWorld> {
  const number = (worlds += 1);
  const [TableName, bus] = [`shop-table-${number}`, `changes-${number}`];
  const world = await makeSourceWorld(newWorld, {
    seed,
    // A whole one: records of half a day are given up.
    minuteMs: 60_000,
    variables: { TABLE_NAME: TableName, CHANGES_BUS: bus, SERVICE_NAME: "shop" },
  });
  const { region, accountId, aliasArn } = world.outputs();
  const { sqs, lambda } = world.clients;
  const client = {
    region,
    endpoint: world.front.url,
    credentials: { accessKeyId: accountId, secretAccessKey: "local" },
  };
  const queue = async (QueueName: string) => {
    const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName }));
    return { url: QueueUrl, arn: `arn:aws:sqs:${region}:${accountId}:${QueueName}` };
  };
  const listener = await queue(`listener-${number}`);
  const deadLetters = await queue(`dlq-outbox-${number}`);
  await listen(new EventBridgeClient(client), bus, listener.arn);

  // What the program makes, as it makes it, but for names.
  const dynamodb = new DynamoDBClient(client);
  const program = await runProgram({ config: { database: "dynamodb" } });
  const clients = { dynamodb, lambda } as unknown as CloudClients;
  const make = async (type: string, name: string, changed: Properties): Promise<Properties> => {
    const inputs = { ...program.find(type, name).inputs, ...changed };
    const makers = { ...dynamodbMakers, ...eventMakers };
    return (await makers[type]?.create(requestOf(type, name, inputs, region), clients)) ?? {};
  };
  const { streamArn } = await make("aws:dynamodb/table:Table", "table", { name: TableName });
  await make("aws:lambda/eventSourceMapping:EventSourceMapping", "outbox-mapping", {
    eventSourceArn: streamArn,
    functionName: aliasArn,
    maximumRetryAttempts: RETRIES,
    destinationConfig: { onFailure: { destinationArn: deadLetters.arn } },
  });

  const streams = new DynamoDBStreamsClient(client);
  const write = (Item: Readonly<Record<string, { S: string }>>) =>
    dynamodb.send(new PutItemCommand({ TableName, Item }));
  return {
    world,
    put: async (record, version, detail = JSON.stringify({ id: record, version })) => {
      await write({
        pk: { S: `event#${record}` },
        sk: { S: String(version).padStart(12, "0") },
        type: { S: "RecordUpdated" },
        detail: { S: detail },
        time: { S: "2026-01-01T00:00:00.000Z" },
        correlationId: { S: changeOf(record, version) },
      });
      await write({ pk: { S: `record#${record}` }, sk: { S: "record" } });
    },
    arrived: async () =>
      (await takeAll(sqs, listener.url)).map((event) => {
        const { detail } = JSON.parse(event) as { detail: { id: string; version: number } };
        return changeOf(detail.id, detail.version);
      }),
    givenUp: async () =>
      (
        await Promise.all(
          (await takeAll(sqs, deadLetters.url)).map((body) => changesIn(streams, body)),
        )
      ).flat(),
    deadLettersUrl: deadLetters.url,
    commandEnvironment: (folder) => {
      const outbox = { name: "outbox", kind: "stream", fifo: false };
      const sources = [{ ...outbox, deadLetterQueueUrl: deadLetters.url }];
      const file = join(folder, "outputs.json");
      writeFileSync(file, JSON.stringify({ ...world.outputs(), sources }));
      return { ...world.environment, ...world.front.environment, STACK_OUTPUTS_FILE: file };
    },
  };
}

const requestOf = (type: string, name: string, inputs: Properties, region: string): Request => ({
  type,
  logicalName: name,
  inputs,
  changed: [],
  location: { accountId: "", region, partition: "aws" },
});

async function listen(events: EventBridgeClient, bus: string, Arn: string): Promise<void> {
  const rule = { EventBusName: bus, Name: "listener" };
  await events.send(new CreateEventBusCommand({ Name: bus }));
  const EventPattern = JSON.stringify({ source: ["shop"], "detail-type": ["RecordUpdated"] });
  await events.send(new PutRuleCommand({ ...rule, EventPattern }));
  await events.send(
    new PutTargetsCommand({ EventBusName: bus, Rule: rule.Name, Targets: [{ Id: "queue", Arn }] }),
  );
}

/** What is in a queue, in its order. */
async function takeAll(sqs: SQSClient, QueueUrl: string): Promise<readonly string[]> {
  const bodies: string[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
    );
    if (Messages.length === 0) return bodies;
    bodies.push(...Messages.map(({ Body = "" }) => Body));
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({
      Id: String(index),
      ReceiptHandle,
    }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  }
}

/** The changes that a dead letter stands for. */
async function changesIn(streams: DynamoDBStreamsClient, body: string): Promise<readonly string[]> {
  const batch = streamBatchOf(body);
  const event = batch && (await readBatch(streams, batch));
  const { Records = [] } = JSON.parse(event ?? "{}") as {
    readonly Records?: readonly { dynamodb: { NewImage: { correlationId?: { S: string } } } }[];
  };
  return Records.map(({ dynamodb }) => dynamodb.NewImage.correlationId?.S ?? "no change");
}
