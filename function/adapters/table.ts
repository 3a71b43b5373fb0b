/**
 * The service's DynamoDB table: records with versions, the event of each change, and what was carried out already.
 * A part of the bundle only where config has a table. docs/handler.md#the-table says how a domain uses it.
 *
 * | what | `pk` | `sk` | further attributes |
 * |---|---|---|---|
 * | record | `record#<id>` | `record` | `version`, `data` (JSON), `changedAt`, `changedBy`; removed: no `data`, `expiresAt` |
 * | event of a change | `event#<id>` | version in 12 digits | `type`, `detail` (JSON), `time`, `correlationId`, `expiresAt` |
 * | record of a smoke event | `smoke#<id>` | `record` | the same, and `expiresAt` |
 * | event that was carried out | `once#<key>` | `once` | `hash`, `owner`, `endsAt` or `answer` (JSON), `expiresAt` |
 *
 * Put here: DynamoDB's shapes and conditions. What is kept is the domain's decision.
 */
import { randomUUID } from "node:crypto";
import { AwsError, type SendCall, type Service } from "../platform/aws/call.ts";
import { ConflictError, DependencyError, RefusedError } from "../platform/errors.ts";
import { isRecord } from "../platform/structure.ts";
import type { Change, Kept, Memory, Table, TableCall, Ticket } from "../platform/table.ts";

export const DYNAMODB: Service = {
  name: "dynamodb",
  target: "DynamoDB_20120810",
  json: "1.0",
  endpointVariable: "AWS_ENDPOINT_URL_DYNAMODB",
};

/** DynamoDB's values: texts, and numbers as texts. */
type Value = { readonly S: string } | { readonly N: string };
type Item = Readonly<Record<string, Value>>;

const DAY_SECONDS = 86_400;
/** The stream has read them within a day; a week is for whoever looks into what happened. */
const EVENT_SECONDS = 7 * DAY_SECONDS;
/** A dead letter waits 14 days at most, and its replay has to be known as a repetition. */
const ONCE_SECONDS = 15 * DAY_SECONDS;
/**
 * What is left of a removed record is its version, so that one that is made under the same id goes on from there:
 * consumers know changes by id and version. Longer than its events, with the days that TTL may be late.
 */
const REMOVED_SECONDS = 90 * DAY_SECONDS;
/** Nothing of a smoke event has to outlive its release. */
const SMOKE_SECONDS = 3600;

/** Bytes of a record as JSON: its event has to fit into the 256 KB that EventBridge takes, with all that is around it. */
const MAX_DATA_BYTES = 240 * 1024;
/** Bytes of an answer that is kept: DynamoDB takes items of 400 KB. */
const MAX_ANSWER_BYTES = 350 * 1024;

/** Digits of a version in a key, so that keys are sorted as versions are. */
const VERSION_DIGITS = 12;

