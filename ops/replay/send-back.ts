/** Delivers messages to the queue that gave them up, instead of calling the function. */
import {
  SendMessageCommand,
  type SendMessageCommandInput,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { explained } from "../support/aws.ts";
import { Refused } from "../support/refused.ts";
import type { DeadLetter } from "./dead-letter.ts";
import type { Delivery } from "./drain.ts";
import { sentAttributes } from "./sqs-queue.ts";

/**
 * Attribute by which a message keeps the id that it had first: SQS gives it a new one, and the handler takes this one
 * as its key (function/platform/sources.ts), so that what had been done before the message failed is not done twice.
 */
export const ORIGINAL_ID_ATTRIBUTE = "OriginalMessageId";

/** SQS takes ten attributes of a message. */
const MOST_ATTRIBUTES = 10;

/** What EventBridge adds to an event that it could not deliver: nothing of the sender's. */
const OF_EVENTBRIDGE =
  /^(?:RULE_ARN|TARGET_ARN|ERROR_CODE|ERROR_MESSAGE|RETRY_ATTEMPTS|EXHAUSTED_RETRY_CONDITION)$/;

/** The message as its queue had it, under the id that it had first. */
export function messageBack(
  QueueUrl: string,
  { id, body, attributes, origin }: Pick<DeadLetter, "id" | "body" | "attributes" | "origin">,
  fifo: boolean,
): SendMessageCommandInput {
  const kept = Object.entries(attributes).filter(([name]) => !OF_EVENTBRIDGE.test(name));
  const first = { type: "String", value: origin?.messageId ?? id };
  const known = ORIGINAL_ID_ATTRIBUTE in attributes || kept.length >= MOST_ATTRIBUTES;
  const group = origin?.attributes["MessageGroupId"];
  return {
    QueueUrl,
    MessageBody: body,
    MessageAttributes: sentAttributes({
      attributes: Object.fromEntries([
        ...kept,
        ...(known ? [] : [[ORIGINAL_ID_ATTRIBUTE, first] as const]),
      ]),
    }),
    ...(group !== undefined && { MessageGroupId: group }),
    // Sent twice within five minutes, because the deletion failed, it is one message.
    ...(fifo && { MessageDeduplicationId: `replay-${id}` }),
  };
}

/** Throws `Refused` when no message could be delivered, and for a FIFO queue when this one cannot: none may overtake it. */
export async function sendBack(
  sqs: SQSClient,
  { sourceUrl, fifo }: { readonly sourceUrl: string; readonly fifo: boolean },
  message: DeadLetter,
  abortSignal?: AbortSignal,
): Promise<Delivery> {
  try {
    await sqs.send(new SendMessageCommand(messageBack(sourceUrl, message, fifo)), {
      ...(abortSignal && { abortSignal }),
    });
    return { ok: true };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const plain = explained(error);
    if (plain instanceof Refused) throw plain;
    const problem = `not sent: ${error.name}`;
    if (fifo) throw new Refused(problem, "run it again; what was sent before is out of the queue");
    return { ok: false, error: problem };
  }
}
