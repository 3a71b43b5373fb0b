/**
 * What is wrong with a pattern before AWS refuses it, or takes it and matches nothing. The words are those of the
 * EventBridge guide ("Comparison operators for use in event patterns") and of Lambda's ("Control which events Lambda
 * sends to your function"). Pure.
 */
import type { Pattern } from "./source.ts";

/** Comparisons that a rule knows. */
const OPERATORS = [
  "prefix",
  "suffix",
  "anything-but",
  "numeric",
  "exists",
  "equals-ignore-case",
  "cidr",
  "wildcard",
] as const;

/** Lambda's filters know fewer. */
const FILTER_OPERATORS: readonly string[] = OPERATORS.filter(
  (operator) => operator !== "cidr" && operator !== "wildcard",
);
/** DynamoDB writes numbers as text, so that no comparison of numbers holds (Lambda developer guide, same page). */
const STREAM_OPERATORS = FILTER_OPERATORS.filter((operator) => operator !== "numeric");

const isObject = (value: unknown): value is Pattern =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What is wrong with a rule's pattern, as a clause; `undefined` when nothing is. */
export const rulePatternFault = (pattern: Pattern): string | undefined =>
  Object.keys(pattern).length === 0
    ? "must name at least one field, else every event of the bus matches"
    : fault(pattern, [], OPERATORS);

/** Fields that a record of each source has, at its root. */
const RECORD_FIELDS = {
  queue: ["body", "attributes", "messageAttributes", "messageId", "eventSourceARN", "awsRegion"],
  stream: [
    "dynamodb",
    "eventName",
    "eventID",
    "eventVersion",
    "eventSource",
    "awsRegion",
    "userIdentity",
  ],
} as const;

/** The same for a filter of a mapping. */
export function filterFault(
  pattern: Pattern,
  records: keyof typeof RECORD_FIELDS,
): string | undefined {
  if (Object.keys(pattern).length === 0) return "must name at least one field";
  const known: readonly string[] = RECORD_FIELDS[records];
  const unknown = Object.keys(pattern).find((key) => key !== "$or" && !known.includes(key));
  if (unknown !== undefined) {
    return `has no field ${JSON.stringify(unknown)}; a record has ${known.join(", ")}`;
  }
  return fault(pattern, [], records === "stream" ? STREAM_OPERATORS : FILTER_OPERATORS);
}

function fault(
  pattern: Pattern,
  path: readonly string[],
  operators: readonly string[],
): string | undefined {
  for (const [key, value] of Object.entries(pattern)) {
    const at = [...path, key];
    const found =
      key === "$or"
        ? alternatives(value, at, operators)
        : Array.isArray(value)
          ? values(value, at, operators)
          : isObject(value) && Object.keys(value).length > 0
            ? fault(value, at, operators)
            : `${at.join(".")} must be a list of values, such as ["created"], or fields`;
    if (found !== undefined) return found;
  }
  return undefined;
}

function alternatives(
  value: unknown,
  path: readonly string[],
  operators: readonly string[],
): string | undefined {
  if (!Array.isArray(value) || value.length < 2 || !value.every(isObject)) {
    return `${path.join(".")} must be a list of at least two patterns`;
  }
  return value.map((one) => fault(one, path, operators)).find((found) => found !== undefined);
}

function values(
  list: readonly unknown[],
  path: readonly string[],
  operators: readonly string[],
): string | undefined {
  const at = path.join(".");
  if (list.length === 0) return `${at} must hold at least one value: an empty list matches nothing`;
  for (const value of list) {
    if (["string", "number", "boolean"].includes(typeof value) || value === null) continue;
    const [[operator, operand] = ["", undefined], ...more] = isObject(value)
      ? Object.entries(value)
      : [];
    if (more.length > 0 || !operators.includes(operator)) {
      return `${at} knows the comparisons ${operators.join(", ")}, one an object, and no ${JSON.stringify(value)}`;
    }
    const wrong = operandFault(operator, operand);
    if (wrong !== undefined) return `${at}.${operator} ${wrong}`;
  }
  return undefined;
}

function operandFault(operator: string, operand: unknown): string | undefined {
  if (operator === "exists") {
    return typeof operand === "boolean" ? undefined : "must be true or false";
  }
  if (operator === "numeric") {
    return isComparison(operand) ? undefined : 'must be such as [">", 0, "<=", 5]';
  }
  if (operator === "anything-but") {
    return isObject(operand) || typeof operand !== "object" || Array.isArray(operand)
      ? undefined
      : "must be a value, a list of values or a comparison";
  }
  const isText = typeof operand === "string" && operand !== "";
  return isText || isObject(operand) ? undefined : "must be a text";
}

const isComparison = (operand: unknown): boolean =>
  Array.isArray(operand) &&
  (operand.length === 2 || operand.length === 4) &&
  operand.every((part, index) =>
    index % 2 === 0 ? ["=", "<", "<=", ">", ">="].includes(String(part)) : typeof part === "number",
  );
