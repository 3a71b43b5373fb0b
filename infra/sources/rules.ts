/**
 * Reads the config key `sources`: a list of mappings, one a source. Every fault is reported at once, each with the
 * source, the key, the value, the rule and the remedy. Pure.
 */
import { isTimeZone } from "../options/schedule.ts";
import { Reader } from "../settings/reader.ts";
import { Refusal, type Rule, structured } from "../settings/rules.ts";
import { rulePatternFault, filterFault } from "./pattern.ts";
import { expressionFault } from "./schedule-expression.ts";
import type { Kind, Pattern, Source } from "./source.ts";

/** Part of names: what every resource of the template may be named by. */
const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
/** Names that would be those of the function's own dead letters, or of another source's. */
const TAKEN = /^(?:dlq(?:-.*)?|function|all)$/;

const QUEUED_KEYS = [
  "batchSize",
  "batchingWindowSeconds",
  "maxConcurrency",
  "maxReceives",
  "filters",
] as const;

/** Every key of each kind, as messages list them. */
const KEYS: Readonly<Record<Kind, readonly string[]>> = {
  queue: ["name", "kind", "fifo", "deduplicateByContent", ...QUEUED_KEYS],
  rule: ["name", "kind", "bus", "pattern", ...QUEUED_KEYS],
  bucket: ["name", "kind", "bucket", "prefix", "events", ...QUEUED_KEYS],
  stream: [
    "name",
    "kind",
    "table",
    "batchSize",
    "batchingWindowSeconds",
    "parallelization",
    "maxRetries",
    "maxRecordAgeSeconds",
    "startingPosition",
    "filters",
  ],
  schedule: ["name", "kind", "expression", "timeZone", "event"],
};
const KINDS = Object.keys(KEYS) as readonly Kind[];

/** Most filters of a mapping (Lambda quotas; five by default, ten on request). */
const MOST_FILTERS = 5;

function filters(reader: Reader, records: "queue" | "stream"): readonly Pattern[] {
  const value = reader.take("filters") ?? [];
  if (!Array.isArray(value) || value.length > MOST_FILTERS) {
    reader.refuse("filters", value, `must be a list of at most ${MOST_FILTERS} patterns`);
    return [];
  }
  return value.flatMap((one: unknown, index) => {
    const pattern = reader.pattern(`filters[${index}]`, one);
    if (!pattern) return [];
    const fault = filterFault(pattern, records);
    if (fault !== undefined) reader.refuse(`filters[${index}]`, pattern, fault);
    return [pattern];
  });
}

/** SQS developer guide and Lambda API reference, CreateEventSourceMapping. */
const QUEUE_BATCH = { standard: 10_000, fifo: 10 } as const;
const MOST_WINDOW_SECONDS = 300;
/** From more than this on, Lambda asks for a window of a second or more. */
const BATCH_WITHOUT_WINDOW = 10;
const CONCURRENCY = { least: 2, most: 1_000 } as const;
/** AWS advises five or more, so that a throttled function makes no dead letters (same page as the visibility). */
const RECEIVES = { least: 5, most: 1_000, standard: 5 } as const;

function queued(reader: Reader, fifo: boolean) {
  const most = fifo ? QUEUE_BATCH.fifo : QUEUE_BATCH.standard;
  const batchSize = reader.number("batchSize", 1, most, 10, "messages");
  const window = reader.number("batchingWindowSeconds", 0, MOST_WINDOW_SECONDS, 0, "seconds");
  if (fifo && window > 0) {
    reader.refuse(
      "batchingWindowSeconds",
      window,
      "a FIFO queue has no batching window",
      "remove it, or use a standard queue",
    );
  } else if (batchSize > BATCH_WITHOUT_WINDOW && window === 0) {
    reader.refuse(
      "batchSize",
      batchSize,
      `above ${BATCH_WITHOUT_WINDOW} needs batchingWindowSeconds of 1 or more`,
      "set it, or lower the batch size",
    );
  }
  const { least, most: mostAtOnce } = CONCURRENCY;
  const maxConcurrency = reader.optionalNumber("maxConcurrency", least, mostAtOnce, "invocations");
  return {
    batchSize,
    batchingWindowSeconds: window,
    ...(maxConcurrency !== undefined && { maxConcurrency }),
    maxReceives: reader.number(
      "maxReceives",
      RECEIVES.least,
      RECEIVES.most,
      RECEIVES.standard,
      "times",
    ),
    filters: filters(reader, "queue"),
  };
}

/** EventBridge API reference, CreateEventBus; the name alone, for a rule is made in the bus's own account. */
const BUS = /^[\w.-]{1,256}$/;
/** S3 User Guide, "General purpose bucket naming rules". */
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const TABLE =
  /^(?:[a-z][a-z0-9]*(?:-[a-z0-9]+)*|arn:aws[a-z-]*:dynamodb:[a-z0-9-]+:\d{12}:table\/[\w.-]+\/stream\/[\d:T.-]+)$/;