/** Builds the table's adapter, once, at init. */
export function dynamoDbTable(TableName: string, send: SendCall): Table & Memory {
  /** What goes wrong with a call is the dependency's, whatever it is. */
  const failed = (error: unknown): never => {
    throw new DependencyError(`DynamoDB table ${TableName}`, error);
  };
  /** A call about one item. */
  const ask = (operation: string, input: object, { signal, trace }: TableCall) =>
    send({ service: DYNAMODB, operation, input: { TableName, ...input }, signal, trace }).catch(
      failed,
    );

  async function write(change: Change, call: TableCall): Promise<void> {
    const { id, version, data, answer } = change;
    const json = data && JSON.stringify(data);
    if (json !== undefined && Buffer.byteLength(json) > MAX_DATA_BYTES) {
      throw new RefusedError(
        [{ path: "data", message: `must have at most ${MAX_DATA_BYTES} bytes as JSON` }],
        413,
      );
    }
    const { ticket } = call;
    const time = call.now.toISOString();
    const record: Item = {
      ...recordKey(id, call),
      version: number(version),
      changedAt: text(time),
      changedBy: text(call.newId),
      ...(json === undefined ? { expiresAt: inSeconds(REMOVED_SECONDS) } : { data: text(json) }),
    };
    const puts = call.isSmoke
      ? // The same operation as any change's, and nobody reads what it leaves for an hour.
        [{ Item: { ...record, expiresAt: inSeconds(SMOKE_SECONDS) } }]
      : [
          {
            Item: record,
            ...(version === 1
              ? { ConditionExpression: "attribute_not_exists(pk)" }
              : {
                  ConditionExpression: "#version = :before",
                  ExpressionAttributeNames: { "#version": "version" },
                  ExpressionAttributeValues: { ":before": number(version - 1) },
                }),
            ReturnValuesOnConditionCheckFailure: "ALL_OLD",
          },
          {
            Item: eventOf(change, time, call),
            ConditionExpression: "attribute_not_exists(pk)",
          },
        ];
    const kept = ticket && answer && answered(ticket, answer, call);
    const TransactItems = [...puts, ...(kept ? [kept] : [])].map((put) => ({
      Put: { TableName, ...put },
    }));
    try {
      await send({
        service: DYNAMODB,
        operation: "TransactWriteItems",
        // By the token, DynamoDB knows a try that is made again, also where the answer to the first one got lost.
        input: { TransactItems, ClientRequestToken: randomUUID() },
        signal: call.signal,
        trace: call.trace,
        passes: isPassing,
      }).catch(failed);
    } catch (error) {
      const [reason] = reasonsOf(error);
      if (reason?.code === "ConditionalCheckFailed") {
        // An earlier delivery of this very event wrote it, and nobody has since.
        const { changedBy, version: found } = reason.item;
        if (textOf(changedBy) === call.newId && numberOf(found) === version) return;
        throw new ConflictError(id);
      }
      if (isPassing(causeOf(error))) throw new ConflictError(id);
      throw error;
    }
    if (kept) ticket.isAnswered = true;
  }

  return {
    name: "dynamodb",

    async read(id, call) {
      const { Item } = await ask(
        "GetItem",
        { Key: recordKey(id, call), ConsistentRead: true },
        call,
      );
      return keptOf(Item);
    },

    write,

    async begin({ key, hash, owner, endsAtMs }, call) {
      const now = Date.now();
      const put = {
        Item: {
          ...onceKey(key),
          hash: text(hash),
          owner: text(owner),
          endsAt: number(endsAtMs),
          expiresAt: inSeconds(call.isSmoke ? SMOKE_SECONDS : ONCE_SECONDS),
        },
        // TTL removes items days late, so what is void is told by its times.
        ConditionExpression:
          "attribute_not_exists(pk) OR expiresAt <= :now OR endsAt <= :nowMs OR #owner = :owner",
        ExpressionAttributeNames: { "#owner": "owner" },
        ExpressionAttributeValues: {
          ":now": number(Math.floor(now / 1000)),
          ":nowMs": number(now),
          ":owner": text(owner),
        },
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      };
      try {
        await ask("PutItem", put, call);
        return undefined;
      } catch (error) {
        const cause = causeOf(error);
        if (cause?.code !== "ConditionalCheckFailedException") throw error;
        return earlierAnswer(itemOf(cause.answer()["Item"]), hash);
      }
    },

    async finish(ticket, answer, call) {
      await ask("PutItem", answered(ticket, answer, call), call);
    },

    async forget({ key, owner }, call) {
      const condition = {
        ConditionExpression: "#owner = :owner AND attribute_exists(endsAt)",
        ExpressionAttributeNames: { "#owner": "owner" },
        ExpressionAttributeValues: { ":owner": text(owner) },
      };
      await ask("DeleteItem", { Key: onceKey(key), ...condition }, call);
    },
  };
}

const text = (S: string): Value => ({ S });
const number = (N: number): Value => ({ N: String(N) });
const inSeconds = (seconds: number): Value => number(Math.floor(Date.now() / 1000) + seconds);

/** Smoke events have records of their own. */
const recordKey = (id: string, { isSmoke }: Pick<TableCall, "isSmoke">): Item => ({
  pk: text(`${isSmoke ? "smoke" : "record"}#${id}`),
  sk: text("record"),
});

const onceKey = (key: string): Item => ({ pk: text(`once#${key}`), sk: text("once") });

