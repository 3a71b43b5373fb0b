/**
 * Where an event comes from, by keys that only AWS's own services set.
 * Put here: how to tell one source from another. What each of them needs of the answer stands in request.ts.
 *
 * The order matters, and some keys mislead: REST events have no `version`, SNS writes `EventSource`, and S3
 * tests a notification with an event that has no `Records`.
 */
import { isRecord } from "./structure.ts";

/** `http`, `direct`, `eventbridge`, or what AWS calls it: `sqs`, `sns`, `s3`, `dynamodb`, `kinesis`, `kafka` … */
export function sourceOf(event: unknown): string {
  if (!isRecord(event)) return "direct";
  if ("Records" in event) return recordSource(event.Records);
  const { requestContext: context } = event;
  if (isRecord(context)) {
    // Payload format 2.0 (HTTP APIs, function URLs); 1.0 (REST APIs) and load balancers.
    if (isRecord(context.http) || typeof event.httpMethod === "string") return "http";
    if (typeof context.connectionId === "string") return "websocket";
    if (typeof context.functionArn === "string") return "destination";
  }
  if (typeof event["detail-type"] === "string" && typeof event.source === "string") {
    return "eventbridge";
  }
  if (event.Event === "s3:TestEvent") return "s3";
  if ("awslogs" in event) return "logs";
  return named(event.eventSource) ?? "direct";
}

/** A payload of one's own with `Records` is nobody's batch: it is not guessed at. */
function recordSource(records: unknown): string {
  const first: unknown = Array.isArray(records) ? records[0] : undefined;
  return (isRecord(first) && named(first.eventSource ?? first.EventSource)) || "records";
}

const named = (text: unknown): string | undefined =>
  typeof text === "string" ? /^aws:([a-z\d-]{2,20})$/i.exec(text)?.[1]?.toLowerCase() : undefined;
