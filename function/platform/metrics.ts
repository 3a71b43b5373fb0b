/**
 * Metrics as log lines in CloudWatch's embedded metric format, one line an invocation: Powertools' Metrics, with
 * lines that are written here.
 * Put here: which metrics are there by version too. Documented under "Embedded metric format specification".
 */
import { Metrics as Powertools } from "@aws-lambda-powertools/metrics";
import { printThrough, type Write } from "./sink.ts";
import type {
  HandlerDimensions,
  HandlerMetric,
  UnitOf,
  VersionDimension,
  VersionMetric,
} from "./metric-names.ts";

export type Unit = "Count" | "Milliseconds" | "Seconds" | "Bytes" | "Percent" | "None";

/** The name of a domain's own metric, once it is checked. */
export type DomainMetric = string & { readonly checked: true };

/** The part of Powertools' Metrics that the flow uses. */
export interface Metrics {
  addMetric<Name extends HandlerMetric>(name: Name, unit: UnitOf<Name>, value: number): unknown;
  addMetric(name: DomainMetric, unit: Unit, value: number): unknown;
  addMetadata(key: string, value: string): unknown;
  publishStoredMetrics(): unknown;
}

export interface MetricsOptions {
  readonly namespace: string;
  /** For every metric. They stay bounded: each further value is a metric of its own on the bill. */
  readonly dimensions: HandlerDimensions;
  /** The function's version, for the metrics that judge one. */
  readonly version: string;
  readonly write: Write;
}

/** They say whether a version works, so they are there by version too: of these two, and only when they are not 0. */
const BY_VERSION: readonly string[] = [
  "FailedCount",
  "RefusedCount",
] satisfies readonly VersionMetric[];

/** What a line has beside metrics, so that no metric may be called so. */
const RESERVED = /^(_aws|service|environment|version|correlation_id|outcome)$/;

/** Whether CloudWatch takes it: a name of 1 to 255 printable ASCII characters, a number that it can store. */
export const isMetric = (name: string, value: number): name is DomainMetric =>
  /^[ -~]{1,255}$/.test(name) && !RESERVED.test(name) && Math.abs(value) <= 2 ** 360;

export function emfMetrics({ namespace, dimensions, version, write }: MetricsOptions): Metrics {
  const { service, ...defaultDimensions } = dimensions;

  class LineMetrics extends Powertools {
    override publishStoredMetrics(): this {
      if (this.hasStoredMetrics()) write(JSON.stringify(this.#byVersion()));
      this.clearMetrics();
      this.clearDimensions();
      this.clearMetadata();
      return this;
    }

    /** A second set of dimensions for those that judge a version; Powertools has one for all. */
    #byVersion(): object {
      const line = this.serializeMetrics();
      const [all] = line._aws.CloudWatchMetrics;
      if (all === undefined) return line;
      const judged = all.Metrics.filter(({ Name }) => BY_VERSION.includes(Name));
      if (judged.length === 0) return line;
      const sets = all.Dimensions.map((set) => [...set, "version" satisfies VersionDimension]);
      const second = { ...all, Dimensions: sets, Metrics: judged };
      return { ...line, _aws: { ...line._aws, CloudWatchMetrics: [all, second] }, version };
    }
  }

  printThrough(LineMetrics, write);
  return new LineMetrics({ namespace, serviceName: service, defaultDimensions });
}
