/**
 * Lambda's pollers of one queue. Each behaviour is AWS's own, by the Lambda developer guide, "Using Lambda with Amazon
 * SQS" and "Handling errors for an SQS event source":
 *
 * - a batch is what came within the window, up to its size, and is one invocation of what the mapping names: of an
 *   alias with weights, one version answers the whole batch;
 * - what matches no filter is deleted unseen; so is what is no JSON where a filter asks for fields of the body;
 * - what an answer does not report is deleted; what failed stays until its visibility is over. How often it is received
 *   and when it becomes a dead letter is the queue's business;
 * - an invocation that is refused is tried again while the messages are hidden;
 * - messages may be delivered more than once: some are, on purpose, because AWS promises no more.
 *
 * Differences: a handful of batches at a time instead of up to 1,250, and no slower polling after failures.
 */
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { setTimeout as sleep } from "node:timers/promises";
import { type BatchEnd, failedIds } from "./answer.ts";
import { isFifo, type Mapping, patternsOf, queueUrlOf, visibilityOf } from "./mapping.ts";
import { matches } from "./pattern.ts";

/** Batches at the same time: Lambda starts with five (Lambda developer guide, "Scaling behavior"). */
const BATCHES = 5;
/** Most messages of one receive. */
const RECEIVED = 10;
/** Lambda polls long, up to 20 s; here the next change has to be seen soon. */
const LONG_POLL_SECONDS = 1;
/** SQS's longest visibility: a batch that is being worked on is nobody else's. */
const HELD_SECONDS = 43_200;

export interface PollerOptions {
  readonly sqs: SQSClient;
  /** Calls what the mapping names with an event; rejects when Lambda refuses the call. */
  readonly invoke: (mapping: Mapping, event: string) => Promise<BatchEnd>;
  readonly minuteMs: number;
  /** A number from 0 up to 1. */
  readonly random: () => number;
  /** Part of the messages that come once more after they were processed, 0 to 1. */
  readonly duplicates: number;
}

/** Polls until `signal` is aborted; what was received until then is worked on, or it would stay hidden. */
export async function pollQueue(
  mapping: Mapping,
  options: PollerOptions,
  signal: AbortSignal,
): Promise<void> {
  const poller = new QueuePoller(
    mapping,
    options,
    await queueUrlOf(options.sqs, mapping.EventSourceArn),
  );
  const batches = Math.min(BATCHES, mapping.ScalingConfig?.MaximumConcurrency ?? BATCHES);
  await Promise.all(Array.from({ length: batches }, () => poller.run(signal)));
}

class QueuePoller {
  readonly #mapping: Mapping;
  readonly #options: PollerOptions;
  readonly #url: string;

