/** Takes log lines apart, whoever wrote them. Pure: text in, a line out. */
import { type Fields, isFields, lambdaError } from "./errors.ts";
import { atLeast, type Level, levelOf } from "./levels.ts";
import { platformRecord, platformText } from "./platform.ts";

export { formatLine } from "./format.ts";

export interface LogLine {
  /** Milliseconds since 1970. */
  readonly timeMs: number;
  /** `metrics`: a line that CloudWatch makes metrics of. `platform`: Lambda's own. */
  readonly kind: "log" | "metrics" | "platform";
  readonly level: Level;
  readonly message: string;
  /** What else the line holds. */
  readonly fields: Fields;
}

/** Takes one line apart. What is no JSON, such as a crash's own words, is a message. */
export function parseLine(text: string, timeMs: number): LogLine {
  const json = parseJson(text);
  return { timeMs, ...(json ? fromJson(json, text) : fromText(text.trimEnd())) };
}

type Content = Omit<LogLine, "timeMs">;

/** Keys under which loggers write the level and the message. */
const LEVEL_KEYS = ["level", "severity", "log.level", "levelname"];
const MESSAGE_KEYS = ["message", "msg"];
const TIME_KEYS = ["timestamp", "time", "@timestamp"];

function fromJson(json: Fields, text: string): Content {
  if ("_aws" in json) {
    const { _aws: _, ...fields } = json;
    return { kind: "metrics", level: "INFO", message: "metrics", fields };
  }
  const { type, record } = json;
  if (typeof type === "string" && type.startsWith("platform.")) {
    return { kind: "platform", ...platformRecord(type, isFields(record) ? record : {}) };
  }
  const message = MESSAGE_KEYS.map((key) => json[key]).find((value) => value !== undefined);
  const level = LEVEL_KEYS.map((key) => levelOf(json[key])).find((found) => found !== undefined);
  // Lambda's own report of an error is the line itself, or its message.
  const error = lambdaError(message) ?? lambdaError(json);
  const known = [...LEVEL_KEYS, ...MESSAGE_KEYS, ...TIME_KEYS, "errorType", "errorMessage"];
  const others = Object.entries(json).filter(([key]) => !known.includes(key));
  const fields = { ...Object.fromEntries(others), ...error?.fields };
  if (error) return { kind: "log", level: level ?? "ERROR", message: error.message, fields };
  const shown = typeof message === "string" ? message : JSON.stringify(message ?? {});
  return message === undefined
    ? { kind: "log", level: level ?? "INFO", message: text.trimEnd(), fields: {} }
    : { kind: "log", level: level ?? "INFO", message: shown, fields };
}

/** `time<TAB>request id<TAB>LEVEL<TAB>message`, as Lambda's text format leads what a Node function logs. */
const NODE_TEXT = /^\S+Z\t(?<id>[0-9a-f-]{36}|undefined)\t(?<level>[A-Z]+)\t(?<message>[^]*)$/;

/** What a program says when it ends badly, and the lines of a stack. */
const CRASH = /^(?:[\w.]*(?:Error|Exception)\b|FATAL ERROR: |Segmentation fault)|\n\s+at .+:\d+/;

function fromText(text: string): Content {
  const platform = platformText(text);
  if (platform) {
    // Its failures are the only word on a call that has died.
    return { kind: "platform", ...platform };
  }
  const groups = NODE_TEXT.exec(text)?.groups;
  if (!groups) {
    return { kind: "log", level: CRASH.test(text) ? "ERROR" : "INFO", message: text, fields: {} };
  }
  const { id, message = "" } = groups;
  const level = levelOf(groups["level"]) ?? "INFO";
  const own = id === "undefined" ? {} : { requestId: id };
  // `Invoke Error <TAB>{…}`: the error as JSON.
  const tab = message.lastIndexOf("\t");
  const error = tab < 0 ? undefined : lambdaError(parseJson(message.slice(tab + 1)));
  if (!error) return { kind: "log", level, message, fields: own };
  const what = message.slice(0, tab).trim();
  const fields = { ...own, ...error.fields };
  return { kind: "log", level, message: `${what}: ${error.message}`, fields };
}

function parseJson(text: string): Fields | undefined {
  if (!text.trimStart().startsWith("{")) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export interface Selection {
  /** Least severe level that is shown. */
  readonly level: Level;
  /** Only lines of this call: its correlation id or its request id. */
  readonly id?: string | undefined;
  /** Lambda's own lines and the metrics' too. */
  readonly all?: true | undefined;
}

/** Whether a line is one of those that were asked for. Lambda's own are, where they tell of a failure. */
export function selected(line: LogLine, { level, id, all }: Selection): boolean {
  if (line.kind !== "log" && !all && !atLeast(line.level, "WARN")) return false;
  if (!atLeast(line.level, level)) return false;
  return id === undefined || mentions(line, id);
}

/** Whether a line is of the call with this id. */
export const mentions = (line: LogLine, id: string): boolean =>
  holds(line.fields, id) || line.message.includes(id);

const holds = (value: unknown, id: string): boolean =>
  typeof value === "string"
    ? value === id
    : typeof value === "object" &&
      value !== null &&
      Object.values(value).some((item) => holds(item, id));

/** The request that a line is of, under the name that its writer gives it. */
export function requestId({ fields }: LogLine): string | undefined {
  const id = fields["function_request_id"] ?? fields["requestId"] ?? fields["awsRequestId"];
  return typeof id === "string" ? id : undefined;
}
