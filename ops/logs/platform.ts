/**
 * Lambda's own log lines, as JSON and as text. A call that timed out, ran out of memory or never got going has no
 * other line than these, so that they are errors here.
 */
import type { Level } from "./levels.ts";

/** What a line of Lambda's says. */
export interface PlatformLine {
  readonly level: Level;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

const STATUSES_OF_SUCCESS: readonly unknown[] = [undefined, "success"];

/** A record of the JSON log format (developer guide, "Lambda Telemetry API Event schema reference"). */
export function platformRecord(
  type: string,
  record: Readonly<Record<string, unknown>>,
): PlatformLine {
  const { status, errorType, ...fields } = record;
  if (type === "platform.logsDropped") return { level: "WARN", message: type, fields: record };
  if (type !== "platform.fault" && STATUSES_OF_SUCCESS.includes(status)) {
    return { level: "INFO", message: type, fields: record };
  }
  const words = [status, errorType].filter((word) => typeof word === "string");
  return { level: "ERROR", message: `${type}: ${words.join(" ")}`, fields };
}

/** The beginnings of Lambda's lines in the text log format. */
const PLATFORM_TEXT =
  /^(?:(?:START|END|REPORT) RequestId: |(?:INIT|RESTORE)_(?:START|REPORT) |XRAY TraceId: |EXTENSION\tName: |TELEMETRY\tName: )/;
const FAILED = /\b(?:Status: (?!success)\w+|Error Type: )/;

/** `2026-03-01T12:00:03.000Z 0b1e… Task timed out after 3.00 seconds` */
const TIMED_OUT = /^\S+Z (?<id>[0-9a-f-]{36}) (?<message>Task timed out after .+)$/;
/** `RequestId: 0b1e… Error: Runtime exited with error: signal: killed` */
const EXITED = /^RequestId: (?<id>[0-9a-f-]{36}) (?<message>Error: .+)$/;

/** A line of the text log format, if it is one of Lambda's. */
export function platformText(text: string): PlatformLine | undefined {
  const failure = TIMED_OUT.exec(text) ?? EXITED.exec(text);
  if (failure?.groups) {
    const { id, message = "" } = failure.groups;
    return { level: "ERROR", message, fields: { requestId: id } };
  }
  if (!PLATFORM_TEXT.test(text)) return undefined;
  const message = text.replaceAll(/\s*\t\s*/g, ", ").replace(/, $/, "");
  return { level: FAILED.test(text) ? "ERROR" : "INFO", message, fields: {} };
}
