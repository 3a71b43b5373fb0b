import { CreateTableCommand, DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import { dynamoDbTable } from "../../../function/adapters/dynamodb-table.ts";
import { noTracer } from "../../../function/platform/tracing.ts";
import { useEmulator } from "local-aws/testing/emulator.ts";
import { context, harness, httpEvent, rejection } from "../support/harness.ts";

describe("the DynamoDB table", () => {
  const emulator = useEmulator();
  let client: DynamoDBClient;
  before(async () => {
    client = new DynamoDBClient(emulator().client);
    await client.send(
      new CreateTableCommand({
        TableName: "records",
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        BillingMode: "PAY_PER_REQUEST",
      }),
    );
  });
  after(() => client.destroy());

  const table = (tableName = "records") => dynamoDbTable({ tableName, client });
  const call = { signal: AbortSignal.timeout(60_000), trace: noTracer.begin("test") };
  const kept = async (id: string) =>
    (await client.send(new GetItemCommand({ TableName: "records", Key: { id: { S: id } } }))).Item;

  it("keeps a record, changes it and removes it", async () => {
    const { keep, remove } = table();

    await keep({ id: "a", name: "one" } as { id: string }, call);
    expect(await kept("a")).to.deep.equal({ id: { S: "a" }, record: { S: `{"name":"one"}` } });

    await keep({ id: "a", name: "two" } as { id: string }, call);
    expect((await kept("a"))?.["record"]).to.deep.equal({ S: `{"name":"two"}` });

    await remove("a", call);
    await remove("a", call);
    expect(await kept("a")).to.equal(undefined);
  });

  it("fails as ours: a 500 without a word of it, and everything in the log", async () => {
    const { keep } = table("missing");
    const { handler, logs } = harness({ outside: (_event, call) => keep({ id: "a" }, call) });

    const response = await handler(httpEvent({ word: "w" }), context());

    expect(response.statusCode).to.equal(500);
    expect(response.body).not.to.match(/missing|dynamo/i);
    expect(logs()[0]?.error).to.include({
      name: "DependencyError",
      message: "DynamoDB table missing failed",
    });
    expect(JSON.stringify(logs()[0]?.error)).to.contain("ResourceNotFoundException");
  });

  it("shows its calls in the trace as AWS's, by operation, with what the service said", async () => {
    const { keep } = table();
    const { handler, documents } = harness({
      outside: (_event, call) => keep({ id: "traced" }, call),
    });

    await handler({ word: "w" }, context());

    const [, outside] = documents()[0]?.subsegments ?? [];
    const [call] = outside?.subsegments ?? [];
    expect(call).to.deep.include({ name: "DynamoDB", namespace: "aws" });
    expect(call).to.have.nested.property("aws.operation", "PutItem");
    expect(call).to.have.nested.property("aws.retries", 0);
    expect(call).to.have.nested.property("http.response.status", 200);
  });

  it("ends when the signal aborts", async () => {
    const error = await rejection(
      table().keep({ id: "a" }, { ...call, signal: AbortSignal.abort() }),
    );

    expect(error.cause).to.have.property("name", "AbortError");
  });
});
