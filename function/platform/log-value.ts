/**
 * What of a value gets into a log line: no secret, no more than fits, and of an error all of it.
 * Put here: how values are written. CloudWatch cuts a line of more than 1 MB, and then it is no JSON any more;
 * what is larger than a few pages is read by nobody.
 */

/** Characters of all keys and values of a line, about. */
const MAX_LINE = 32_768;
/** Longest string. */
const MAX_STRING = 4096;
/** Items of a list and keys of an object. */
const MAX_ITEMS = 100;
const MAX_DEPTH = 12;

/** The value as JSON can hold it. Never throws, whatever the value is. */
export function logValue(value: unknown, isSecret: (key: string) => boolean): unknown {
  let left = MAX_LINE;
  const open: object[] = [];

  const visit = (value: unknown): unknown => {
    if (left <= 0) return "… (cut)";
    left -= 8;
    if (typeof value === "string") return cut(value);
    if (typeof value === "object" && value !== null) return within(value);
    if (typeof value === "bigint") return String(value);
    return typeof value === "function" || typeof value === "symbol" ? undefined : value;
  };

  const cut = (text: string): string => {
    const length = Math.min(text.length, MAX_STRING, left);
    left -= length;
    return length === text.length ? text : `${text.slice(0, length)}… (${text.length} characters)`;
  };

  const within = (value: object): unknown => {
    if (open.includes(value)) return "[circular]";
    if (open.length === MAX_DEPTH) return "[deep]";
    open.push(value);
    try {
      if (Array.isArray(value)) return list(value);
      if (isError(value)) return error(value);
      if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
      const json = read(value, "toJSON");
      if (typeof json === "function") return visit(json.call(value));
      if (value instanceof Map || value instanceof Set) return list([...value]);
      return keys(value, Object.keys(value));
    } catch {
      return "[unreadable]";
    } finally {
      open.pop();
    }
  };

  const list = (items: readonly unknown[]): unknown[] => {
    const shown = items.slice(0, MAX_ITEMS).map((item) => visit(item) ?? null);
    if (items.length > MAX_ITEMS) shown.push(`… (${items.length} items)`);
    return shown;
  };

  const keys = (value: object, names: readonly string[]): Record<string, unknown> => {
    const shown: Record<string, unknown> = {};
    for (const name of names.slice(0, MAX_ITEMS)) {
      const key = cut(name);
      const member = read(value, name);
      const hidden = member !== undefined && member !== null && isSecret(name);
      shown[key] = hidden ? "[redacted]" : visit(member);
    }
    if (names.length > MAX_ITEMS) shown["…"] = `(${names.length} keys)`;
    return shown;
  };

  /** What an error has is not its own to list: name and message may be inherited, the stack is hidden. */
  const error = (value: object): Record<string, unknown> => {
    const names = ["name", "message", "stack", ...Object.keys(value)];
    const further = ["cause", "errors", "error", "suppressed"].filter((name) => name in value);
    return keys(value, [...new Set([...names, ...further])]);
  };

  return visit(value);
}

/** Errors of another realm are no instances of this one's. */
const isError = (value: object): boolean =>
  value instanceof Error || Object.prototype.toString.call(value) === "[object Error]";

/** A member, also where reading it throws. */
function read(value: object, key: string): unknown {
  try {
    return Reflect.get(value, key) as unknown;
  } catch {
    return "[unreadable]";
  }
}
