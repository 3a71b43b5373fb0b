/**
 * The forms in which a queue holds an event that failed, and how the function gets it again:
 *
 * - Lambda's dead-letter queue: the body is the event; attributes RequestID, ErrorCode and ErrorMessage.
 * - Lambda's on-failure destination: a record around the event, which is its member `requestPayload`.
 * - A redrive of SQS from a source queue: the body is what was in that queue. The function got it inside of
 *   an event of SQS, and gets the same again.
 * - What EventBridge or its Scheduler could not deliver: the body is the event, and attributes such as ERROR_MESSAGE
 *   say why.
 * - A batch of a stream that Lambda gave up: the body names the records without holding them (stream-batch.ts).
 * - Anything else that is JSON: the event itself.
 *
 * The event's text is never written again: numbers, spaces and the order of keys stay as they were sent.
 */
import { createHash } from "node:crypto";
import { memberText, parse } from "./json-text.ts";
import { streamBatchOf } from "./stream-batch.ts";

export interface Content {
  /** The event to invoke the function with, as JSON text; undefined when the message holds none. */
  readonly event: string | undefined;
  /** Why it failed, as far as the message says it; or why it holds no event. */
  readonly error: string;
}

/** A message attribute. */
export interface Attribute {
  /** SQS's data type, with its label: `String`, `Number.int`, `Binary.png`. */
  readonly type: string;
  /** Text; base64 of the bytes where the type is binary. */
  readonly value: string;
}

export const isBinary = ({ type }: Attribute): boolean => type.startsWith("Binary");

/** A message as its first queue had it. */
export interface Origin {
  readonly queueArn: string;
  readonly messageId: string;
  /** System attributes, for example ApproximateReceiveCount and SentTimestamp. */
  readonly attributes: Readonly<Record<string, string>>;
}

interface Kept {
  readonly body: string;
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly origin?: Origin | undefined;
}

/**
 * Attributes and origin decide, so that an event which merely looks like a destination's record is never
 * taken apart.
 */
export function contentOf({ body, attributes, origin }: Kept): Content {
  const { RequestID, ErrorCode, ErrorMessage } = attributes;
  const isLambdas = (RequestID ?? ErrorCode ?? ErrorMessage) !== undefined;
  if (origin && !isLambdas) {
    return { event: sqsEvent({ body, attributes, origin }), error: givenUpBy(origin) };
  }
  const content = parse(body);
  if (content === undefined) return { event: undefined, error: "the message is not JSON" };
  if (!isLambdas && isRecord(content)) return contentOfRecord(body, content);
  const { ERROR_MESSAGE, ERROR_CODE } = attributes;
  const undelivered = ERROR_MESSAGE?.value ?? ERROR_CODE?.value;
  return { event: body, error: ErrorMessage?.value ?? undelivered ?? unnamed(ErrorCode) };
}

const unnamed = (code: Attribute | undefined) =>
  code ? `failed with status ${code.value}` : "unknown error";

const givenUpBy = ({ queueArn, attributes }: Origin): string => {
  const count = attributes["ApproximateReceiveCount"];
  return `given up by queue ${queueArn.split(":").at(-1)}${count ? ` after ${count} receives` : ""}`;
};

/** A destination's record, or that of an event source mapping, which has no `requestPayload`. */
interface DestinationRecord {
  readonly requestContext: { readonly functionArn: string; readonly condition: string };
  readonly requestPayload?: unknown;
  readonly responsePayload?: { readonly errorMessage?: unknown } | null;
}

function isRecord(content: unknown): content is DestinationRecord {
  const { requestContext } = (content ?? {}) as Partial<DestinationRecord>;
  return (
    typeof requestContext?.functionArn === "string" && typeof requestContext.condition === "string"
  );
}

function contentOfRecord(body: string, record: DestinationRecord): Content {
  const event = memberText(body, "requestPayload");
  const { errorMessage } = record.responsePayload ?? {};
  const error = typeof errorMessage === "string" ? errorMessage : record.requestContext.condition;
  return event === undefined
    ? {
        event,
        error: streamBatchOf(body)
          ? `a batch of a stream was given up: ${record.requestContext.condition}`
          : "the record of a stream's failed batch names its events without holding them",
      }
    : { event, error };
}

/** The event in which an event source mapping hands over one message of a queue. */
function sqsEvent({ body, attributes, origin }: Kept & { readonly origin: Origin }): string {
  const messageAttributes = Object.entries(attributes).map(([name, attribute]) => [
    name,
    {
      [isBinary(attribute) ? "binaryValue" : "stringValue"]: attribute.value,
      stringListValues: [],
      binaryListValues: [],
      dataType: attribute.type,
    },
  ]);
  const record = {
    messageId: origin.messageId,
    // The first queue's receipt is void by now; nothing can be done with it.
    receiptHandle: "replayed",
    body,
    attributes: origin.attributes,
    messageAttributes: Object.fromEntries(messageAttributes) as object,
    md5OfBody: createHash("md5").update(body).digest("hex"),
    eventSource: "aws:sqs",
    eventSourceARN: origin.queueArn,
    awsRegion: origin.queueArn.split(":")[3],
  };
  return JSON.stringify({ Records: [record] });
}
