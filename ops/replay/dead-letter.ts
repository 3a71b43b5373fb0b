/** A dead letter: an event that the function failed to process, as it is kept in the queue. */
import type { Message } from "@aws-sdk/client-sqs";
import { type Attribute, type Content, contentOf, type Origin } from "./forms.ts";
import { parse } from "./json-text.ts";
import { streamBatchOf } from "./stream-batch.ts";

export interface DeadLetter extends Content {
  /** The queue's message id: stays the same however often the message is received. */
  readonly id: string;
  /** Needed to delete or release; the newest receipt is the one that counts. */
  readonly receipt: string;
  /** When it came into the queue, milliseconds since 1970. */
  readonly sentAt: number;
  /** The message, unchanged; `event` is read from it. */
  readonly body: string;
  /** Lambda's own are RequestID, ErrorCode and ErrorMessage. */
  readonly attributes: Readonly<Record<string, Attribute>>;
  /** Where the message came from, when SQS moved it here from a queue that gave it up. */
  readonly origin?: Origin;
}

/** Whether there is something to deliver: the event, or where a stream has it. */
export const isSendable = ({ event, body }: Pick<DeadLetter, "event" | "body">): boolean =>
  event !== undefined || streamBatchOf(body) !== undefined;

/**
 * Attribute by which an imported message keeps its origin: SQS lets nobody set the system attribute that
 * says it, and without it the message would be taken for the event itself.
 */
export const ORIGIN_ATTRIBUTE = "ReplayOrigin";

export function deadLetterOf(message: Message): DeadLetter {
  const { MessageId, ReceiptHandle, Body } = message;
  if (MessageId === undefined || ReceiptHandle === undefined || Body === undefined) {
    throw new Error("the queue returned a message without id, receipt or body");
  }
  const all = attributesOf(message);
  const imported = importedOrigin(all);
  const { [ORIGIN_ATTRIBUTE]: _, ...others } = all;
  const attributes = imported ? others : all;
  const origin = imported ?? originOf(MessageId, message);
  return {
    id: MessageId,
    receipt: ReceiptHandle,
    sentAt: Number(message.Attributes?.SentTimestamp ?? 0),
    body: Body,
    attributes,
    ...(origin && { origin }),
    ...contentOf({ body: Body, attributes, origin }),
  };
}

function attributesOf(message: Message): Record<string, Attribute> {
  return Object.fromEntries(
    Object.entries(message.MessageAttributes ?? {}).map(
      ([name, { DataType = "String", StringValue, BinaryValue }]) => [
        name,
        {
          type: DataType,
          value: BinaryValue ? Buffer.from(BinaryValue).toString("base64") : (StringValue ?? ""),
        },
      ],
    ),
  );
}

function originOf(messageId: string, { Attributes = {} }: Message): Origin | undefined {
  const { DeadLetterQueueSourceArn: queueArn, ...attributes } = Attributes;
  return queueArn === undefined ? undefined : { queueArn, messageId, attributes };
}

/** Only what an import wrote: somebody else's attribute of the same name is one like any other. */
function importedOrigin(attributes: Readonly<Record<string, Attribute>>): Origin | undefined {
  const origin = parse(attributes[ORIGIN_ATTRIBUTE]?.value ?? "") as Partial<Origin> | undefined;
  return typeof origin?.queueArn === "string" && typeof origin.messageId === "string"
    ? {
        queueArn: origin.queueArn,
        messageId: origin.messageId,
        attributes: origin.attributes ?? {},
      }
    : undefined;
}
