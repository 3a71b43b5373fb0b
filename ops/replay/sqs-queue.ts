/** The dead-letter queue in SQS. */
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type MessageAttributeValue,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SQSClient,
  SQSServiceException,
} from "@aws-sdk/client-sqs";
import { explained } from "../support/aws.ts";
import { Refused } from "../support/refused.ts";
import type { ArchivedDeadLetter } from "./archive-text.ts";
import { type DeadLetter, deadLetterOf, ORIGIN_ATTRIBUTE } from "./dead-letter.ts";
import { type Attribute, isBinary } from "./forms.ts";
import { BATCH, type DeadLetterQueue, type Receipt } from "./queue.ts";
import type { Depth } from "./unseen.ts";

/** A poll of this length asks all servers of the queue; a short one asks a sample and misses messages. */
const LONG_POLL_SECONDS = 1;
/** Batches under way at the same time when many messages are hidden or released. */
const HIDING_WORKERS = 16;

/** For how long a message that is being delivered is hidden. */
const HIDDEN_SECONDS = 120;

export class SqsQueue implements DeadLetterQueue {
  readonly hiddenSeconds: number;
  readonly #client: SQSClient;
  readonly #url: string;

  constructor(client: SQSClient, url: string, hiddenSeconds = HIDDEN_SECONDS) {
    this.#client = client;
    this.#url = url;
    this.hiddenSeconds = hiddenSeconds;
  }

  /** The same queue, with messages hidden for another time when they are received. */
  hidingFor = (seconds: number): SqsQueue => new SqsQueue(this.#client, this.#url, seconds);

  /** How many messages there are, as far as SQS knows: about, and up to a minute ago. */
  async depth(abortSignal: AbortSignal): Promise<Depth> {
    const { Attributes = {} } = await refusing(() =>
      this.#client.send(
        new GetQueueAttributesCommand({
          QueueUrl: this.#url,
          AttributeNames: [
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed",
            "VisibilityTimeout",
          ],
        }),
        { abortSignal },
      ),
    );
    const of = (name: keyof typeof Attributes) => Number(Attributes[name] ?? 0);
    return {
      visible: of("ApproximateNumberOfMessages"),
      invisible:
        of("ApproximateNumberOfMessagesNotVisible") + of("ApproximateNumberOfMessagesDelayed"),
      // Another run hides them for its time, any other reader for the queue's, if it does not say otherwise.
      hiddenSeconds: Math.max(HIDDEN_SECONDS, of("VisibilityTimeout")),
    };
  }

  async receive(abortSignal?: AbortSignal): Promise<DeadLetter[]> {
    const { Messages = [] } = await refusing(() =>
      this.#client.send(
        new ReceiveMessageCommand({
          QueueUrl: this.#url,
          MaxNumberOfMessages: BATCH,
          VisibilityTimeout: this.hiddenSeconds,
          WaitTimeSeconds: LONG_POLL_SECONDS,
          MessageAttributeNames: ["All"],
          MessageSystemAttributeNames: ["All"],
        }),
        { ...(abortSignal && { abortSignal }) },
      ),
    );
    return Messages.map(deadLetterOf);
  }

  keep(messages: readonly Receipt[]): Promise<void> {
    return this.#hide(messages, this.hiddenSeconds);
  }

  release(messages: readonly Receipt[]): Promise<void> {
    return this.#hide(messages, 0);
  }

  async delete(messages: readonly Receipt[]): Promise<readonly string[]> {
    const { Failed = [] } = await this.#client.send(
      new DeleteMessageBatchCommand({
        QueueUrl: this.#url,
        Entries: messages.map(({ receipt }, index) => ({
          Id: String(index),
          ReceiptHandle: receipt,
        })),
      }),
    );
    return Failed.flatMap(({ Id }) => messages[Number(Id)]?.id ?? []);
  }

  /**
   * Puts up to `BATCH` messages into the queue as they were when they were taken out. Yields why some were
   * refused, by index; one that spoils the whole call is found by sending each by itself.
   */
  async send(messages: readonly ArchivedDeadLetter[]): Promise<ReadonlyMap<number, string>> {
    const command = new SendMessageBatchCommand({
      QueueUrl: this.#url,
      Entries: messages.map((message, index) => ({
        Id: String(index),
        MessageBody: message.body,
        MessageAttributes: sentAttributes(message),
      })),
    });
    try {
      const { Failed = [] } = await refusing(() => this.#client.send(command));
      return new Map(
        Failed.map(({ Id, Code, Message }) => [Number(Id), Message ?? Code ?? "refused"]),
      );
    } catch (error) {
      if (!(error instanceof SQSServiceException) || error.$fault !== "client") throw error;
      if (messages.length === 1) return new Map([[0, error.message]]);
    }
    const refused = new Map<number, string>();
    for (const [index, message] of messages.entries()) {
      const [why] = (await this.send([message])).values();
      if (why !== undefined) refused.set(index, why);
    }
    return refused;
  }

  /** A failing batch spoils no other. */
  async #hide(messages: readonly Receipt[], seconds: number): Promise<void> {
    const next = batchesOf(messages).values();
    const worker = async () => {
      for (const batch of next) {
        const command = new ChangeMessageVisibilityBatchCommand({
          QueueUrl: this.#url,
          Entries: batch.map(({ receipt }, index) => ({
            Id: String(index),
            ReceiptHandle: receipt,
            VisibilityTimeout: seconds,
          })),
        });
        await this.#client.send(command).catch(() => {});
      }
    };
    await Promise.all(Array.from({ length: HIDING_WORKERS }, worker));
  }
}

export function sentAttributes({
  attributes,
  origin,
}: Pick<ArchivedDeadLetter, "attributes" | "origin">) {
  const kept = Object.entries(attributes).map(
    ([name, attribute]) => [name, sent(attribute)] as const,
  );
  const added = origin
    ? [[ORIGIN_ATTRIBUTE, sent({ type: "String", value: JSON.stringify(origin) })] as const]
    : [];
  return Object.fromEntries([...kept, ...added]);
}

const sent = (attribute: Attribute): MessageAttributeValue =>
  isBinary(attribute)
    ? { DataType: attribute.type, BinaryValue: Buffer.from(attribute.value, "base64") }
    : { DataType: attribute.type, StringValue: attribute.value };

function batchesOf<T>(items: readonly T[]): T[][] {
  const batches: T[][] = [];
  for (let start = 0; start < items.length; start += BATCH) {
    batches.push(items.slice(start, start + BATCH));
  }
  return batches;
}

/** What no retry can help (missing queue, credentials, permissions) is refused; the rest stays an error. */
async function refusing<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof Error && /QueueDoesNotExist|NonExistentQueue/.test(error.name)) {
      throw new Refused("the dead-letter queue does not exist", "deploy it first: pulumi up");
    }
    throw explained(error);
  }
}
