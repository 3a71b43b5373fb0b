/**
 * Publishes the table's changes on a bus of EventBridge. docs/handler.md#changes says what a consumer gets.
 * Put here: the stream's and EventBridge's shapes and limits ("Amazon EventBridge quotas", "Calculating Amazon
 * EventBridge event size").
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { SendCall, Service } from "../platform/aws/call.ts";
import type { Call } from "../platform/domain.ts";
import { DependencyError } from "../platform/errors.ts";
import type { Outbox } from "../platform/outbox.ts";
import { isRecord } from "../platform/structure.ts";

export const EVENTBRIDGE: Service = {
  name: "events",
  target: "AWSEvents",
  json: "1.1",
  endpointVariable: "AWS_ENDPOINT_URL_EVENTBRIDGE",
};

const MAX_ENTRIES = 10;
const MAX_BYTES = 256 * 1024;
/** EventBridge counts the time of an entry as 14 bytes. */
const TIME_BYTES = 14;
/** Calls for the same entries, where EventBridge takes only some of them. */
const TRIES = 3;
/** Ceiling of the first pause between them, doubled at each. */
const PAUSE_MS = 50;

export interface OutboxOptions {
  readonly tableName: string;
  /** Name of the bus. */
  readonly bus: string;
  /** What the events say of where they come from: the service's name. */
  readonly source: string;
  readonly send: SendCall;
}

type Json = Readonly<Record<string, unknown>>;
type Limited = Pick<Call, "signal" | "trace">;

interface Pending {
  readonly record: Json;
  readonly entry: Json;
  readonly bytes: number;
}

export function eventBridgeOutbox({ tableName, bus, source, send }: OutboxOptions): Outbox {
  const failed = (cause: unknown) => new DependencyError(`EventBridge bus ${bus}`, cause);

  /** The change in one record, or nothing: the stream also says what TTL removed, and which records were written. */
  function pendingOf(record: Json): Pending | undefined {
    const image = isRecord(record.dynamodb) ? record.dynamodb.NewImage : undefined;
    if (record.eventName !== "INSERT" || !isRecord(image)) return undefined;
    if (!textOf(image.pk).startsWith("event#")) return undefined;
    const [detail, type] = [textOf(image.detail), textOf(image.type)];
    const entry = {
      EventBusName: bus,
      Source: source,
      DetailType: type,
      Detail: detail,
      Time: Date.parse(textOf(image.time)) / 1000,
    };
    const bytes = TIME_BYTES + Buffer.byteLength(source + type + detail);
    return { record, entry, bytes };
  }

  /** Sends entries until EventBridge has all of them; the first one that it would not take, and why. */
  async function put(chunk: readonly Pending[], { signal, trace }: Limited) {
    let left = chunk;
    for (let tried = 1; ; tried++) {
      const input = { Entries: left.map(({ entry }) => entry) };
      const answer = await send({
        service: EVENTBRIDGE,
        operation: "PutEvents",
        input,
        signal,
        trace,
      });
      const entries: readonly unknown[] = Array.isArray(answer.Entries) ? answer.Entries : [];
      const codes = left.map((_, index) => refusalOf(entries[index]));
      const [code] = codes.filter((refusal) => refusal !== undefined);
      left = left.filter((_, index) => codes[index] !== undefined);
      const [first] = left;
      if (!first) return undefined;
      if (tried === TRIES) return { record: first.record, error: failed(new PutError(code)) };
      await sleep(Math.random() * PAUSE_MS * 2 ** (tried - 1), undefined, { signal });
    }
  }

  return {
    changesOf(input) {
      const records: unknown = isRecord(input) ? input.Records : undefined;
      const [first]: unknown[] = Array.isArray(records) ? records : [];
      if (!Array.isArray(records) || !isRecord(first) || first.eventSource !== "aws:dynamodb") {
        return undefined;
      }
      const table = textOr(first.eventSourceARN).split(":table/")[1]?.split("/")[0];
      return table === tableName ? records.filter(isRecord) : undefined;
    },

    async publish(records, call) {
      for (const chunk of chunksOf(records.flatMap((record) => pendingOf(record) ?? []))) {
        const stopped = await put(chunk, call).catch((error: unknown) => ({
          record: chunk[0]?.record ?? {},
          error: failed(error),
        }));
        if (stopped) return stopped;
      }
      return undefined;
    },
  };
}

/** EventBridge's name of why it did not take an entry. */
class PutError extends Error {
  override readonly name = "PutEventsError";
  constructor(code = "NoAnswer") {
    super(code);
  }
}

/** Nothing where an entry was taken: such a one has an id. */
function refusalOf(entry: unknown): string | undefined {
  if (!isRecord(entry)) return "NoAnswer";
  return textOr(entry.ErrorCode) || (textOr(entry.EventId) ? undefined : "NoAnswer");
}

/**
 * As many as one call takes, in order; the first one alone. A stream begins again with what was refused: were others
 * sent with it, consumers would get these at each of its tries.
 */
function chunksOf(all: readonly Pending[]): readonly (readonly Pending[])[] {
  const chunks: Pending[][] = [];
  let bytes = 0;
  for (const pending of all) {
    const last = chunks.at(-1);
    bytes += pending.bytes;
    const isOpen = chunks.length > 1 && last && last.length < MAX_ENTRIES;
    if (isOpen && bytes <= MAX_BYTES) last.push(pending);
    else {
      chunks.push([pending]);
      bytes = pending.bytes;
    }
  }
  return chunks;
}

const textOr = (value: unknown): string => (typeof value === "string" ? value : "");

/** A text of DynamoDB's. */
const textOf = (value: unknown): string => (isRecord(value) ? textOr(value.S) : "");
