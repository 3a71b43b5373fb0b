/**
 * Publishes the table's changes on a bus: the table's own stream hands their events over. docs/handler.md#changes.
 * Put here: EventBridge's shapes and limits ("Amazon EventBridge quotas", "Calculating Amazon EventBridge event size").
 */
import type { SendCall, Service } from "../platform/aws/call.ts";
import type { TableCall } from "../platform/table.ts";
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
