/**
 * Keeps records in a DynamoDB table with the string key `id`: an example of an adapter, not part of the
 * shipped bundle. docs/handler.md says how to use it, what the role must be allowed and what it costs.
 * Put here, in adapters/: SDK clients and AWS's shapes. What is kept is the domain's decision: this file
 * knows nothing of it, and fits any port with these methods.
 */
import { DeleteItemCommand, DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { Call } from "../platform/domain.ts";
import { traced } from "./traced.ts";
import { DependencyError } from "../platform/errors.ts";

export interface TableOptions {
  readonly tableName: string;
  /** Default: a client with few and quick retries, because the deadline is the flow's. */
  readonly client?: DynamoDBClient;
}

/** Any record with an id; the rest of it is JSON. */
interface Identified {
  readonly id: string;
}

type Limited = Pick<Call, "signal" | "trace">;

/** Build it once, at init: the client keeps its connections. Repeating a change leaves the same record. */
export function dynamoDbTable({
  tableName: TableName,
  client = new DynamoDBClient({ maxAttempts: 3 }),
}: TableOptions) {
  const failed = (error: unknown): never => {
    throw new DependencyError(`DynamoDB table ${TableName}`, error);
  };
  const keep = async ({ id, ...rest }: Identified, { signal, trace }: Limited): Promise<void> => {
    const Item = { id: { S: id }, record: { S: JSON.stringify(rest) } };
    const command = traced(new PutItemCommand({ TableName, Item }), trace);
    await client.send(command, { abortSignal: signal }).catch(failed);
  };
  const remove = async (id: string, { signal, trace }: Limited): Promise<void> => {
    const command = traced(new DeleteItemCommand({ TableName, Key: { id: { S: id } } }), trace);
    await client.send(command, { abortSignal: signal }).catch(failed);
  };
  return { name: "dynamodb", keep, remove };
}
