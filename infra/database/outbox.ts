/**
 * How changes leave the table: the handler writes an event beside each record, in one transaction, and the table's
 * stream hands these events to the function, which publishes them. So nothing is published that was not kept, and
 * nothing kept that is not published. Pure.
 */
import type { Source, StreamSource } from "../sources/source.ts";
import { changesBus, type DatabaseSettings } from "./settings.ts";

/** The source's name, as commands and alarms know it; no other source may have it while changes are published. */
export const OUTBOX_NAME = "outbox";

/** The table as sources name it: the part of its name between service and environment. */
export const OUTBOX_TABLE = "table";

/** What the keys of these events begin with; records and what makes events count once begin otherwise. */
const EVENT_PREFIX = "event#";

const OUTBOX: StreamSource = {
  kind: "stream",
  name: OUTBOX_NAME,
  table: OUTBOX_TABLE,
  batchSize: 100,
  batchingWindowSeconds: 0,
  parallelization: 1,
  // A bus that is away for minutes must not turn every change into a dead letter: this many tries outlast it.
  maxRetries: 50,
  maxRecordAgeSeconds: 43_200,
  startingPosition: "TRIM_HORIZON",
  // An event is written once: what TTL removes later is no news.
  filters: [
    { eventName: ["INSERT"], dynamodb: { Keys: { pk: { S: [{ prefix: EVENT_PREFIX }] } } } },
  ],
};

export const isOutbox = (source: Source): boolean => source === OUTBOX;

/** The source that publishes changes; none where config says so. */
export const outboxSources = (settings: Partial<DatabaseSettings>): readonly Source[] =>
  changesBus(settings) === undefined ? [] : [OUTBOX];
