/**
 * Batches of queues and streams: which records have to be sent again.
 * Put here: AWS's rules of partial failures. Documented under "Handling errors for an SQS event source" and
 * "Configuring partial batch response with Kinesis Data Streams" (DynamoDB streams alike).
 */
import { RefusedError } from "./errors.ts";
import type { BatchResponse } from "./response.ts";
import { isRecord } from "./structure.ts";

type Json = Readonly<Record<string, unknown>>;

/**
 * Carries the records out in their order, one at a time. Throws the error of the first that fails, so that
 * all come again, when the mapping does not ask for partial failures and for other sources; and where none
 * succeeded and we failed at one, because only a failed invocation is an error to Lambda. Refused records alone
 * are none: a message that nobody can read would send back every release that it meets.
 */
export async function runBatch(
  records: readonly Json[],
  isPartial: boolean,
  run: (record: Json, id: string | undefined) => Promise<unknown>,
): Promise<BatchResponse> {
  const failed: string[] = [];
  const blocked = new Set<string>();
  let first: unknown;
  for (const record of records) {
    const { id, group, isStream } = identify(record);
    // A later message of a group must not overtake one that failed; what is not reported would be deleted.
    if (id !== undefined && group !== undefined && blocked.has(group)) {
      failed.push(id);
      continue;
    }
    try {
      await run(record, id);
    } catch (error) {
      // A stream's batch whose first record fails is halved by Lambda when it fails as a whole, and not when it is
      // reported: that is how the bad record is found, and the good ones behind it are not given up with it.
      if (!isPartial || !id || (isStream && record === records[0])) throw error;
      if (!(error instanceof RefusedError)) first ??= error;
      failed.push(id);
      // A stream is sent again from the record that is reported on: more work would be done twice.
      if (isStream) break;
      if (group !== undefined) blocked.add(group);
    }
  }
  if (failed.length === records.length && first !== undefined) throw first;
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}

/** What AWS calls a record by. Standard queues may have groups too, but keep no order in them. */
function identify(record: Json): { id?: string; group?: string; isStream: boolean } {
  const stream = record.kinesis ?? record.dynamodb;
  if (isRecord(stream)) {
    const { sequenceNumber, SequenceNumber = sequenceNumber } = stream;
    return { ...(typeof SequenceNumber === "string" && { id: SequenceNumber }), isStream: true };
  }
  const { messageId, eventSourceARN, attributes } = record;
  const isFifo = typeof eventSourceARN === "string" && eventSourceARN.endsWith(".fifo");
  const group = isFifo && isRecord(attributes) ? attributes.MessageGroupId : undefined;
  return {
    ...(typeof messageId === "string" && { id: messageId }),
    ...(isFifo && { group: typeof group === "string" ? group : "" }),
    isStream: false,
  };
}
