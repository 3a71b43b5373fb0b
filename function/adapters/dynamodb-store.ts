/**
 * Keeps records in a DynamoDB table with the string key `id`: an example of an adapter, not part of the
 * shipped bundle. docs/handler.md says how to use it, what the role must be allowed and what it costs.
 * Put here, in adapters/: SDK clients and AWS's shapes. What is kept is decided in process-event.ts.
 */
import { DeleteItemCommand, DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { DependencyError } from "../platform/errors.ts";
import type { Change, Store } from "../domain/store.ts";

export interface TableOptions {
  readonly tableName: string;
  /** Default: a client with few and quick retries, because the deadline is the flow's. */
  readonly client?: DynamoDBClient;
}

/** Build it once, at init: the client keeps its connections. Repeating a change leaves the same record. */
export function dynamoDbStore({
  tableName: TableName,
  client = new DynamoDBClient({ maxAttempts: 3 }),
}: TableOptions): Store {
  const write = ({ result, data }: Change, abortSignal: AbortSignal): Promise<unknown> => {
    const { id, status, timestamp } = result;
    const Key = { id: { S: id } };
    if (status === "deleted") {
      return client.send(new DeleteItemCommand({ TableName, Key }), { abortSignal });
    }
    const Item = { ...Key, data: { S: JSON.stringify(data) }, changedAt: { S: timestamp } };
    return client.send(new PutItemCommand({ TableName, Item }), { abortSignal });
  };
  return {
    name: "dynamodb",
    async apply(change, { signal }) {
      try {
        await write(change, signal);
      } catch (error) {
        throw new DependencyError(`DynamoDB table ${TableName}`, error);
      }
    },
  };
}