function eventOf({ id, version, data, type }: Change, time: string, call: TableCall): Item {
  const { correlationId } = call;
  const detail = { id, version, ...(data && { data }), changedAt: time, correlationId };
  return {
    pk: text(`event#${id}`),
    sk: text(String(version).padStart(VERSION_DIGITS, "0")),
    type: text(type),
    detail: text(JSON.stringify(detail)),
    time: text(time),
    correlationId: text(correlationId),
    expiresAt: inSeconds(EVENT_SECONDS),
  };
}

/** The ticket as it is kept once its event is carried out; only its holder may. */
function answered({ key, hash, owner }: Ticket, answer: object, call: TableCall) {
  const json = JSON.stringify(answer);
  const isKept = Buffer.byteLength(json) <= MAX_ANSWER_BYTES;
  if (!isKept) {
    call.log.warn("Answer too large to be kept: a repetition of the event gets none", {
      limitBytes: MAX_ANSWER_BYTES,
    });
  }
  return {
    Item: {
      ...onceKey(key),
      hash: text(hash),
      owner: text(owner),
      answer: text(isKept ? json : NOT_KEPT),
      expiresAt: inSeconds(call.isSmoke ? SMOKE_SECONDS : ONCE_SECONDS),
    },
    ConditionExpression: "#owner = :owner",
    ExpressionAttributeNames: { "#owner": "owner" },
    ExpressionAttributeValues: { ":owner": text(owner) },
  };
}

const NOT_KEPT = JSON.stringify({
  repeated: true,
  message: "Carried out before; the answer was too large to be kept",
});

/** The answer under a key that is taken. Throws `RefusedError` where there is none for this event. */
function earlierAnswer(item: Readonly<Record<string, unknown>>, hash: string): object {
  if (textOf(item["hash"]) !== hash) {
    const message = "was used for another event; use a new key for each event";
    throw new RefusedError([{ path: "idempotency-key", message }], 422);
  }
  const answer: unknown = JSON.parse(textOf(item["answer"]) ?? "null");
  if (isRecord(answer)) return answer;
  const message = "is that of an event which is being carried out; send it again in a moment";
  throw new RefusedError([{ path: "idempotency-key", message }], 409);
}

function keptOf(value: unknown): Kept {
  const { version, data, changedAt, changedBy } = itemOf(value);
  const parsed: unknown = JSON.parse(textOf(data) ?? "null");
  const [time, author] = [textOf(changedAt), textOf(changedBy)];
  return {
    version: numberOf(version),
    ...(isRecord(parsed) && { data: parsed }),
    ...(time !== undefined && { changedAt: time }),
    ...(author !== undefined && { changedBy: author }),
  };
}

/** An item as DynamoDB answers it. */
const itemOf = (value: unknown): Readonly<Record<string, unknown>> =>
  isRecord(value) ? value : {};

const textOf = (value: unknown): string | undefined =>
  isRecord(value) && typeof value.S === "string" ? value.S : undefined;

const numberOf = (value: unknown): number => (isRecord(value) ? Number(value.N) : 0);

const causeOf = (error: unknown): AwsError | undefined =>
  error instanceof DependencyError && error.cause instanceof AwsError ? error.cause : undefined;

/** Why DynamoDB cancelled a transaction: one reason for each of its items, in their order. */
function reasonsOf(
  error: unknown,
): readonly { readonly code: string; readonly item: Readonly<Record<string, unknown>> }[] {
  const cause = error instanceof AwsError ? error : causeOf(error);
  const reasons = cause?.answer()["CancellationReasons"];
  if (cause?.code !== "TransactionCanceledException" || !Array.isArray(reasons)) return [];
  return reasons.filter(isRecord).map(({ Code, Item }) => ({
    code: typeof Code === "string" ? Code : "None",
    item: itemOf(Item),
  }));
}

/** Reasons that are gone at the next try: another transaction at the same items, or too many requests. */
const PASSING = new Set([
  "TransactionConflict",
  "ThrottlingError",
  "ProvisionedThroughputExceeded",
]);

/** Whether nothing but such reasons cancelled a transaction. */
function isPassing(error: AwsError | undefined): boolean {
  const codes = reasonsOf(error)
    .map(({ code }) => code)
    .filter((code) => code !== "None");
  return codes.length > 0 && codes.every((code) => PASSING.has(code));
}
