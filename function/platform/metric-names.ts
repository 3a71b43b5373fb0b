/**
 * Every metric that the handler writes, and its dimensions: the one source of these names. The handler takes their
 * types, so that a name which is not here does not compile and nothing of this file is in the bundle; alarms, the
 * dashboard and releases take them from infra/observability/metrics.ts.
 * Put here: names, units, dimensions. A domain's own metrics, by `count`, are its own.
 */

/** By name. `byVersion`: also with the dimension `version`, because a canary is judged by it. */
export const HANDLER_METRICS = {
  /** 1 for an invocation in a new sandbox; never 0. */
  ColdStart: { unit: "Count" },
  /** Events that were carried out, smoke events included. */
  SuccessCount: { unit: "Count" },
  /** Events that were not: the refused and the failed together. */
  ErrorCount: { unit: "Count" },
  /** Events that were refused, which is the caller's fault. */
  RefusedCount: { unit: "Count", byVersion: true },
  /** Events that failed, which is ours; also where a response says so, which is no error to Lambda. */
  FailedCount: { unit: "Count", byVersion: true },
  /** Events that were carried out for users. */
  ProcessedEvents: { unit: "Count" },
  /** How long each of those took. */
  ProcessingDuration: { unit: "Milliseconds" },
} as const satisfies Readonly<Record<string, { unit: string; byVersion?: true }>>;

type Table = typeof HANDLER_METRICS;

export type HandlerMetric = keyof Table;

export type UnitOf<Name extends HandlerMetric> = Table[Name]["unit"];

type Those<Property> = {
  [Name in HandlerMetric]: Table[Name] extends Property ? Name : never;
}[HandlerMetric];

/** Those that count events or invocations. */
export type CountMetric = Those<{ unit: "Count" }>;

/** Those that are there by version too. */
export type VersionMetric = Those<{ byVersion: true }>;

/** The dimensions of all of them; Powertools fixes the name of the first. */
export type HandlerDimensions = Readonly<Record<"service" | "environment", string>>;

/** The further dimension of those by version. */
export type VersionDimension = "version";
