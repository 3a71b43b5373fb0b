/** What one local invocation did, taken apart and made readable. Pure: text and data in, text and data out. */
import type { SandboxOutcome } from "local-aws/lambda/sandbox.ts";
import type { TraceDocument } from "local-aws/lambda/xray-daemon.ts";

/** What was seen from outside the function. */
export interface Observed {
  /** What ran it, for example `AWS's runtime client, Node v22.23.2`. */
  readonly runBy: string;
  readonly outcome: SandboxOutcome;
  readonly initMs: number;
  readonly residentMb: number | undefined;
  readonly lines: readonly string[];
  readonly documents: readonly TraceDocument[];
}

export interface Metric {
  readonly name: string;
  readonly value: unknown;
  readonly unit: string;
}

export interface Report extends Omit<Observed, "lines" | "documents" | "outcome"> {
  readonly outcome: "response" | "error" | "exit";
  readonly durationMs: number | undefined;
  /** The function's answer, the error that its caller gets, or why the process ended. */
  readonly result: unknown;
  readonly logs: readonly unknown[];
  readonly metrics: readonly Metric[];
  /** Namespace and dimensions of the metrics. */
  readonly dimensions: Readonly<Record<string, unknown>>;
  readonly traces: readonly TraceDocument[];
}

type Json = Readonly<Record<string, unknown>>;

interface EmfLine extends Json {
  readonly _aws: {
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string; readonly Unit?: string }[];
    }[];
  };
}

/** JSON where the text is some, else the text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const isJson = (value: unknown): value is Json => typeof value === "object" && value !== null;
const isEmf = (value: unknown): value is EmfLine => isJson(value) && "_aws" in value;

/** Takes apart what was observed. */
export function report({ outcome, lines, documents, ...observed }: Observed): Report {
  const all = lines.map(parsed);
  const emf = all.filter(isEmf);
  const directives = emf.flatMap((line) =>
    line._aws.CloudWatchMetrics.map((directive) => ({ line, directive })),
  );
  return {
    ...observed,
    outcome: outcome.kind,
    durationMs: outcome.kind === "exit" ? undefined : outcome.durationMs,
    result: outcome.kind === "exit" ? outcome.reason : withParsedBody(parsed(outcome.body)),
    logs: all.filter((line) => !isEmf(line)),
    metrics: directives.flatMap(({ line, directive }) =>
      directive.Metrics.map(({ Name, Unit = "None" }) => ({
        name: Name,
        value: line[Name],
        unit: Unit,
      })),
    ),
    dimensions: Object.fromEntries(
      directives.flatMap(({ line, directive }) => [
        ["namespace", directive.Namespace],
        ...directive.Dimensions.flat().map((name) => [name, line[name]]),
      ]),
    ),
    traces: documents,
  };
}

/** An HTTP response's body is JSON in a string: shown as what it is. */
const withParsedBody = (result: unknown): unknown =>
  isJson(result) && typeof result["body"] === "string"
    ? { ...result, body: parsed(result["body"]) }
    : result;

/** The report as text, one part after the other. */
export function renderReport(report: Report): string {
  return [
    section(headline(report), [JSON.stringify(report.result, undefined, 2)]),
    section("Log", report.logs.map(logLine)),
    section(
      ["Metrics", ...Object.entries(report.dimensions).map(([k, v]) => `${k}=${String(v)}`)].join(
        " ",
      ),
      report.metrics.map(({ name, value, unit }) => `${name} ${rounded(value)} ${unit}`),
    ),
    section(
      "Trace",
      report.traces.flatMap((document) => traceLines(document, "")),
    ),
    `Run by ${report.runBy}: init ${rounded(report.initMs)} ms${
      report.residentMb === undefined ? "" : `, ${rounded(report.residentMb)} MB resident`
    }`,
  ].join("\n\n");
}

function headline({ outcome, durationMs = 0, result }: Report): string {
  const status = isJson(result) && "statusCode" in result ? ` ${String(result["statusCode"])}` : "";
  const titles = {
    response: `Response${status} in ${rounded(durationMs)} ms`,
    error: `Failed invocation in ${rounded(durationMs)} ms: Lambda counts an error, retries and dead-letters it`,
    exit: "The process ended: Lambda counts an error, retries and dead-letters it",
  };
  return titles[outcome];
}

const section = (title: string, lines: readonly string[]): string =>
  [
    title,
    ...(lines.length > 0 ? lines : ["nothing"]).map((line) => `  ${line.replaceAll("\n", "\n  ")}`),
  ].join("\n");

/** What every line has and nobody reads here. */
const USUAL = new Set([
  "level",
  "message",
  "timestamp",
  "service",
  "sampling_rate",
  "xray_trace_id",
]);

function logLine(line: unknown): string {
  if (!isJson(line)) return String(line);
  const { level = "", message = "" } = line;
  const reported = Object.entries(line).filter(
    ([key]) => !USUAL.has(key) && !key.startsWith("function_"),
  );
  const stacks = reported.flatMap(([, value]) => stacksOf(value));
  const rest = reported
    .filter(([, value]) => stacksOf(value).length === 0)
    .map(([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  return [
    String(level).padEnd(5),
    typeof message === "string" ? message : JSON.stringify(message),
    ...rest,
    ...stacks.map((stack) => `\n  ${stack.replaceAll("\n", "\n  ")}`),
  ].join(" ");
}

/** The stack of a logged error, and those of its causes. */
function stacksOf(value: unknown): string[] {
  if (!isJson(value) || typeof value["stack"] !== "string") return [];
  return [value["stack"], ...stacksOf(value["cause"]).map((stack) => `caused by ${stack}`)];
}

function traceLines(document: TraceDocument, indent: string): string[] {
  const { name, start_time, end_time, annotations = {}, fault, error, cause } = document;
  const took = end_time === undefined ? "open" : `${rounded((end_time - start_time) * 1000)} ms`;
  const records = Object.entries(annotations).map(([key, value]) => `${key}=${value}`);
  const reasons = cause?.exceptions.map(({ type, message }) => `${type}: ${message}`) ?? [];
  const whose = fault ? ["fault"] : error ? ["error"] : [];
  return [
    [indent + name, took, ...records, ...whose, ...reasons].join(" "),
    ...(document.subsegments ?? []).flatMap((child) => traceLines(child, `${indent}  `)),
  ];
}

/** Three significant digits, without an exponent. */
const rounded = (value: unknown): string =>
  typeof value === "number" ? String(Number(value.toPrecision(3))) : JSON.stringify(value);
