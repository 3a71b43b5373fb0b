/** Changes of a table on their way to a bus, some of them such as EventBridge never takes. */
import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { dynamodbMakers } from "local-aws/cloud/types/dynamodb.ts";
import { eventMakers } from "local-aws/cloud/types/events.ts";
import type { CloudClients } from "local-aws/cloud/types/maker.ts";
import { seeded } from "local-aws/emulator/random.ts";
import type { Properties } from "local-aws/provider/aws-types.ts";
import type { Request } from "local-aws/provider/backend.ts";
import { readBatch, streamBatchOf } from "../../ops/replay/stream-batch.ts";
import { runProgram } from "./mocks.ts";
import type { useWorlds } from "./release-world.ts";
import { makeSourceWorld } from "./source-world.ts";

/** Part of the changes that are poison. */
const POISON = 0.05;
/** Records that the changes are of. */
const RECORDS = 20;
/** The program's own number of tries takes a minute and a half here for each change that is poison. */
const RETRIES = 2;

export interface ChangesTally {
  readonly changes: number;
  readonly published: number;
  readonly dead: number;
  /** Arrivals of what had arrived before. */
  readonly duplicates: number;
  readonly ms: number;
}

/** A change as `record version`, for example `r7 12`. */
const changeOf = (record: string, version: number): string => `${record} ${version}`;

const requestOf = (type: string, name: string, inputs: Properties, region: string): Request => ({
  type,
  logicalName: name,
  inputs,
  changed: [],
  location: { accountId: "", region, partition: "aws" },
});

/** Tables and buses, counted: names are the account's. */
let stories = 0;

/**
 * Writes `count` events as the handler does, to a table with the stream, the mapping and the filter of the program, and
 * says what became of them. Throws where one is neither on the bus nor a dead letter, is both, or where a record's
 * changes arrive out of their order.
 */
export async function changesUnderPoison(
  newWorld: ReturnType<typeof useWorlds>,
  count: number,
  seed = 1,
): Promise<ChangesTally> {
  const random = seeded(seed);
  const story = (stories += 1);
  const [table, bus] = [`shop-table-${story}`, `changes-${story}`];
  const world = await makeSourceWorld(newWorld, {
    seed,
    // A whole one: records of half a day are given up.
    minuteMs: 60_000,
    variables: { TABLE_NAME: table, CHANGES_BUS: bus, SERVICE_NAME: "shop" },
  });
  const { region, accountId, aliasArn } = world.outputs();
  const { sqs, lambda } = world.clients;
  const client = {
    region,
    endpoint: world.front.url,
    credentials: { accessKeyId: accountId, secretAccessKey: "local" },
  };
  const dynamodb = new DynamoDBClient(client);
  const queue = async (QueueName: string) => {
    const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName }));
    return { url: QueueUrl, arn: `arn:aws:sqs:${region}:${accountId}:${QueueName}` };
  };
  const listener = await queue(`listener-${story}`);
  const deadLetters = await queue(`dlq-outbox-${story}`);
  await listen(new EventBridgeClient(client), bus, listener.arn);

  // What the program makes, as it makes it, but for names.
  const program = await runProgram({ config: { database: "dynamodb" } });
  const clients = { dynamodb, lambda } as unknown as CloudClients;
  const make = async (type: string, name: string, changed: Properties): Promise<Properties> => {
    const inputs = { ...program.find(type, name).inputs, ...changed };
    const makers = { ...dynamodbMakers, ...eventMakers };
    return (await makers[type]?.create(requestOf(type, name, inputs, region), clients)) ?? {};
  };
  const { streamArn } = await make("aws:dynamodb/table:Table", "table", { name: table });
  await make("aws:lambda/eventSourceMapping:EventSourceMapping", "outbox-mapping", {
    eventSourceArn: streamArn,
    functionName: aliasArn,
    maximumRetryAttempts: RETRIES,
    destinationConfig: { onFailure: { destinationArn: deadLetters.arn } },
  });

  const begunMs = performance.now();
  const { sent, poison } = await write(dynamodb, table, count, random);

  const arrived: string[] = [];
  const dead: string[] = [];
  const streams = new DynamoDBStreamsClient(client);
  const isOver = () => sent.every((change) => arrived.includes(change) || dead.includes(change));
  for (let idle = 0; idle < 2; ) {
    const [events, given] = await Promise.all([
      takeAll(sqs, listener.url),
      takeAll(sqs, deadLetters.url),
    ]);
    for (const event of events) {
      const { detail } = JSON.parse(event) as { detail: { id: string; version: number } };
      arrived.push(changeOf(detail.id, detail.version));
    }
    for (const body of given) dead.push(...(await changesIn(streams, body)));
    idle = isOver() && events.length + given.length === 0 ? idle + 1 : 0;
  }
  const ms = Math.round(performance.now() - begunMs);

  const first = [...new Set(arrived)];
  expect(dead, "what no bus takes is given up, alone").to.have.members(poison);
  expect(first, "everything else is on the bus").to.have.members(
    sent.filter((change) => !poison.includes(change)),
  );
  for (const [record, changes] of Map.groupBy(first, (change) => change.split(" ")[0])) {
    const versions = changes.map((change) => Number(change.split(" ")[1]));
    expect(versions, `the order of ${record}`).to.deep.equal(versions.toSorted((a, b) => a - b));
  }
  return {
    changes: count,
    published: first.length,
    dead: dead.length,
    duplicates: arrived.length - first.length,
    ms,
  };
}

