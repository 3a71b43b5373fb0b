/** Many messages that change records of a table, with a release by canary in the middle of them. */
import { setTimeout as sleep } from "node:timers/promises";
import { CreateTableCommand, DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import { CreateEventSourceMappingCommand } from "@aws-sdk/client-lambda";
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
} from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { releaseStack } from "../../ops/release/run.ts";
import { sessionOf } from "./release-context.ts";
import type { useWorlds } from "./release-world.ts";
import { makeSourceWorld, type SourceWorld } from "./source-world.ts";

/** One message in so many is poison. */
const POISON_EVERY = 20;
/** Records that the messages change, each many times. */
const WORDS = 10;

export interface TableTally {
  readonly counted: number;
  readonly dead: number;
  /** Deliveries beyond the first one of each message. */
  readonly repeated: number;
  readonly published: number;
  /** Changes that consumers got more than once. */
  readonly publishedAgain: number;
}

/** Table names of a run: worlds of one suite share an account. */
let tables = 0;

/**
 * Sends `count` messages while a release goes on. Throws where a change was lost or made twice, or was not published
 * in the end.
 */
export async function tableUnderRelease(
  newWorld: ReturnType<typeof useWorlds>,
  count: number,
  seed = 1,
): Promise<TableTally> {
  const name = `words-${(tables += 1)}`;
  const world = await makeSourceWorld(newWorld, {
    entryPoint: "test/fixtures/counting-handler.ts",
    variables: { TABLE_NAME: name, CHANGES_BUS: name, SERVICE_NAME: "words" },
    minuteMs: 1500,
    duplicates: 0.05,
    seed,
    trafficShift: "Canary10Percent5Minutes",
    canaryMinimumInvocations: 3,
    lowTraffic: "synthetic",
  });
  const store = await openStore(world, name);
  const source = await world.source({ mapping: { BatchSize: 5 } });
  const isPoison = (number: number) => number % POISON_EVERY === POISON_EVERY - 1;
  const message = (number: number) => ({
    MessageBody: JSON.stringify({ word: isPoison(number) ? number : `word-${number % WORDS}` }),
  });
  const numbers = Array.from({ length: count }, (_, number) => number);
  const half = Math.floor(count / 2);
  const ids = [...(await source.send(numbers.slice(0, half).map(message)))];

  const version = await world.publish("works");
  const released = releaseStack(sessionOf(world, []), { yes: true });
  ids.push(...(await source.send(numbers.slice(half).map(message))));
  const { verdict, summary } = await released;
  const dead = (await source.deadLetters()).map(({ MessageId = "" }) => MessageId);

  expect(verdict, summary).to.equal("released");
  expect(await world.alias()).to.deep.equal({ version, weights: {} });
  const good = ids.filter((_, number) => !isPoison(number));
  const poison = ids.filter((_, number) => isPoison(number));
  expect(dead, "all poison is in the dead letters").to.include.members(poison);

  const { versions, done } = await store.kept();
  expect(done, "every good message is carried out").to.have.members(good);
  const counted = Object.values(versions).reduce((sum, one) => sum + one, 0);
  expect(counted, "each of them once").to.equal(good.length);

  const news = await store.published(good.length);
  for (const [word, count] of Object.entries(versions)) {
    const seen = news.filter(({ id }) => id === word).map((it) => it.version);
    const all = Array.from({ length: count }, (_, index) => index + 1);
    expect([...new Set(seen)], `changes of ${word} that were published`).to.have.members(all);
  }
  const { deliveries } = await world.written();
  return {
    counted,
    dead: dead.length,
    repeated: deliveries.filter(({ newId }) => good.includes(newId)).length - good.length,
    published: good.length,
    publishedAgain: news.length - good.length,
  };
}

interface News {
  readonly id: string;
  readonly version: number;
}

/** A table whose stream calls the function, the bus that its changes go to, and a queue that listens. */
async function openStore(world: SourceWorld, name: string) {
  const { region, accountId, aliasArn } = world.outputs();
  const options = {
    endpoint: world.front.url,
    region,
    credentials: { accessKeyId: accountId, secretAccessKey: "local" },
  };
  const [dynamodb, events] = [new DynamoDBClient(options), new EventBridgeClient(options)];
  const { sqs, lambda } = world.clients;
  const { TableDescription } = await dynamodb.send(
    new CreateTableCommand({
      TableName: name,
      AttributeDefinitions: [
        { AttributeName: "pk", AttributeType: "S" },
        { AttributeName: "sk", AttributeType: "S" },
      ],
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
      BillingMode: "PAY_PER_REQUEST",
      StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_IMAGE" },
    }),
  );
  await events.send(new CreateEventBusCommand({ Name: name }));
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  const Arn = `arn:aws:sqs:${region}:${accountId}:${name}`;
  const EventPattern = JSON.stringify({ source: ["words"] });
  await events.send(new PutRuleCommand({ Name: name, EventBusName: name, EventPattern }));
  await events.send(
    new PutTargetsCommand({ Rule: name, EventBusName: name, Targets: [{ Id: "queue", Arn }] }),
  );
  await lambda.send(
    new CreateEventSourceMappingCommand({
      EventSourceArn: TableDescription?.LatestStreamArn,
      FunctionName: aliasArn,
      StartingPosition: "TRIM_HORIZON",
      BatchSize: 100,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
    }),
  );

  /** Versions of the words, and the keys of what was carried out. */
  async function kept() {
    const versions: Record<string, number> = {};
    const done: string[] = [];
    for await (const { Items = [] } of paginateScan({ client: dynamodb }, { TableName: name })) {
      for (const { pk, version, answer } of Items) {
        const [kind, key = ""] = pk?.S?.split("#") ?? [];
        if (kind === "record") versions[key] = Number(version?.N);
        if (kind === "once" && answer) done.push(key);
      }
    }
    return { versions, done };
  }

  /** What came out at the other end; waits until so many different changes did, within the test's own limit. */
  async function published(count: number): Promise<readonly News[]> {
    const news: News[] = [];
    const different = () => new Set(news.map(({ id, version }) => `${id} ${version}`)).size;
    while (different() < count) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
      );
      if (Messages.length === 0) {
        await sleep(50);
        continue;
      }
      news.push(...Messages.map(({ Body = "" }) => (JSON.parse(Body) as { detail: News }).detail));
      const Entries = Messages.map(({ ReceiptHandle }, index) => ({
        Id: `${index}`,
        ReceiptHandle,
      }));
      await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    }
    return news;
  }

  return { kept, published };
}