  constructor(mapping: Mapping, options: PollerOptions, url: string) {
    this.#mapping = mapping;
    this.#options = options;
    this.#url = url;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const batch = await this.#gather(signal);
        if (batch.length > 0) await this.#process(batch);
      } catch {
        // The queue, or the cloud, is on its way out; a mapping goes on until it is deleted.
        await sleep(200, undefined, { signal }).catch(() => {});
      }
    }
  }

  /** Up to a batch, from the first message on for as long as the window is. */
  async #gather(signal: AbortSignal): Promise<Message[]> {
    const { BatchSize, MaximumBatchingWindowInSeconds: window = 0 } = this.#mapping;
    const batch: Message[] = [];
    let untilMs = Infinity;
    while (batch.length < BatchSize && !signal.aborted) {
      const wanted = Math.min(RECEIVED, BatchSize - batch.length);
      const { Messages = [] } = await this.#options.sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: this.#url,
          MaxNumberOfMessages: wanted,
          WaitTimeSeconds: batch.length === 0 ? LONG_POLL_SECONDS : 0,
          VisibilityTimeout: HELD_SECONDS,
          MessageAttributeNames: ["All"],
          MessageSystemAttributeNames: ["All"],
        }),
      );
      batch.push(...Messages);
      if (batch.length === 0) return batch;
      untilMs = Math.min(untilMs, performance.now() + this.#scaledMs(window));
      if (Messages.length < wanted) {
        if (performance.now() >= untilMs) return batch;
        await sleep(Math.min(50, untilMs - performance.now()), undefined, { signal }).catch(
          () => {},
        );
      }
    }
    return batch;
  }

  async #process(received: readonly Message[]): Promise<void> {
    const patterns = patternsOf(this.#mapping);
    const wanted = received.filter((message) => isWanted(message, patterns));
    await this.#delete(received.filter((message) => !wanted.includes(message)));
    if (wanted.length === 0) return;
    const begunMs = performance.now();
    const { FunctionResponseTypes = [] } = this.#mapping;
    const end = await this.#invoke(wanted);
    const ids = wanted.map(({ MessageId = "" }) => MessageId);
    const failed = failedIds(end, ids, FunctionResponseTypes.includes("ReportBatchItemFailures"));
    const isDone = ({ MessageId = "" }: Message) => failed !== "all" && !failed.includes(MessageId);
    const { random, duplicates } = this.#options;
    // A FIFO queue lets nothing of a group overtake a message that comes again.
    const again = (message: Message) =>
      !isDone(message) || (!isFifo(this.#mapping) && random() < duplicates);
    const back = wanted.filter(again);
    await this.#delete(wanted.filter((message) => !back.includes(message)));
    await this.#letBack(back, performance.now() - begunMs);
  }

  /** Tries again while the messages would still be hidden. */
  async #invoke(batch: readonly Message[]): Promise<BatchEnd> {
    const event = sqsEvent(batch, this.#mapping.EventSourceArn);
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#options.invoke(this.#mapping, event);
      } catch {
        if (attempt === 3) return { failed: true, payload: "" };
        await sleep(2 ** attempt * 100);
      }
    }
  }

  /** They come back when the queue's own visibility, from their receipt on, is over. */
  async #letBack(messages: readonly Message[], elapsedMs: number): Promise<void> {
    if (messages.length === 0) return;
    const visibility = await visibilityOf(this.#options.sqs, this.#mapping.EventSourceArn);
    const leftMs = Math.max(0, this.#scaledMs(visibility) - elapsedMs);
    for (const batch of batchesOf(messages)) {
      await this.#options.sqs.send(
        new ChangeMessageVisibilityBatchCommand({
          QueueUrl: this.#url,
          Entries: batch.map(({ ReceiptHandle }, index) => ({
            Id: String(index),
            ReceiptHandle,
            // SQS knows whole seconds.
            VisibilityTimeout: Math.round(leftMs / 1000),
          })),
        }),
      );
    }
  }

  async #delete(messages: readonly Message[]): Promise<void> {
    for (const batch of batchesOf(messages)) {
      await this.#options.sqs.send(
        new DeleteMessageBatchCommand({
          QueueUrl: this.#url,
          Entries: batch.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
        }),
      );
    }
  }

  #scaledMs(seconds: number): number {
    return (seconds * this.#options.minuteMs) / 60;
  }
}

function isWanted({ Body = "" }: Message, patterns: readonly Record<string, unknown>[]): boolean {
  if (patterns.length === 0) return true;
  let body: unknown = Body;
  try {
    body = JSON.parse(Body);
  } catch {
    // A text stays a text, and matches no field.
  }
  return patterns.some((pattern) => matches(pattern, { body }));
}

/** The event in which Lambda hands a batch over. */
function sqsEvent(batch: readonly Message[], eventSourceARN: string): string {
  const Records = batch.map((message) => ({
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message.Attributes ?? {},
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(
        ([name, { DataType: dataType, StringValue, BinaryValue }]) => [
          name,
          {
            ...(BinaryValue
              ? { binaryValue: Buffer.from(BinaryValue).toString("base64") }
              : { stringValue: StringValue }),
            stringListValues: [],
            binaryListValues: [],
            dataType,
          },
        ],
      ),
    ),
    md5OfBody: message.MD5OfBody,
    eventSource: "aws:sqs",
    eventSourceARN,
    awsRegion: eventSourceARN.split(":")[3],
  }));
  return JSON.stringify({ Records });
}

function batchesOf<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / RECEIVED) }, (_, index) =>
    items.slice(index * RECEIVED, (index + 1) * RECEIVED),
  );
}
