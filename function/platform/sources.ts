/**
 * How to take an event out of what AWS wraps around it, for `sources` of a domain. A service pays for those it names.
 * Put here: one function a source, from its event or record to the payload.
 */
import type { Unwrap } from "./domain.ts";
import { RefusedError } from "./errors.ts";
import { isRecord } from "./structure.ts";

type Json = Readonly<Record<string, unknown>>;

const json = (text: unknown, path: string): unknown => {
  try {
    return JSON.parse(typeof text === "string" ? text : "");
  } catch {
    throw new RefusedError([{ path, message: "must be JSON" }]);
  }
};

/**
 * `sqs`: the message's body, as JSON; of an event that a rule of EventBridge put into the queue, its detail. The event
 * is known by EventBridge's id, a replayed message by the one that it had first: `npm run replay` sends that along.
 */
export const queueMessage: Unwrap = ({ body, messageAttributes }, identify) => {
  const content = json(body, "body");
  if (isRecord(content) && typeof content["detail-type"] === "string" && "detail" in content) {
    identify(content.id);
    return content.detail;
  }
  const first = isRecord(messageAttributes) ? messageAttributes.OriginalMessageId : undefined;
  if (isRecord(first)) identify(first.stringValue);
  return content;
};

/** `sns`: the notification's message, as JSON. */
export const topicMessage = ({ Sns }: Json): unknown =>
  json(isRecord(Sns) ? Sns.Message : undefined, "Sns.Message");

/** `eventbridge`, schedules of rules too: the detail. */
export const busDetail = ({ detail }: Json): unknown => detail;

/** `kinesis`: the record's data, as JSON. */
export const streamData = ({ kinesis }: Json): unknown =>
  json(
    isRecord(kinesis) && typeof kinesis.data === "string"
      ? Buffer.from(kinesis.data, "base64").toString()
      : undefined,
    "kinesis.data",
  );

/** `dynamodb`, `s3` and others whose record is the event. */
export const wholeRecord = (record: Json): unknown => record;
