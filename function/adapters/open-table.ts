/**
 * The service's table and what is built on it, as `handler.ts` needs them.
 * Put here: which of them the environment asks for. What they do stands in table.ts, outbox.ts and platform/once.ts.
 */
import { awsCalls, keptConnections, openConnection, type SendCall } from "../platform/aws/call.ts";
import { sign } from "../platform/aws/sign.ts";
import type { Domain } from "../platform/domain.ts";
import { idempotent } from "../platform/once.ts";
import type { Outbox } from "../platform/outbox.ts";
import { eventBridgeOutbox } from "./outbox.ts";
import { DYNAMODB, dynamoDbTable } from "./table.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Puts a domain on a table: it gets the table as its store, and meets no event twice. */
type OnTable = <Event>(domain: Domain<Event, object>) => Domain<Event, object>;

export interface OpenTable {
  /** Opens the connection, at init: see `openConnection`. It never fails. */
  readonly open: () => Promise<void>;
  /** The domain on a table that keeps nothing, to have the code compiled before the first event. */
  readonly rehearse: OnTable;
  readonly serve: OnTable;
  /** Publishes the table's changes, where the environment names a bus. */
  readonly outbox: Outbox | undefined;
}

const onTable =
  (tableName: string, send: SendCall): OnTable =>
  (domain) => {
    const table = dynamoDbTable(tableName, send);
    return idempotent(domain.over?.(table) ?? domain, table);
  };

/** By `TABLE_NAME` and `CHANGES_BUS`; nothing where the environment names no table. */
export function openTable(env: Environment): OpenTable | undefined {
  const { TABLE_NAME: tableName, CHANGES_BUS: bus, SERVICE_NAME: source = "lambda" } = env;
  if (!tableName) return undefined;
  const connections = keptConnections();
  const send = awsCalls(env, connections);
  return {
    open: () => openConnection(DYNAMODB, env, connections),
    rehearse: onTable(tableName, rehearsed),
    serve: onTable(tableName, send),
    outbox: bus ? eventBridgeOutbox({ tableName, bus, source, send }) : undefined,
  };
}

/** Does what a call does before it is sent, and answers that nothing is there. */
const rehearsed: SendCall = ({ service, operation, input }) => {
  sign({
    service: service.name,
    region: "us-east-1",
    method: "POST",
    path: "/",
    headers: { host: "localhost", "x-amz-target": `${service.target}.${operation}` },
    body: JSON.stringify(input),
    credentials: { accessKeyId: "", secretAccessKey: "" },
    now: new Date(),
  });
  return Promise.resolve({});
};
