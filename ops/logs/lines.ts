/** Log lines as people read them. Pure: text in, text out. */

/** Severities, least first, as the handler's logger and Lambda write them. */
export const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "CRITICAL", "FATAL"] as const;
export type Level = (typeof LEVELS)[number];

export interface LogLine {
  /** Milliseconds since 1970. */
  readonly timeMs: number;
  /** `metrics`: a line that CloudWatch makes metrics of. `platform`: Lambda's own. */
  readonly kind: "log" | "metrics" | "platform";
  readonly level: Level;
  readonly message: string;
  /** What else the line holds. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The same for every line of a function, so that it only takes room. */
const EVERYWHERE = new Set([
  "level",
  "message",
  "timestamp",
  "service",
  "sampling_rate",
  "function_arn",
  "function_memory_size",
  "function_name",
]);

/** Lambda's own lines where its log format is text, as in the local cloud. */
const PLATFORM_TEXT = /^(START|END|REPORT) RequestId: /;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Takes one line apart. What is no JSON, such as a crash's own words, is a message. */
export function parseLine(text: string, timeMs: number): LogLine {
  const json = parseJson(text);
  if (!json) {
    const kind = PLATFORM_TEXT.test(text) ? "platform" : "log";
    return { timeMs, kind, level: "INFO", message: text.trimEnd(), fields: {} };
  }
  if ("_aws" in json) {
    const { _aws: _, ...fields } = json;
    return { timeMs, kind: "metrics", level: "INFO", message: "metrics", fields };
  }
  if (typeof json["type"] === "string" && json["type"].startsWith("platform.")) {
    const record = isRecord(json["record"]) ? json["record"] : {};
    return { timeMs, kind: "platform", level: "INFO", message: json["type"], fields: record };
  }
  const level = LEVELS.find((known) => known === json["level"]) ?? "INFO";
  const message = typeof json["message"] === "string" ? json["message"] : text;
  const fields = Object.fromEntries(Object.entries(json).filter(([key]) => !EVERYWHERE.has(key)));
  return { timeMs, kind: "log", level, message, fields };
}

function parseJson(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export interface Selection {
  /** Least severe level that is shown. */
  readonly level: Level;
  /** Only lines of this call: its correlation id or its request id. */
  readonly id?: string;
  /** Lambda's own lines and the metrics' too. */
  readonly all?: true;
}

/** Whether a line is one of those that were asked for. */
export function selected(line: LogLine, { level, id, all }: Selection): boolean {
  if (line.kind !== "log" && !all) return false;
  if (LEVELS.indexOf(line.level) < LEVELS.indexOf(level)) return false;
  return id === undefined || mentions(line.fields, id) || line.message.includes(id);
}

const mentions = (value: unknown, id: string): boolean =>
  typeof value === "string"
    ? value === id
    : typeof value === "object" &&
      value !== null &&
      Object.values(value).some((item) => mentions(item, id));

/** One line for people. A stack trace keeps its own lines below. */
export function formatLine({ timeMs, level, message, fields }: LogLine): string {
  const { stacks, rest } = withoutStacks(fields);
  const shown = Object.entries(rest).map(([key, value]) => `${key}=${shortText(value)}`);
  const head = [new Date(timeMs).toISOString(), level.padEnd(5), message, ...shown].join(" ");
  return [head, ...stacks.map((stack) => stack.replaceAll(/^/gm, "    "))].join("\n");
}

/** Stacks are read by lines; `npm run stack-trace` maps them. */
function withoutStacks(fields: LogLine["fields"]) {
  const { error } = fields;
  if (!isRecord(error)) return { stacks: [], rest: fields };
  const { stack, ...others } = error;
  if (typeof stack !== "string") return { stacks: [], rest: fields };
  return { stacks: [stack], rest: { ...fields, error: others } };
}

const shortText = (value: unknown): string =>
  typeof value === "string" && !/[\s"=]/.test(value) && value !== ""
    ? value
    : JSON.stringify(value);