async function listen(events: EventBridgeClient, bus: string, Arn: string): Promise<void> {
  const rule = { EventBusName: bus, Name: "listener" };
  await events.send(new CreateEventBusCommand({ Name: bus }));
  const EventPattern = JSON.stringify({ source: ["shop"], "detail-type": ["RecordUpdated"] });
  await events.send(new PutRuleCommand({ ...rule, EventPattern }));
  await events.send(
    new PutTargetsCommand({ EventBusName: bus, Rule: rule.Name, Targets: [{ Id: "queue", Arn }] }),
  );
}

/** Each record's changes one after the other, all records at once; beside each the record, which is no event. */
async function write(
  dynamodb: DynamoDBClient,
  TableName: string,
  count: number,
  random: () => number,
): Promise<{ readonly sent: readonly string[]; readonly poison: readonly string[] }> {
  const sent: string[] = [];
  const poison: string[] = [];
  const versions = new Map<string, { detail: string; version: number }[]>();
  for (let index = 0; index < count; index++) {
    const record = `r${Math.floor(random() * RECORDS)}`;
    const own = versions.get(record) ?? [];
    const version = own.length + 1;
    const change = changeOf(record, version);
    const isPoison = random() < POISON;
    const detail = isPoison ? "no JSON" : JSON.stringify({ id: record, version });
    versions.set(record, [...own, { detail, version }]);
    sent.push(change);
    if (isPoison) poison.push(change);
  }
  const put = (Item: Readonly<Record<string, { S: string }>>) =>
    dynamodb.send(new PutItemCommand({ TableName, Item }));
  await Promise.all(
    [...versions].map(async ([record, changes]) => {
      for (const { detail, version } of changes) {
        await put({
          pk: { S: `event#${record}` },
          sk: { S: String(version).padStart(12, "0") },
          type: { S: "RecordUpdated" },
          detail: { S: detail },
          time: { S: "2026-01-01T00:00:00.000Z" },
          correlationId: { S: changeOf(record, version) },
        });
        await put({ pk: { S: `record#${record}` }, sk: { S: "record" } });
      }
    }),
  );
  return { sent, poison };
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

/** The changes that a dead letter stands for, as a replay would read them. */
async function changesIn(streams: DynamoDBStreamsClient, body: string): Promise<readonly string[]> {
  const batch = streamBatchOf(body);
  const event = batch && (await readBatch(streams, batch));
  const { Records = [] } = JSON.parse(event ?? "{}") as {
    readonly Records?: readonly { dynamodb: { NewImage: { correlationId?: { S: string } } } }[];
  };
  return Records.map(({ dynamodb }) => dynamodb.NewImage.correlationId?.S ?? "no change");
}
