/**
 * The batch that a dead letter of a DynamoDB stream names: the letter holds where the records are, not the records.
 * They are read from the stream again, which keeps them for a day.
 */
import {
  type _Record as StreamRecord,
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from "@aws-sdk/client-dynamodb-streams";
import { parse } from "./json-text.ts";

/** As Lambda names it (developer guide, "Retain discarded batches for a DynamoDB event source"). */
export interface StreamBatch {
  readonly streamArn: string;
  readonly shardId: string;
  readonly startSequenceNumber: string;
  readonly endSequenceNumber: string;
}

/** The batch that a message names; `undefined` when it names none. */
export function streamBatchOf(body: string): StreamBatch | undefined {
  const { DDBStreamBatchInfo: batch } = (parse(body) ?? {}) as {
    readonly DDBStreamBatchInfo?: Partial<StreamBatch>;
  };
  const { streamArn, shardId, startSequenceNumber, endSequenceNumber } = batch ?? {};
  return [streamArn, shardId, startSequenceNumber, endSequenceNumber].every(
    (value) => typeof value === "string",
  )
    ? (batch as StreamBatch)
    : undefined;
}

/** Pages of a batch: at most 10,000 records, 1,000 a page, and some that hold nothing. */
const MOST_PAGES = 50;

/** The event in which Lambda handed the batch over; `undefined` when the stream has dropped a part of it. */
export async function readBatch(
  client: DynamoDBStreamsClient,
  { streamArn, shardId, startSequenceNumber, endSequenceNumber }: StreamBatch,
  abortSignal?: AbortSignal,
): Promise<string | undefined> {
  const options = { ...(abortSignal && { abortSignal }) };
  const records: StreamRecord[] = [];
  try {
    let { ShardIterator } = await client.send(
      new GetShardIteratorCommand({
        StreamArn: streamArn,
        ShardId: shardId,
        ShardIteratorType: "AT_SEQUENCE_NUMBER",
        SequenceNumber: startSequenceNumber,
      }),
      options,
    );
    for (let page = 0; page < MOST_PAGES && ShardIterator !== undefined; page++) {
      const { Records = [], NextShardIterator } = await client.send(
        new GetRecordsCommand({ ShardIterator }),
        options,
      );
      const within = Records.filter((record) => !isAfter(numberOf(record), endSequenceNumber));
      records.push(...within);
      const isWhole = records.some((record) => numberOf(record) === endSequenceNumber);
      if (isWhole || within.length < Records.length) break;
      ShardIterator = NextShardIterator;
    }
  } catch (error) {
    const gone = ["TrimmedDataAccessException", "ResourceNotFoundException"];
    if (error instanceof Error && gone.includes(error.name)) return undefined;
    throw error;
  }
  if (!records.some((record) => numberOf(record) === startSequenceNumber)) return undefined;
  return JSON.stringify({ Records: records.map((record) => asLambdaWrites(record, streamArn)) });
}

const numberOf = ({ dynamodb }: StreamRecord): string => dynamodb?.SequenceNumber ?? "";

/** Sequence numbers have more digits than a number. */
const isAfter = (one: string, other: string): boolean =>
  one.length === other.length ? one > other : one.length > other.length;

const asLambdaWrites = ({ dynamodb, ...record }: StreamRecord, eventSourceARN: string) => ({
  ...record,
  dynamodb: plain({
    ...dynamodb,
    ...(dynamodb?.ApproximateCreationDateTime && {
      ApproximateCreationDateTime: dynamodb.ApproximateCreationDateTime.getTime() / 1000,
    }),
  }),
  eventSourceARN,
});

/** Bytes are base64 in an event. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}
