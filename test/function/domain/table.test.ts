/** The shipped domain over its table: the handler's own client against a real DynamoDB, read back by AWS's SDK. */
import { createHash, randomUUID } from "node:crypto";
import {
  CreateTableCommand,
  type AttributeValue,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
} from "@aws-sdk/client-dynamodb";
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
} from "@aws-sdk/client-dynamodb-streams";
import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { openTable } from "../../../function/adapters/open-table.ts";
import { dynamoDbTable } from "../../../function/adapters/table.ts";
import { createDomain } from "../../../function/domain/index.ts";
import { SMOKE_EVENTS } from "../../../function/domain/smoke-events.ts";
import type { ProcessResult } from "../../../function/domain/process-event.ts";
import { AwsError, awsCalls, type SendCall } from "../../../function/platform/aws/call.ts";
import { idempotent } from "../../../function/platform/once.ts";
import { useEmulator } from "local-aws/testing/emulator.ts";
import { wordDomain } from "../support/domain.ts";
import { context, harnessOf, httpEvent } from "../support/harness.ts";

const TABLE = "parcels-table-test";

interface Answer {
  readonly statusCode: number;
  readonly body: ProcessResult & { readonly faults?: readonly Record<string, unknown>[] };
}

describe("the domain over a table", function () {
  this.timeout(60_000);
  const emulator = useEmulator();
  let client: DynamoDBClient;
  before(async () => {
    client = new DynamoDBClient(emulator().client);
    await client.send(
      new CreateTableCommand({
        TableName: TABLE,
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
  });
  after(() => client.destroy());

  /** One sandbox of the function, which answers direct callers. */
  function sandbox(around: (send: SendCall) => SendCall = (send) => send) {
    const table = dynamoDbTable(TABLE, around(awsCalls(emulator().environment)));
    const domain = idempotent(createDomain(table), table);
    const { handler, logs } = harnessOf(domain, { callers: { answerDirect: true } });
    const ask = async (event: unknown, requestId: string): Promise<Answer> => {
      const { statusCode, body } = await handler(event, context({ awsRequestId: requestId }));
      return { statusCode, body: JSON.parse(body) as Answer["body"] };
    };
    return { ask, logs };
  }

  const item = async (pk: string, sk: string) =>
    (
      await client.send(
        new GetItemCommand({
          TableName: TABLE,
          Key: { pk: { S: pk }, sk: { S: sk } },
          ConsistentRead: true,
        }),
      )
    ).Item;
  const record = (id: string) => item(`record#${id}`, "record");
  const eventsOf = async (id: string) => {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: TABLE,
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": { S: `event#${id}` } },
      }),
    );
    return Items;
  };
  const details = (items: readonly Record<string, AttributeValue>[]) =>
    items.map(({ detail }) => JSON.parse(detail?.S ?? "") as Record<string, unknown>);

  it("keeps what is created, changed and deleted, with its version and the event of each change", async () => {
    const { ask } = sandbox();

    const created = await ask({ action: "create", data: { id: "a", name: "one" } }, "a-1");
    const updated = await ask(
      { action: "update", data: { id: "a", name: "two", size: 3 }, expectedVersion: 1 },
      "a-2",
    );
    expect(created).to.deep.include({ statusCode: 200 });
    expect([created.body.version, updated.body.version]).to.deep.equal([1, 2]);
    const kept = await record("a");
    expect(kept?.["version"]).to.deep.equal({ N: "2" });
    expect(JSON.parse(kept?.["data"]?.S ?? "")).to.deep.equal({ id: "a", name: "two", size: 3 });

    const read = await ask({ action: "read", data: { id: "a" } }, "a-3");
    expect(read.body).to.deep.include({ version: 2, name: "two", status: "current" });
    expect(read.body.data).to.deep.equal({ id: "a", name: "two", size: 3 });

    const deleted = await ask({ action: "delete", data: { id: "a" }, expectedVersion: 2 }, "a-4");
    expect(deleted.body).to.deep.include({ version: 3, status: "deleted" });
    expect(await record("a")).not.to.have.property("data");
    expect((await ask({ action: "read", data: { id: "a" } }, "a-5")).statusCode).to.equal(404);
    expect((await ask({ action: "update", data: { id: "a" } }, "a-6")).statusCode).to.equal(404);

    // One that is made again goes on from there: consumers know changes by id and version.
    const again = await ask({ action: "create", data: { id: "a", name: "three" } }, "a-7");
    expect(again.body.version).to.equal(4);
    expect(await record("a")).not.to.have.property("expiresAt");

    const events = await eventsOf("a");
    expect(events.map(({ sk, type }) => [sk?.S, type?.S])).to.deep.equal([
      ["000000000001", "RecordCreated"],
      ["000000000002", "RecordUpdated"],
      ["000000000003", "RecordDeleted"],
      ["000000000004", "RecordCreated"],
    ]);
    expect(details(events)[1]).to.deep.include({
      id: "a",
      version: 2,
      data: { id: "a", name: "two", size: 3 },
      correlationId: "a-2",
    });
  });

  it("refuses what somebody else changed meanwhile, with the version that it has now", async () => {
    const { ask } = sandbox();
    await ask({ action: "create", data: { id: "b" } }, "b-1");
    await ask({ action: "update", data: { id: "b" } }, "b-2");

    for (const [event, path] of [
      [{ action: "update", data: { id: "b" }, expectedVersion: 1 }, "expectedVersion"],
      [{ action: "delete", data: { id: "b" }, expectedVersion: 7 }, "expectedVersion"],
      [{ action: "create", data: { id: "b" } }, "data.id"],
    ] as const) {
      const { statusCode, body } = await ask(event, `b-3-${event.action}`);
      expect(statusCode).to.equal(409);
      expect(body.faults).to.have.length(1);
      expect(body.faults?.[0]).to.include({ path, currentVersion: 2 });
      expect(body.faults?.[0]?.["message"]).to.contain("2");
    }
    expect(await eventsOf("b")).to.have.length(2);
  });

  it("lets one of ten writers of a version win, and loses no change of ten who name none", async () => {
    const sandboxes = Array.from({ length: 10 }, sandbox);
    await sandboxes[0]?.ask({ action: "create", data: { id: "c" } }, "c-0");

    const versioned = await Promise.all(
      sandboxes.map(({ ask }, n) =>
        ask({ action: "update", data: { id: "c", n }, expectedVersion: 1 }, `c-1-${n}`),
      ),
    );
    const statuses = versioned.map(({ statusCode }) => statusCode);
    expect(statuses).to.have.members([200, ...Array.from({ length: 9 }, () => 409)]);
    expect((await record("c"))?.["version"]).to.deep.equal({ N: "2" });

    const free = await Promise.all(
      sandboxes.map(({ ask }, n) => ask({ action: "update", data: { id: "c", n } }, `c-2-${n}`)),
    );
    const won = free.filter(({ statusCode }) => statusCode === 200);
    expect(
      won.map(({ body }) => body.version).toSorted((a, b) => Number(a) - Number(b)),
    ).to.deep.equal(won.map((_, index) => index + 3));
    // Who had to give up was refused, and changed nothing.
    expect((await record("c"))?.["version"]).to.deep.equal({ N: String(2 + won.length) });
    const events = await eventsOf("c");
    expect(details(events).map(({ version }) => version)).to.deep.equal(
      Array.from({ length: 2 + won.length }, (_, index) => index + 1),
    );
  });

  it("carries an event out once, however often and wherever it is delivered", async () => {
    const sandboxes = Array.from({ length: 10 }, sandbox);
    const event = { action: "create", data: { name: "once" } };

    const answers = await Promise.all(sandboxes.map(({ ask }) => ask(event, "d-1")));
    const late = await sandbox().ask(event, "d-1");

    const done = answers.filter(({ statusCode }) => statusCode === 200);
    expect(done).not.to.be.empty;
    // The others came while the first was at it.
    expect(answers.every(({ statusCode }) => statusCode === 200 || statusCode === 409)).to.equal(
      true,
    );
    for (const { body } of done) expect(body).to.deep.equal(late.body);
    expect(await eventsOf("d-1")).to.have.length(1);

    const other = await sandbox().ask({ action: "create", data: { name: "other" } }, "d-1");
    expect(other.statusCode).to.equal(422);
  });

  it("takes over what a dead sandbox left, which TTL has not removed yet, and not what lives", async () => {
    const { ask } = sandbox();
    const event = { action: "create", data: { name: "left" } };
    const hash = createHash("sha256").update(JSON.stringify(event)).digest("hex");
    const leave = (id: string, times: Readonly<Record<string, AttributeValue>>) =>
      client.send(
        new PutItemCommand({
          TableName: TABLE,
          Item: {
            pk: { S: `once#${id}` },
            sk: { S: "once" },
            hash: { S: hash },
            owner: { S: "another" },
            ...times,
          },
        }),
      );
    const [past, future] = [Date.now() - 60_000, Date.now() + 60_000];
    const seconds = (ms: number) => ({ N: String(Math.floor(ms / 1000)) });

    await leave("h-1", { endsAt: { N: String(past) }, expiresAt: seconds(future) });
    expect((await ask(event, "h-1")).body).to.include({ status: "created", version: 1 });
    await leave("h-2", { answer: { S: '{"old":true}' }, expiresAt: seconds(past) });
    expect((await ask(event, "h-2")).body).to.include({ status: "created", version: 1 });
    await leave("h-3", { endsAt: { N: String(future) }, expiresAt: seconds(future) });
    expect((await ask(event, "h-3")).statusCode).to.equal(409);
    expect(await record("h-3")).to.equal(undefined);
  });

  it("has carried an event out of whose change only the answer got lost", async () => {
    const lossy: (send: SendCall) => SendCall = (send) => async (call) => {
      const answer = await send(call);
      if (call.operation !== "TransactWriteItems") return answer;
      throw new AwsError("NetworkError", 0, "the answer got lost");
    };
    const event = { action: "create", data: { id: "i", name: "lost" } };
    const first = await sandbox(lossy)
      .ask(event, "i-1")
      .catch((error: Error) => error);
    expect(first).to.be.instanceOf(Error);

    const second = await sandbox().ask(event, "i-1");

    expect(second).to.deep.include({ statusCode: 200 });
    expect(second.body).to.include({ version: 1 });
    expect(await eventsOf("i")).to.have.length(1);
  });

  it("takes no harm from calls that are all sent twice, as after an answer that got lost", async () => {
    const { ask } = sandbox((send) => async (call) => {
      await send(call);
      return send(call);
    });

    await ask({ action: "create", data: { id: "j" } }, "j-1");
    const { body } = await ask({ action: "update", data: { id: "j" } }, "j-2");

    expect(body).to.include({ version: 2 });
    expect(await eventsOf("j")).to.have.length(2);
    expect((await ask({ action: "update", data: { id: "j" } }, "j-2")).body).to.deep.equal(body);
  });

  it("meets no event twice in a domain that keeps nothing in it either", async () => {
    let times = 0;
    const { serve } = openTable({ ...emulator().environment, TABLE_NAME: TABLE }) ?? {};
    if (!serve) throw new Error("no table");
    const { handler } = harnessOf(serve(wordDomain(() => void times++)));

    const first = await handler({ word: "w" }, context({ awsRequestId: "k-1" }));
    const second = await handler({ word: "w" }, context({ awsRequestId: "k-1" }));

    expect([second.body, times]).to.deep.equal([first.body, 1]);
  });

  it("gives an event back that is refused, so that it may come again", async () => {
    const { ask } = sandbox();
    const event = { action: "update", data: { id: "e" } };
    expect((await ask(event, "e-1")).statusCode).to.equal(404);
    expect(await item("once#e-1", "once")).to.equal(undefined);

    await ask({ action: "create", data: { id: "e" } }, "e-0");

    expect((await ask(event, "e-1")).body).to.include({ status: "updated", version: 2 });
  });

  it("tries the table by each smoke event, and leaves nothing that outlives a release or is published", async () => {
    const { ask } = sandbox();
    for (const { event, statusCode, body, name } of SMOKE_EVENTS) {
      for (const time of [1, 2]) {
        const answer = await ask(event, `f-${name}-${time}`);
        expect(answer, name).to.deep.include({ statusCode });
        expect(answer.body, name).to.include(body);
      }
    }
    const { Items = [] } = await client.send(new ScanCommand({ TableName: TABLE }));
    const left = Items.filter(({ pk }) => /smoke|once#f-/.test(pk?.S ?? ""));
    const inAnHour = Date.now() / 1000 + 3600;
    expect(left.map(({ pk }) => pk?.S)).to.include("smoke#smoke");
    for (const { pk, expiresAt } of left) {
      expect(pk?.S).to.match(/^(smoke|once)#/);
      expect(Number(expiresAt?.N)).to.be.at.most(inAnHour);
    }
  });

  it("refuses a record that its event would be too large with, and keeps none of it", async () => {
    const { ask } = sandbox();
    const text = "é".repeat(130_000);

    const { statusCode, body } = await ask({ action: "create", data: { id: "g", text } }, "g-1");

    expect(statusCode).to.equal(413);
    expect(body.faults?.[0]).to.include({ path: "data" });
    expect(await record("g")).to.equal(undefined);
  });

  it("knows a client's repetition by its Idempotency-Key, and a record's version by ETag and If-Match", async () => {
    const table = dynamoDbTable(TABLE, awsCalls(emulator().environment));
    const { handler } = harnessOf(idempotent(createDomain(table), table));
    const http = async (
      method: string,
      path: string,
      headers: Record<string, string>,
      body?: object,
    ) => {
      const event = { ...httpEvent(body, headers), rawPath: path };
      const { statusCode, headers: answered } = await handler(
        { ...event, requestContext: { http: { method, path } } },
        context({ awsRequestId: randomUUID() }),
      );
      return [statusCode, answered?.["etag"]];
    };
    const key = { "idempotency-key": "client-1" };

    expect(await http("POST", "/records", key, { id: "q" })).to.deep.equal([201, '"1"']);
    expect(await http("POST", "/records", key, { id: "q" })).to.deep.equal([201, '"1"']);
    expect(await http("POST", "/records", key, { id: "r" })).to.deep.equal([422, undefined]);
    expect(await http("POST", "/records", {}, { id: "q" })).to.deep.equal([409, undefined]);
    const [stale] = await http("PUT", "/records/q", { "if-match": '"7"' }, { name: "n" });
    expect(stale).to.be.oneOf([409, 412]);
    expect(await http("PUT", "/records/q", { "if-match": '"1"' }, { name: "n" })).to.deep.equal([
      200,
      '"2"',
    ]);
    expect(await http("GET", "/records/q", {})).to.deep.equal([200, '"2"']);
    expect(await eventsOf("q")).to.have.length(2);
  });

  it("publishes each change once it is kept, in order, by the table's own stream", async () => {
    const { ask } = sandbox();
    await ask({ action: "create", data: { id: "p", name: "one" } }, "p-1");
    for (let n = 2; n <= 15; n++) await ask({ action: "update", data: { id: "p", n } }, `p-${n}`);
    // What is refused, and what is a smoke event, is no news.
    await ask({ action: "update", data: { id: "p" }, expectedVersion: 1 }, "p-refused");
    await ask(SMOKE_EVENTS[0]?.event, "p-smoke");
    const bus = await openBus();
    const { outbox } =
      openTable({
        ...emulator().environment,
        TABLE_NAME: TABLE,
        CHANGES_BUS: bus.name,
        SERVICE_NAME: "parcels",
      }) ?? {};
    if (!outbox) throw new Error("no outbox");
    const { handle, metrics } = harnessOf(createDomain(), { outbox });

    const batch = await streamEvent();
    expect(await handle(batch, context())).to.deep.equal({ batchItemFailures: [] });

    const news = (await bus.received()).filter(({ detail }) => detail["id"] === "p");
    expect(news.map(({ detail }) => detail["version"])).to.deep.equal(
      Array.from({ length: 15 }, (_, index) => index + 1),
    );
    expect(news[0]).to.deep.include({ source: "parcels", "detail-type": "RecordCreated" });
    expect(news[1]?.detail).to.deep.include({ data: { id: "p", n: 2 }, correlationId: "p-2" });
    expect(JSON.stringify(await bus.received())).not.to.contain("smoke");
    expect(metrics()[0]?.["SuccessCount"]).to.be.greaterThan(14);
  });

  /** All that is in the table's stream, as Lambda hands it over. */
  async function streamEvent(): Promise<unknown> {
    const streams = new DynamoDBStreamsClient(emulator().client);
    try {
      const { Streams = [] } = await streams.send(new ListStreamsCommand({ TableName: TABLE }));
      const streamArn = Streams[0]?.StreamArn ?? "";
      const { StreamDescription } = await streams.send(
        new DescribeStreamCommand({ StreamArn: streamArn }),
      );
      const shards = StreamDescription?.Shards ?? [];
      const all = await Promise.all(
        shards.map(async ({ ShardId }) => {
          const { ShardIterator } = await streams.send(
            new GetShardIteratorCommand({
              StreamArn: streamArn,
              ShardId,
              ShardIteratorType: "TRIM_HORIZON",
            }),
          );
          return (await streams.send(new GetRecordsCommand({ ShardIterator }))).Records ?? [];
        }),
      );
      const records = all.flat().map((it) => ({ ...it, eventSourceARN: streamArn }));
      return JSON.parse(JSON.stringify({ Records: records }));
    } finally {
      streams.destroy();
    }
  }

  interface News {
    readonly source: string;
    readonly "detail-type": string;
    readonly detail: Readonly<Record<string, unknown>>;
  }

  /** A bus, and a queue that keeps all that is published on it. */
  async function openBus() {
    const options = emulator().client;
    const [events, queues] = [new EventBridgeClient(options), new SQSClient(options)];
    const name = "parcels-changes";
    await events.send(new CreateEventBusCommand({ Name: name }));
    const { QueueUrl } = await queues.send(new CreateQueueCommand({ QueueName: name }));
    const Arn = `arn:aws:sqs:${emulator().region}:${emulator().accountId}:${name}`;
    const EventPattern = JSON.stringify({ source: ["parcels"] });
    await events.send(new PutRuleCommand({ Name: name, EventBusName: name, EventPattern }));
    await events.send(
      new PutTargetsCommand({ Rule: name, EventBusName: name, Targets: [{ Id: "queue", Arn }] }),
    );
    const news: News[] = [];
    const received = async (): Promise<readonly News[]> => {
      for (;;) {
        const { Messages = [] } = await queues.send(
          new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
        );
        if (Messages.length === 0) return news;
        news.push(...Messages.map(({ Body = "" }) => JSON.parse(Body) as News));
      }
    };
    return { name, received };
  }

  it("fails as ours where the table is gone, with the reason in the log alone", async () => {
    const table = dynamoDbTable("missing", awsCalls(emulator().environment));
    const { handler, logs } = harnessOf(idempotent(createDomain(table), table));
    let message = "";
    await handler({ action: "create", data: {} }, context()).catch((error: Error) => {
      ({ message } = error);
    });

    expect(message).to.match(/^Internal error \(DependencyError caused by AwsError\)/);
    expect(JSON.stringify(logs())).to.contain("ResourceNotFoundException");
  });
});
