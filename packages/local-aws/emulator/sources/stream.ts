/**
 * Lambda's pollers of one DynamoDB stream. Each behaviour is AWS's own, by the Lambda developer guide, "Process
 * DynamoDB records with Lambda" and "Configuring partial batch response with DynamoDB and Lambda":
 *
 * - the records of a shard are handed over in their order, one batch at a time, and nothing overtakes a batch that fails;
 * - the lowest record that an answer reports is where the batch goes on; a batch that fails as a whole is halved, where
 *   the mapping says so, and neither counts as a retry;
 * - a batch that failed at every try, or whose records are too old, is given up: its destination gets the numbers of
 *   its first and last record, and no record;
 * - what matches no filter is passed over.
 *
 * Difference: one batch of a shard at a time, whatever the parallelization factor is.
 */
import {
  type _Record as StreamRecord,
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from "@aws-sdk/client-dynamodb-streams";
import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { setTimeout as sleep } from "node:timers/promises";
import { type BatchEnd, failedIds } from "./answer.ts";
import { type Mapping, patternsOf, queueUrlOf } from "./mapping.ts";
import { matches } from "./pattern.ts";

/** Lambda polls a shard four times a second (same guide, "Polling and batching streams"). */
const PAUSE_MS = 250;
/** The first pause before a retry; AWS does not say how long, so it is short here and doubles. */
const RETRY_MS = 50;
const MOST_RETRY_MS = 2_000;

export interface StreamPollerOptions {
  readonly sqs: SQSClient;
  readonly streams: DynamoDBStreamsClient;
  readonly invoke: (mapping: Mapping, event: string) => Promise<BatchEnd>;
  readonly minuteMs: number;
  /** Age of the last record of a batch, in milliseconds, when the function has answered (`IteratorAge`). */
  readonly aged: (ageMs: number) => void;
  /** The last record of each shard that is over with; kept when a mapping changes. */
  readonly positions: Map<string, string>;
}

/** Polls until `signal` is aborted; a batch that has begun is not ended. */
export async function pollStream(
  mapping: Mapping,
  options: StreamPollerOptions,
  signal: AbortSignal,
): Promise<void> {
  const poller = new StreamPoller(mapping, options, signal);
  const readers = new Map<string, Promise<void>>();
  while (!signal.aborted) {
    const { StreamDescription } = await options.streams
      .send(new DescribeStreamCommand({ StreamArn: mapping.EventSourceArn }))
      .catch(() => ({ StreamDescription: undefined }));
    for (const { ShardId = "" } of StreamDescription?.Shards ?? []) {
      if (!readers.has(ShardId)) readers.set(ShardId, poller.read(ShardId));
    }
    await sleep(PAUSE_MS, undefined, { signal }).catch(() => {});
  }
  await Promise.all(readers.values());
}

class StreamPoller {
  readonly #mapping: Mapping;
  readonly #options: StreamPollerOptions;
  readonly #signal: AbortSignal;

  constructor(mapping: Mapping, options: StreamPollerOptions, signal: AbortSignal) {
    this.#mapping = mapping;
    this.#options = options;
    this.#signal = signal;
  }

  /** One shard, to its end. */
  async read(shardId: string): Promise<void> {
    const { streams, positions } = this.#options;
    const { BatchSize, EventSourceArn } = this.#mapping;
    const patterns = patternsOf(this.#mapping);
    let iterator: string | undefined;
    while (!this.#signal.aborted) {
      try {
        iterator ??= await this.#iterator(shardId);
        const { Records = [], NextShardIterator } = await streams.send(
          new GetRecordsCommand({ ShardIterator: iterator, Limit: Math.min(BatchSize, 1000) }),
        );
        const wanted = Records.map((record) => asEvent(record, EventSourceArn)).filter(
          (event) => patterns.length === 0 || patterns.some((pattern) => matches(pattern, event)),
        );
        if (!(await this.#process(shardId, wanted))) return;
        const last = Records.at(-1)?.dynamodb?.SequenceNumber;
        if (last !== undefined) positions.set(shardId, last);
        if (NextShardIterator === undefined) return;
        iterator = NextShardIterator;
        if (Records.length > 0) continue;
      } catch {
        // An iterator lasts for some minutes; where the stream is gone, so will be the mapping.
        iterator = undefined;
      }
      await sleep(PAUSE_MS, undefined, { signal: this.#signal }).catch(() => {});
    }
  }

  async #iterator(ShardId: string): Promise<string | undefined> {
    const { EventSourceArn: StreamArn, StartingPosition } = this.#mapping;
    const last = this.#options.positions.get(ShardId);
    const { ShardIterator } = await this.#options.streams.send(
      new GetShardIteratorCommand({
        StreamArn,
        ShardId,
        ...(last === undefined
          ? { ShardIteratorType: StartingPosition === "LATEST" ? "LATEST" : "TRIM_HORIZON" }
          : { ShardIteratorType: "AFTER_SEQUENCE_NUMBER", SequenceNumber: last }),
      }),
    );
    return ShardIterator;
  }

  /** False when it was stopped in the middle: the batch comes again. */
  async #process(shardId: string, records: readonly StreamEvent[]): Promise<boolean> {
    const { FunctionResponseTypes = [], BisectBatchOnFunctionError = false } = this.#mapping;
    const isPartial = FunctionResponseTypes.includes("ReportBatchItemFailures");
    // Both are without end by default.
    const { MaximumRetryAttempts = -1 } = this.#mapping;
    let rest = records;
    for (let retries = 0; rest.length > 0; retries++) {
      if (this.#signal.aborted) return false;
      if (this.#isTooOld(rest)) return this.#giveUp(shardId, rest, "RecordAgeExceeded");
      const ids = rest.map(idOf);
      const event = JSON.stringify({ Records: rest });
      const end = await this.#options
        .invoke(this.#mapping, event)
        .catch(() => ({ failed: true, payload: "" }));
      this.#options.aged(Date.now() - createdMs(rest.at(-1)));
      const failed = failedIds(end, ids, isPartial);
      if (failed.length === 0) return true;
      const from = failed === "all" ? 0 : ids.findIndex((id) => failed.includes(id));
      if (from > 0) {
        rest = rest.slice(from);
        retries = -1;
        continue;
      }
      if (failed === "all" && BisectBatchOnFunctionError && rest.length > 1) {
        const middle = Math.ceil(rest.length / 2);
        return (
          (await this.#process(shardId, rest.slice(0, middle))) &&
          (await this.#process(shardId, rest.slice(middle)))
        );
      }
      if (MaximumRetryAttempts >= 0 && retries >= MaximumRetryAttempts) {
        return this.#giveUp(shardId, rest, "RetryAttemptsExhausted");
      }
      const pauseMs = Math.min(RETRY_MS * 2 ** retries, MOST_RETRY_MS);
      await sleep(pauseMs, undefined, { signal: this.#signal }).catch(() => {});
    }
    return true;
  }

  #isTooOld([first]: readonly StreamEvent[]): boolean {
    const { MaximumRecordAgeInSeconds: most = -1 } = this.#mapping;
    return most > 0 && Date.now() - createdMs(first) > (most * this.#options.minuteMs) / 60;
  }

  /** As Lambda writes it ("Retain discarded batches for a DynamoDB event source in Lambda"). */
  async #giveUp(
    shardId: string,
    records: readonly StreamEvent[],
    condition: "RetryAttemptsExhausted" | "RecordAgeExceeded",
  ): Promise<boolean> {
    const { EventSourceArn, FunctionArn, DestinationConfig } = this.#mapping;
    const destination = DestinationConfig?.OnFailure?.Destination;
    if (destination?.split(":")[2] !== "sqs") return true;
    const [first, last] = [records[0], records.at(-1)];
    const iso = (event: StreamEvent | undefined) =>
      new Date((event?.dynamodb.ApproximateCreationDateTime ?? 0) * 1000).toISOString();
    const body = {
      requestContext: {
        requestId: crypto.randomUUID(),
        functionArn: FunctionArn,
        condition,
        approximateInvokeCount: 1 + Math.max(0, this.#mapping.MaximumRetryAttempts ?? 0),
      },
      responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
      version: "1.0",
      timestamp: new Date().toISOString(),
      DDBStreamBatchInfo: {
        shardId,
        startSequenceNumber: first && idOf(first),
        endSequenceNumber: last && idOf(last),
        approximateArrivalOfFirstRecord: iso(first),
        approximateArrivalOfLastRecord: iso(last),
        batchSize: records.length,
        streamArn: EventSourceArn,
      },
    };
    await this.#options.sqs.send(
      new SendMessageCommand({
        QueueUrl: await queueUrlOf(this.#options.sqs, destination),
        MessageBody: JSON.stringify(body),
      }),
    );
    return true;
  }
}

/** A record as an event holds it: times in seconds, bytes in base64. */
type StreamEvent = ReturnType<typeof asEvent>;

const createdMs = (event: StreamEvent | undefined): number =>
  (event?.dynamodb.ApproximateCreationDateTime ?? Infinity) * 1000;

const idOf = ({ dynamodb }: StreamEvent): string => dynamodb.SequenceNumber ?? "";

const asEvent = ({ dynamodb = {}, ...record }: StreamRecord, eventSourceARN: string) => ({
  ...record,
  eventSourceARN,
  dynamodb: {
    ...(plain(dynamodb) as Omit<typeof dynamodb, "ApproximateCreationDateTime">),
    ApproximateCreationDateTime: (dynamodb.ApproximateCreationDateTime?.getTime() ?? 0) / 1000,
  },
});

function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (value instanceof Date) return value.getTime() / 1000;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}
