import { CreateTableCommand, DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import { dynamoDbStore } from "../../../function/adapters/dynamodb-store.ts";
import { useEmulator } from "local-aws/testing/emulator.ts";
import { context, harness, httpEvent, NOW, rejection } from "../support/harness.ts";

describe("the DynamoDB store, behind the flow", () => {
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

  const flow = (tableName = "records") => harness({ store: dynamoDbStore({ tableName, client }) });
  const kept = async (id: string) =>
    (await client.send(new GetItemCommand({ TableName: "records", Key: { id: { S: id } } }))).Item;

  it("keeps what is created, changes what is updated and removes what is deleted", async () => {
    const { handler } = flow();

    await handler({ action: "create", data: { id: "a", name: "one" } }, context());
    expect(await kept("a")).to.deep.equal({
      id: { S: "a" },
      data: { S: `{"id":"a","name":"one"}` },
      changedAt: { S: NOW.toISOString() },
    });

    await handler({ action: "update", data: { id: "a", name: "two" } }, context());
    expect((await kept("a"))?.["data"]).to.deep.equal({ S: `{"id":"a","name":"two"}` });

    await handler({ action: "delete", data: { id: "a" } }, context());
    expect(await kept("a")).to.equal(undefined);
  });

  it("is a step in the trace", async () => {
    const { handler, documents } = flow();

    await handler({ action: "create", data: {} }, context());

    expect(documents()[0]?.subsegments?.map(({ name }) => name)).to.include("dynamodb");
  });

  it("fails as ours: a 500 without a word of it, and everything in the log", async () => {
    const { handler, logs } = flow("missing");

    const response = await handler(httpEvent({ action: "create", data: {} }), context());

    expect(response.statusCode).to.equal(500);
    expect(response.body).not.to.match(/missing|dynamo/i);
    expect(logs()[0]?.error).to.include({
      name: "DependencyError",
      message: "DynamoDB table missing failed",
    });
    expect(JSON.stringify(logs()[0]?.error)).to.contain("ResourceNotFoundException");
  });

  it("ends when the signal aborts", async () => {
    const store = dynamoDbStore({ tableName: "records", client });
    const change = {
      result: { id: "a", status: "created", timestamp: NOW.toISOString() },
      data: {},
    } as const;

    const error = await rejection(
      store.apply(change, { signal: AbortSignal.abort(), correlationId: "c" }),
    );

    expect(error.cause).to.have.property("name", "AbortError");
  });
});
