/** A dead letter: an event that the function failed to process, as it lies in the queue. */
import type { Message } from "@aws-sdk/client-sqs";

export interface DeadLetter {
  /** The queue's message id: stays the same however often the message is received. */
  readonly id: string;
  /** Needed to delete or release; the newest receipt is the one that counts. */
  readonly receipt: string;
  /** When it came into the queue, milliseconds since 1970. */
  readonly sentAt: number;
  /** Message as it lies in the queue; `event` is read from it. */
  readonly body: string;
  /** String attributes of the message: Lambda's own are RequestID, ErrorCode and ErrorMessage. */
  readonly attributes: Readonly<Record<string, Attribute>>;
  /** The event to invoke the function with, as JSON text; undefined when the body holds none. */
  readonly event: string | undefined;
  /** Why it failed, as the queue tells it. */
  readonly error: string;
}

/** A message attribute. Lambda writes none with binary values. */
export interface Attribute {
  readonly type: string;
  readonly value: string;
}

export function deadLetterOf(message: Message): DeadLetter {
  const { MessageId, ReceiptHandle, Body } = message;
  if (MessageId === undefined || ReceiptHandle === undefined || Body === undefined) {
    throw new Error("the queue returned a message without id, receipt or body");
  }
  const attributes = attributesOf(message);
  return {
    id: MessageId,
    receipt: ReceiptHandle,
    sentAt: Number(message.Attributes?.SentTimestamp ?? 0),
    body: Body,
    attributes,
    ...contentOf(Body, attributes),
  };
}

function attributesOf(message: Message): Record<string, Attribute> {
  return Object.fromEntries(
    Object.entries(message.MessageAttributes ?? {}).map(([name, { DataType, StringValue }]) => [
      name,
      { type: DataType ?? "String", value: StringValue ?? "" },
    ]),
  );
}

/**
 * A dead-letter queue gets the event itself, with the error in attributes; an on-failure destination
 * gets a record around it. The attributes decide, so that an event which merely looks like such a
 * record is never taken apart.
 */
function contentOf(
  body: string,
  attributes: Readonly<Record<string, Attribute>>,
): Pick<DeadLetter, "event" | "error"> {
  const message = attributes["ErrorMessage"]?.value;
  const content = parse(body);
  if (content === undefined) return { event: undefined, error: message ?? "not JSON" };
  const isDeadLetter = message !== undefined || attributes["RequestID"] !== undefined;
  if (!isDeadLetter && isDestinationRecord(content)) {
    return {
      event: JSON.stringify(content.requestPayload),
      error: content.responsePayload?.errorMessage ?? content.requestContext.condition,
    };
  }
  return { event: body, error: message ?? "unknown error" };
}

interface DestinationRecord {
  readonly requestContext: { readonly functionArn: string; readonly condition: string };
  readonly requestPayload: unknown;
  readonly responsePayload?: { readonly errorMessage?: string } | null;
}

function isDestinationRecord(content: unknown): content is DestinationRecord {
  const { requestContext, requestPayload } = (content ?? {}) as Partial<DestinationRecord>;
  return (
    requestPayload !== undefined &&
    typeof requestContext?.functionArn === "string" &&
    typeof requestContext.condition === "string"
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Longest error text that a line has room for. */
const ERROR_LENGTH = 120;

/**
 * The error without what differs from message to message: ids, numbers, quoted values.
 * Messages with the same key failed for the same reason, as far as their text can tell.
 */
export function errorKey(error: string): string {
  const [firstLine = ""] = error.split("\n");
  const key = firstLine
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi, "…")
    .replaceAll(/"[^"]*"|'[^']*'/g, "…")
    .replaceAll(/\b(0x)?[0-9a-f]*\d[0-9a-f]*\b/gi, "…")
    .trim();
  return key.slice(0, ERROR_LENGTH) || "unknown error";
}

/** What members of a group have in common, as people should read it: the very text where it is the same. */
export function groupName(key: string, errors: readonly string[]): string {
  const [first = key] = errors;
  return new Set(errors).size === 1 && first.length <= ERROR_LENGTH && !first.includes("\n")
    ? first
    : key;
}

/** Messages that failed alike. */
export interface ErrorGroup {
  readonly error: string;
  readonly count: number;
  /** Milliseconds since 1970. */
  readonly oldest: number;
  readonly newest: number;
}

/** The largest group first. */
export function groupByError(
  deadLetters: readonly Pick<DeadLetter, "error" | "sentAt">[],
): ErrorGroup[] {
  const groups = Map.groupBy(deadLetters, ({ error }) => errorKey(error));
  return [...groups]
    .map(([key, members]) => ({
      error: groupName(
        key,
        members.map(({ error }) => error),
      ),
      count: members.length,
      oldest: members.reduce((least, { sentAt }) => Math.min(least, sentAt), Infinity),
      newest: members.reduce((most, { sentAt }) => Math.max(most, sentAt), 0),
    }))
    .sort((a, b) => b.count - a.count || a.error.localeCompare(b.error));
}

/** Which messages are meant. Absent fields ask nothing. */
export interface Selection {
  /** Part of the error message or of its group's name, without regard to case. */
  readonly error?: string;
  /** Milliseconds since 1970, inclusive. */
  readonly since?: number;
  /** Milliseconds since 1970, exclusive. */
  readonly until?: number;
}

export function isSelected(
  deadLetter: Pick<DeadLetter, "error" | "sentAt">,
  by: Selection,
): boolean {
  const text = `${deadLetter.error}\n${errorKey(deadLetter.error)}`.toLowerCase();
  return (
    (by.error === undefined || text.includes(by.error.toLowerCase())) &&
    (by.since === undefined || deadLetter.sentAt >= by.since) &&
    (by.until === undefined || deadLetter.sentAt < by.until)
  );
}
