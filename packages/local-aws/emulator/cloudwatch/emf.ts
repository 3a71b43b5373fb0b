/**
 * Metrics that stand in log lines, as CloudWatch Logs takes them out (CloudWatch user guide, "Embedded metric format
 * specification"; AWS publishes its schema). Pure.
 */
import type { Dimensions } from "./metrics.ts";

/** One value of one metric under one set of dimensions. */
export interface EmfValue {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Dimensions;
  readonly unit: string;
  readonly atMs: number;
  readonly value: number;
}

/**
 * What a line holds. A line that is no metrics at all has neither values nor a fault. `fault` is what AWS/Logs counts
 * it as: `EMFParsingErrors` when it is metrics in a wrong form, `EMFValidationErrors` when CloudWatch cannot take what
 * it says (CloudWatch Logs user guide, "Monitoring with CloudWatch metrics"). Nothing is taken of such a line: AWS does
 * not say how much of it counts.
 */
export interface EmfReading {
  readonly values: readonly EmfValue[];
  readonly fault?: EmfFault;
}

export type EmfFault = "EMFParsingErrors" | "EMFValidationErrors";

const NOTHING: EmfReading = { values: [] };

// Limits of the specification, and of MetricDatum (CloudWatch API reference).
const MOST_DIMENSIONS = 30;
const MOST_METRICS = 100;
const MOST_VALUES = 100;
const MOST_VALUE_CHARACTERS = 1024;
const MOST_NAME_CHARACTERS = 255;
const LARGEST_VALUE = 2 ** 360;
/** CloudWatch Logs quotas, "Event size". */
const MOST_BYTES = 1_048_576;
/** PutMetricData: up to two weeks in the past and two hours in the future. */
const OLDEST_MS = 14 * 86_400_000;
const NEWEST_MS = 2 * 3_600_000;

const UNITS = new Set(
  [
    "Seconds Microseconds Milliseconds Percent Count Count/Second None",
    ...["Bytes", "Bits"].map((of) =>
      ["", "Kilo", "Mega", "Giga", "Tera"]
        .map((size) => (size === "" ? of : `${size}${of.toLowerCase()}`))
        .flatMap((unit) => [unit, `${unit}/Second`])
        .join(" "),
    ),
  ].flatMap((units) => units.split(" ")),
);

/** Reads one line that was ingested at this time. */
export function readEmf(message: string, ingestedMs: number): EmfReading {
  const root = parsed(message);
  const meta = root?.["_aws"];
  // Whatever does not name CloudWatchMetrics is a line like any other.
  if (root === undefined || !isObject(meta) || !("CloudWatchMetrics" in meta)) return NOTHING;
  const directives = directivesOf(meta);
  const atMs = meta["Timestamp"];
  if (directives === undefined || typeof atMs !== "number" || !Number.isInteger(atMs)) {
    return { values: [], fault: "EMFParsingErrors" };
  }
  const isTaken =
    Buffer.byteLength(message) <= MOST_BYTES &&
    atMs >= ingestedMs - OLDEST_MS &&
    atMs <= ingestedMs + NEWEST_MS &&
    directives.every((directive) => isValid(directive, root));
  if (!isTaken) return { values: [], fault: "EMFValidationErrors" };
  return { values: directives.flatMap((directive) => valuesOf(directive, root, atMs)) };
}

type Json = Readonly<Record<string, unknown>>;

interface Directive {
  readonly Namespace: string;
  readonly Dimensions: readonly (readonly string[])[];
  readonly Metrics: readonly { readonly Name: string; readonly Unit?: string }[];
}

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isText = (value: unknown): value is string => typeof value === "string";

/** The object that a line is; nothing may stand before or after it. */
function parsed(message: string): Json | undefined {
  if (!message.startsWith("{") || !message.includes('"_aws"')) return undefined;
  try {
    const root: unknown = JSON.parse(message);
    return isObject(root) ? root : undefined;
  } catch {
    return undefined;
  }
}

/** The directives, or nothing where one has not the form that the schema asks for. */
function directivesOf({ CloudWatchMetrics: all }: Json): readonly Directive[] | undefined {
  return Array.isArray(all) && all.every(isDirective) ? all : undefined;
}

const isDirective = (value: unknown): value is Directive => {
  if (!isObject(value)) return false;
  const { Namespace, Dimensions, Metrics } = value;
  return (
    isText(Namespace) &&
    Array.isArray(Dimensions) &&
    Dimensions.length > 0 &&
    Dimensions.every((set) => Array.isArray(set) && set.every(isText)) &&
    Array.isArray(Metrics) &&
    Metrics.every((metric) => isObject(metric) && isText(metric["Name"]))
  );
};

const within = (text: string, most: number): boolean => text.length > 0 && text.length <= most;

/** Whether every reference leads to a member of the root that CloudWatch can store. */
const isValid = ({ Namespace, Dimensions, Metrics }: Directive, root: Json): boolean =>
  within(Namespace.trim(), MOST_NAME_CHARACTERS) &&
  Metrics.length <= MOST_METRICS &&
  Dimensions.every(
    (set) =>
      set.length <= MOST_DIMENSIONS &&
      set.every((name) => {
        const value = root[name];
        return isText(value) && within(value, MOST_VALUE_CHARACTERS);
      }),
  ) &&
  Metrics.every(({ Name, Unit = "None" }) => {
    const values = numbersOf(root[Name]);
    return (
      within(Name, MOST_NAME_CHARACTERS) &&
      UNITS.has(Unit) &&
      values.length <= MOST_VALUES &&
      values.every((value) => typeof value === "number" && Math.abs(value) <= LARGEST_VALUE)
    );
  });

/** A metric's value, or its values: an array counts as one data point each. */
const numbersOf = (target: unknown): readonly unknown[] =>
  Array.isArray(target) ? target : [target];

const valuesOf = (
  { Namespace: namespace, Dimensions, Metrics }: Directive,
  root: Json,
  atMs: number,
): EmfValue[] =>
  Dimensions.flatMap((set) => {
    const dimensions = Object.fromEntries(set.map((name) => [name, String(root[name])]));
    return Metrics.flatMap(({ Name: metricName, Unit: unit = "None" }) =>
      numbersOf(root[metricName]).map((value) => ({
        namespace,
        metricName,
        dimensions,
        unit,
        atMs,
        value: Number(value),
      })),
    );
  });
