/** Every kind of event source, in a config of the tests' own, and a domain that takes them all. */
import type { Domain } from "../../function/platform/domain.ts";
import { wholeRecord, queueMessage } from "../../function/platform/sources.ts";
import { PARCELS } from "../function/support/parcels.ts";
import { TEST_REGION } from "./settings.ts";

/** The stream of somebody else's table. */
export const STREAM_ARN = `arn:aws:dynamodb:${TEST_REGION}:123456789012:table/warehouse/stream/2026-01-01T00:00:00.000`;

/** One of each kind, with every key that decides what is made. */
export const ALL_SOURCES = [
  {
    name: "orders",
    kind: "queue",
    maxConcurrency: 5,
    batchSize: 50,
    batchingWindowSeconds: 2,
    filters: [{ body: { word: ["placed"] } }],
  },
  { name: "entries", kind: "queue", fifo: true, maxReceives: 6 },
  { name: "payments", kind: "rule", bus: "shop", pattern: { source: ["shop.payments"] } },
  { name: "uploads", kind: "bucket", bucket: "acme-incoming", prefix: "in/" },
  { name: "changes", kind: "stream", table: STREAM_ARN },
  {
    name: "nightly",
    kind: "schedule",
    expression: "cron(0 3 * * ? *)",
    timeZone: "Europe/Berlin",
    event: { word: "nightly" },
  },
] as const;

/** This module, as a domain for `runProgram`. */
export const ALL_SOURCES_DOMAIN = import.meta.url;

/** Takes whatever a source hands over, and offers routes of the tests' own. */
export const createDomain = (): Domain<unknown, object> => ({
  sample: {},
  smokeEvents: [],
  sources: { sqs: queueMessage, dynamodb: wholeRecord },
  routes: PARCELS,
  parse: (input) => input,
  handle: () => Promise.resolve({}),
});
