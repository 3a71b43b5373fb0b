/**
 * Whether an event matches a pattern (EventBridge User Guide, "Comparison operators for use in event patterns"; Lambda
 * developer guide, "Control which events Lambda sends to your function"). Pure.
 */
type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Fields of a pattern are all required, the values of a field are alternatives. */
export function matches(pattern: Json, event: unknown): boolean {
  return Object.entries(pattern).every(([key, wanted]) => {
    if (key === "$or") {
      return Array.isArray(wanted) && wanted.some((one) => isObject(one) && matches(one, event));
    }
    const found = isObject(event) ? event[key] : undefined;
    if (!Array.isArray(wanted)) return isObject(wanted) && matches(wanted, found);
    // A list matches when one of its items does.
    const values = Array.isArray(found) ? found : [found];
    return wanted.some((one) => values.some((value) => holds(one, value)));
  });
}

function holds(wanted: unknown, value: unknown): boolean {
  if (!isObject(wanted)) return wanted === null ? value === null : wanted === value;
  const [[operator, operand] = ["", undefined]] = Object.entries(wanted);
  switch (operator) {
    case "exists":
      return (value !== undefined) === operand;
    case "prefix":
      return compared(operand, value, (text, part) => text.startsWith(part));
    case "suffix":
      return compared(operand, value, (text, part) => text.endsWith(part));
    case "equals-ignore-case":
      return compared(operand, value, (text, other) => text.toLowerCase() === other.toLowerCase());
    case "wildcard":
      return compared(operand, value, (text, form) => glob(form).test(text));
    case "numeric":
      return typeof value === "number" && Array.isArray(operand) && isWithin(operand, value);
    case "anything-but":
      return value !== undefined && ![operand].flat().some((one) => holds(one, value));
    default:
      return false;
  }
}

/** A comparison of texts; `{"prefix": {"equals-ignore-case": "a"}}` compares without regard to case. */
function compared(
  operand: unknown,
  value: unknown,
  compare: (text: string, other: string) => boolean,
): boolean {
  if (typeof value !== "string") return false;
  if (typeof operand === "string") return compare(value, operand);
  const other = isObject(operand) ? operand["equals-ignore-case"] : undefined;
  return typeof other === "string" && compare(value.toLowerCase(), other.toLowerCase());
}

const glob = (form: string): RegExp =>
  new RegExp(
    `^${form
      .split("*")
      .map((text) => text.replaceAll(/[\\^$.+?()[\]{}|]/g, "\\$&"))
      .join(".*")}$`,
    "s",
  );

const COMPARISONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  "=": (a, b) => a === b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

function isWithin(operand: readonly unknown[], value: number): boolean {
  const pairs = [operand.slice(0, 2), operand.slice(2, 4)].filter(({ length }) => length === 2);
  return pairs.every(([sign, bound]) => COMPARISONS[String(sign)]?.(value, Number(bound)) ?? false);
}
