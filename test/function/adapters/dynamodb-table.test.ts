import { CreateTableCommand, DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import { dynamoDbTable } from "../../../function/adapters/dynamodb-table.ts";
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
  const call = { signal: AbortSignal.timeout(60_000) };
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

  it("ends when the signal aborts", async () => {
    const error = await rejection(table().keep({ id: "a" }, { signal: AbortSignal.abort() }));

    expect(error.cause).to.have.property("name", "AbortError");
  });
});
