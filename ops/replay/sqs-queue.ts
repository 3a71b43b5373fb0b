/** The dead-letter queue in SQS. */
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { explained } from "../support/aws.ts";
import { Refused } from "../support/refused.ts";
import { HIDDEN_SECONDS, type DeadLetterQueue, type Receipt } from "./drain.ts";
import { type DeadLetter, deadLetterOf } from "./dead-letter.ts";

/** A poll of this length asks all servers of the queue; a short one asks a sample and misses messages. */
const LONG_POLL_SECONDS = 1;
/** Most messages that one call of SQS takes. */
const BATCH = 10;
/** Batches under way at the same time when many messages are hidden or released. */
const HIDING_WORKERS = 4;

export class SqsQueue implements DeadLetterQueue {
  readonly #client: SQSClient;
  readonly #url: string;
  readonly #pollSeconds: number;

  constructor(client: SQSClient, url: string, pollSeconds = LONG_POLL_SECONDS) {
    this.#client = client;
    this.#url = url;
    this.#pollSeconds = pollSeconds;
  }

  async receive(max: number): Promise<DeadLetter[]> {
    const { Messages = [] } = await refusing(() =>
      this.#client.send(
        new ReceiveMessageCommand({
          QueueUrl: this.#url,
          MaxNumberOfMessages: Math.min(max, BATCH),
          VisibilityTimeout: HIDDEN_SECONDS,
          WaitTimeSeconds: this.#pollSeconds,
          MessageAttributeNames: ["All"],
          MessageSystemAttributeNames: ["SentTimestamp"],
        }),
      ),
    );
    return Messages.map(deadLetterOf);
  }

  keep(deadLetters: readonly Receipt[]): Promise<void> {
    return this.#hide(deadLetters, HIDDEN_SECONDS);
  }

  release(deadLetters: readonly Receipt[]): Promise<void> {
    return this.#hide(deadLetters, 0);
  }

  async delete({ receipt }: Receipt): Promise<void> {
    await this.#client.send(
      new DeleteMessageCommand({ QueueUrl: this.#url, ReceiptHandle: receipt }),
    );
  }

  /** Puts a message into the queue, as it was when it was taken out. */
  async send({ body, attributes }: Pick<DeadLetter, "body" | "attributes">): Promise<void> {
    const entries = Object.entries(attributes).map(
      ([name, { type, value }]) => [name, { DataType: type, StringValue: value }] as const,
    );
    await refusing(() =>
      this.#client.send(
        new SendMessageCommand({
          QueueUrl: this.#url,
          MessageBody: body,
          MessageAttributes: Object.fromEntries(entries),
        }),
      ),
    );
  }

  /** A failing batch spoils no other. */
  async #hide(deadLetters: readonly Receipt[], seconds: number): Promise<void> {
    const batches: Receipt[][] = [];
    for (let start = 0; start < deadLetters.length; start += BATCH) {
      batches.push(deadLetters.slice(start, start + BATCH));
    }
    const next = batches.values();
    const worker = async () => {
      for (const batch of next) {
        const entries = batch.map(({ receipt }, index) => ({
          Id: String(index),
          ReceiptHandle: receipt,
          VisibilityTimeout: seconds,
        }));
        const command = new ChangeMessageVisibilityBatchCommand({
          QueueUrl: this.#url,
          Entries: entries,
        });
        await this.#client.send(command).catch(() => {});
      }
    };
    await Promise.all(Array.from({ length: HIDING_WORKERS }, worker));
  }
}

/** What no retry can mend (missing queue, credentials, permissions) is refused; the rest stays an error. */
async function refusing<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof Error && /QueueDoesNotExist|NonExistentQueue/.test(error.name)) {
      throw new Refused("the dead-letter queue does not exist; deploy it first: pulumi up");
    }
    throw explained(error);
  }
}
