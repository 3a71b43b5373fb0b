/**
 * An event source as config states it: what calls the function, and how. docs/growth.md describes each kind.
 *
 * Put here: the shapes, and what each implies. Reading and refusing config is in rules.ts, resources are in the file
 * of each kind.
 */

/** A pattern as EventBridge and the filters of mappings take it. */
export type Pattern = Readonly<Record<string, unknown>>;

interface Named {
  /** Part of every name: `{service}-{name}-{environment}`. */
  readonly name: string;
}

/** What every source has that reaches the function through a queue. */
export interface Queued extends Named {
  /** Most messages of one invocation. */
  readonly batchSize: number;
  /** How long Lambda gathers a batch, in seconds. */
  readonly batchingWindowSeconds: number;
  /** Most invocations of this source at a time; without it, up to 1,250. */
  readonly maxConcurrency?: number;
  /** Times that a message is received before it becomes a dead letter. */
  readonly maxReceives: number;
  /** Messages that match none of these are deleted unseen. Empty: all are taken. */
  readonly filters: readonly Pattern[];
}

/** A queue that others send to. */
export interface QueueSource extends Queued {
  readonly kind: "queue";
  readonly fifo: boolean;
  /** FIFO: the queue drops a message whose body it had in the last five minutes. Else its sender names an id. */
  readonly deduplicateByContent: boolean;
}

/** Events of a bus that match a pattern. */
export interface RuleSource extends Queued {
  readonly kind: "rule";
  /** Name of the bus, in this account and region. */
  readonly bus: string;
  readonly pattern: Pattern;
}

/** Objects of a bucket, by the events that S3 sends to EventBridge. */
export interface BucketSource extends Queued {
  readonly kind: "bucket";
  readonly bucket: string;
  /** Objects whose key begins so. Empty: all. */
  readonly prefix: string;
  /** What happened, in EventBridge's words: `Object Created`. */
  readonly events: readonly string[];
}

/** Changes of a DynamoDB table, in their order. */
export interface StreamSource extends Named {
  readonly kind: "stream";
  /** Name of an own table, without service and environment, or the ARN of a table's stream. */
  readonly table: string;
  readonly batchSize: number;
  readonly batchingWindowSeconds: number;
  /** Batches of one shard at a time; records of one key stay in order. */
  readonly parallelization: number;
  /** Tries of a batch after the first, before it becomes a dead letter. */
  readonly maxRetries: number;
  /** Records older than this become dead letters, in seconds. */
  readonly maxRecordAgeSeconds: number;
  readonly startingPosition: "TRIM_HORIZON" | "LATEST";
  readonly filters: readonly Pattern[];
}

/** The clock. */
export interface ScheduleSource extends Named {
  readonly kind: "schedule";
  /** `rate(…)` or `cron(…)`. */
  readonly expression: string;
  /** IANA's name, for example `Europe/Berlin`. */
  readonly timeZone: string;
  /** What the function is invoked with. */
  readonly event: Readonly<Record<string, unknown>>;
}

export type QueuedSource = QueueSource | RuleSource | BucketSource;
export type Source = QueuedSource | StreamSource | ScheduleSource;
export type Kind = Source["kind"];

export const isQueued = (source: Source): source is QueuedSource =>
  source.kind === "queue" || source.kind === "rule" || source.kind === "bucket";

export const isFifo = (source: Source): boolean => source.kind === "queue" && source.fifo;

/** Events reach the queue by a rule of EventBridge. */
export const isByRule = (source: Source): source is RuleSource | BucketSource =>
  source.kind === "rule" || source.kind === "bucket";

/** What a domain names in its `sources` to be handed such events: see function/platform/source.ts. */
export const recordSource = (kind: Kind): "sqs" | "dynamodb" | undefined =>
  kind === "schedule" ? undefined : kind === "stream" ? "dynamodb" : "sqs";

/** The pattern of a rule that feeds a queue. */
export const rulePattern = (source: RuleSource | BucketSource): Pattern =>
  source.kind === "rule"
    ? source.pattern
    : {
        source: ["aws.s3"],
        "detail-type": source.events,
        detail: {
          bucket: { name: [source.bucket] },
          ...(source.prefix && { object: { key: [{ prefix: source.prefix }] } }),
        },
      };

/** The bus that a rule listens to; S3 sends to the default one. */
export const busOf = (source: RuleSource | BucketSource): string =>
  source.kind === "rule" ? source.bus : "default";

/** Minimum that AWS asks of a queue which feeds a function: six times the function's timeout, and the window. */
const VISIBILITY_TIMEOUTS = 6;

/**
 * How long a received message stays hidden (Lambda developer guide, "Creating and configuring an Amazon SQS event
 * source mapping"): with less, a slow batch is worked on twice.
 */
export const visibilitySeconds = (
  { batchingWindowSeconds }: Pick<Queued, "batchingWindowSeconds">,
  timeoutSeconds: number,
): number => VISIBILITY_TIMEOUTS * timeoutSeconds + batchingWindowSeconds;

const DAY_SECONDS = 86_400;
/** SQS's own default. */
const MOST_RETENTION_SECONDS = 4 * DAY_SECONDS;

/**
 * How long a message waits in the source's queue. Half as long as a dead letter at most: a standard queue's dead
 * letters keep the age that they had (SQS developer guide, "Using dead-letter queues").
 */
export const retentionSeconds = (deadLetterRetentionDays: number): number =>
  Math.min(MOST_RETENTION_SECONDS, (deadLetterRetentionDays * DAY_SECONDS) / 2);