/** How each kind is read. */
const READERS: {
  readonly [K in Kind]: (reader: Reader, name: string) => Source & { kind: K };
} = {
  queue: (reader, name) => {
    const fifo = reader.flag("fifo");
    const deduplicateByContent = reader.flag("deduplicateByContent");
    if (deduplicateByContent && !fifo) {
      reader.refuse(
        "deduplicateByContent",
        true,
        "only FIFO queues drop duplicates",
        "remove it, or set fifo: true",
      );
    }
    return { kind: "queue", name, fifo, deduplicateByContent, ...queued(reader, fifo) };
  },
  rule: (reader, name) => {
    const bus = reader.text("bus", BUS, "must be the name of a bus of this account", "default");
    const given = reader.take("pattern");
    const pattern = reader.pattern("pattern", given) ?? {};
    const fault =
      Object.keys(pattern).length === 0 && given === undefined
        ? undefined
        : rulePatternFault(pattern);
    if (fault !== undefined) reader.refuse("pattern", given, fault);
    return { kind: "rule", name, bus, pattern, ...queued(reader, false) };
  },
  bucket: (reader, name) => {
    const events = reader.take("events") ?? ["Object Created"];
    const listed = Array.isArray(events) && events.every((event) => S3_EVENTS.includes(event));
    if (!listed || events.length === 0) {
      reader.refuse("events", events, `must be a list of ${S3_EVENTS.join(", ")}`);
    }
    return {
      kind: "bucket",
      name,
      bucket: reader.text("bucket", BUCKET, "must be the name of a bucket of this account"),
      prefix: reader.text("prefix", /^.{0,1024}$/, "must be what keys begin with", ""),
      events: listed ? (events as string[]) : [],
      ...queued(reader, false),
    };
  },
  stream: (reader, name) => ({
    kind: "stream",
    name,
    table: reader.text(
      "table",
      TABLE,
      "must be the name of an own table without service and environment, or the ARN of a table's stream",
    ),
    batchSize: reader.number("batchSize", 1, 10_000, 100, "records"),
    batchingWindowSeconds: reader.number(
      "batchingWindowSeconds",
      0,
      MOST_WINDOW_SECONDS,
      0,
      "seconds",
    ),
    parallelization: reader.number("parallelization", 1, 10, 1, "batches"),
    maxRetries: reader.number("maxRetries", 0, 10_000, 5, "times"),
    maxRecordAgeSeconds: reader.number("maxRecordAgeSeconds", 60, 86_400, 43_200, "seconds"),
    startingPosition: reader.text(
      "startingPosition",
      /^(?:TRIM_HORIZON|LATEST)$/,
      "must be TRIM_HORIZON (all that the stream still holds) or LATEST (what comes from now on)",
      "TRIM_HORIZON",
    ) as "TRIM_HORIZON",
    filters: filters(reader, "stream"),
  }),
  schedule: (reader, name) => {
    const given = reader.text("timeZone", /^\S+$/, "must be an IANA time zone", "UTC");
    const timeZone = isTimeZone(given) ? given : "UTC";
    if (given !== "" && given !== timeZone) {
      reader.refuse("timeZone", given, "must be an IANA time zone such as Europe/Berlin");
    }
    const expression = reader.take("expression");
    const fault = expressionFault(typeof expression === "string" ? expression : "", timeZone);
    if (fault !== undefined) reader.refuse("expression", expression, fault);
    const event = reader.pattern("event", reader.take("event")) ?? {};
    return { kind: "schedule", name, expression: String(expression), timeZone, event };
  },
};

/** S3 User Guide, "Using EventBridge": the names of its events. */
const S3_EVENTS: readonly unknown[] = [
  "Object Created",
  "Object Deleted",
  "Object Restore Initiated",
  "Object Restore Completed",
  "Object Restore Expired",
  "Object Storage Class Changed",
  "Object Access Tier Changed",
  "Object ACL Updated",
  "Object Tags Added",
  "Object Tags Deleted",
];

/** Reads the list. */
export function readSources(value: unknown): readonly Source[] | Refusal {
  if (!Array.isArray(value)) return new Refusal(LIST);
  const faults: string[] = [];
  const names = new Set<string>();
  const sources = value.flatMap((one: unknown, index) => {
    const { source, found } = readSource(one, index);
    faults.push(...found);
    if (source === undefined) return [];
    if (source.name !== "" && names.has(source.name)) {
      faults.push(
        `sources[${index}] name: ${JSON.stringify(source.name)}; is another source's already; name it otherwise`,
      );
    }
    names.add(source.name);
    return [source];
  });
  return faults.length > 0 ? new Refusal(LIST, faults) : Object.freeze(sources);
}

function readSource(one: unknown, index: number): { source?: Source; found: readonly string[] } {
  if (typeof one !== "object" || one === null || Array.isArray(one)) {
    return {
      found: [
        `sources[${index}]: ${JSON.stringify(one)}; must be a mapping with name and kind; correct it`,
      ],
    };
  }
  const { name, kind } = one as { readonly name?: unknown; readonly kind?: unknown };
  const where = typeof name === "string" ? `sources "${name}"` : `sources[${index}]`;
  const reader = new Reader(where, one as Readonly<Record<string, unknown>>);
  const known = KINDS.find((candidate) => candidate === kind);
  if (known === undefined) {
    reader.refuse("kind", kind, `must be one of ${KINDS.join(", ")}`);
    return { found: reader.faults };
  }
  reader.take("kind");
  const read = reader.text(
    "name",
    NAME,
    "must begin with a letter and hold only a-z, 0-9 and single hyphens",
  );
  if (TAKEN.test(read)) {
    reader.refuse(
      "name",
      read,
      "must not be dlq, function, all or begin with dlq-",
      "name it otherwise",
    );
  }
  const source = READERS[known](reader, read);
  reader.end(KEYS[known]);
  return { source, found: reader.faults };
}

const LIST = "must be a list of mappings, one a source: docs/growth.md";

/** The rule of the config key `sources`. */
export const sourcesRule: Rule<readonly Source[]> = structured(LIST, (value) =>
  value === undefined ? [] : readSources(value),
);
