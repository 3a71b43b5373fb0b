/** Calls of AWS's SDK in the trace, against the emulator. */
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import { traced } from "../../../function/adapters/traced.ts";
import { useEmulator } from "local-aws/testing/emulator.ts";
import { context, harness } from "../support/harness.ts";

describe("a call of AWS's SDK", () => {
  const emulator = useEmulator();
  let client: DynamoDBClient;
  before(() => {
    client = new DynamoDBClient(emulator().client);
  });
  after(() => client.destroy());

  it("is in the trace as AWS's, by operation, with what the service said", async () => {
    const { handler, documents } = harness({
      outside: async (_event, { trace }) => {
        const command = new GetItemCommand({ TableName: "missing", Key: { pk: { S: "a" } } });
        await client.send(traced(command, trace)).catch(() => {});
      },
    });

    await handler({ word: "w" }, context());

    const [, outside] = documents()[0]?.subsegments ?? [];
    const [call] = outside?.subsegments ?? [];
    expect(call).to.deep.include({ name: "DynamoDB", namespace: "aws" });
    expect(call).to.have.nested.property("aws.operation", "GetItem");
    expect(call).to.have.nested.property("aws.retries", 0);
    expect(call).to.have.nested.property("http.response.status", 400);
  });
});
