/**
 * Filter patterns of CloudWatch Logs as metric filters use them: JSON patterns such as
 * `{ $.type = "platform.report" && $.record.status != "success" }`, and terms (CloudWatch Logs user guide, "Filter
 * pattern syntax"). What is not known here is refused, never guessed. Pure.
 */
import { LocalAwsError } from "../../errors.ts";

export type Matches = (message: string) => boolean;

/** Reads a pattern once. Throws `LocalAwsError` for what it does not know. */
export function filterPattern(pattern: string): Matches {
  const text = pattern.trim();
  if (text === "") return () => true;
  if (!text.startsWith("{")) return terms(text);
  const condition = whole(new Words(text));
  return (message) => {
    const root = objectOf(message);
    return root !== undefined && condition(root);
  };
}

/** The value that a selector such as `$.record.metrics.maxMemoryUsedMB` finds in a line of JSON. */
export const selected = (message: string, selector: string): unknown =>
  valueAt(objectOf(message), selector);

/** All terms must be there, in their case; with `-` it must not, and of those with `?` one must. */
function terms(text: string): Matches {
  const words = text.match(/[-?]?"[^"]*"|\S+/g) ?? [];
  const named = words.map((word) => ({
    sign: /^[-?]/.exec(word)?.[0] ?? "",
    term: word.replace(/^[-?]/, "").replace(/^"(.*)"$/, "$1"),
  }));
  const optional = named.filter(({ sign }) => sign === "?");
  return (message) =>
    named.every(({ sign, term }) => sign === "?" || message.includes(term) === (sign === "")) &&
    (optional.length === 0 || optional.some(({ term }) => message.includes(term)));
}

function objectOf(message: string): unknown {
  try {
    const root: unknown = JSON.parse(message);
    return typeof root === "object" && root !== null ? root : undefined;
  } catch {
    return undefined;
  }
}

function valueAt(root: unknown, selector: string): unknown {
  const steps = selector.match(/[^.[\]]+/g)?.slice(1) ?? [];
  return steps.reduce<unknown>(
    (value, step) =>
      typeof value === "object" && value !== null
        ? (value as Readonly<Record<string, unknown>>)[step]
        : undefined,
    root,
  );
}

type Condition = (root: unknown) => boolean;

class Words {
  readonly #all: string[];
  readonly #pattern: string;
  constructor(pattern: string) {
    this.#pattern = pattern;
    this.#all =
      pattern.match(/"(?:\\.|[^"\\])*"|&&|\|\||<=|>=|!=|[=<>(){}]|[^\s=<>(){}!&|"]+/g) ?? [];
  }
  get next(): string | undefined {
    return this.#all[0];
  }
  take(expected?: string): string {
    const word = this.#all.shift();
    if (word === undefined || (expected !== undefined && word !== expected)) {
      throw this.unknown(word ?? "its end");
    }
    return word;
  }
  unknown(word: string): LocalAwsError {
    return new LocalAwsError(
      `the local cloud cannot read ${word} in the filter pattern ${this.#pattern}`,
      "it knows comparisons of $.fields, joined by && and ||, and terms",
    );
  }
}

function whole(words: Words): Condition {
  words.take("{");
  const condition = either(words);
  words.take("}");
  if (words.next !== undefined) throw words.unknown(words.next);
  return condition;
}

function either(words: Words): Condition {
  const parts = [both(words)];
  while (words.next === "||") {
    words.take();
    parts.push(both(words));
  }
  return (root) => parts.some((part) => part(root));
}

function both(words: Words): Condition {
  const parts = [single(words)];
  while (words.next === "&&") {
    words.take();
    parts.push(single(words));
  }
  return (root) => parts.every((part) => part(root));
}

const ORDERS: Readonly<Record<string, (value: number, other: number) => boolean>> = {
  "<": (value, other) => value < other,
  "<=": (value, other) => value <= other,
  ">": (value, other) => value > other,
  ">=": (value, other) => value >= other,
};

function single(words: Words): Condition {
  if (words.next === "(") {
    words.take();
    const inner = either(words);
    words.take(")");
    return inner;
  }
  const selector = words.take();
  if (!selector.startsWith("$")) throw words.unknown(selector);
  const operator = words.take();
  const literal = words.take();
  if (operator === "IS" && ["TRUE", "FALSE", "NULL"].includes(literal)) {
    const wanted = { TRUE: true, FALSE: false, NULL: null }[literal];
    return (root) => valueAt(root, selector) === wanted;
  }
  if (operator === "NOT" && literal === "EXISTS") {
    return (root) => valueAt(root, selector) === undefined;
  }
  const order = ORDERS[operator];
  if (order) {
    const other = Number(literal);
    if (Number.isNaN(other)) throw words.unknown(literal);
    return (root) => {
      const value = valueAt(root, selector);
      return typeof value === "number" && order(value, other);
    };
  }
  if (operator !== "=" && operator !== "!=") throw words.unknown(operator);
  const equals = equality(literal);
  return (root) => {
    const value = valueAt(root, selector);
    // A field that is not there is neither equal nor unequal.
    return value !== undefined && equals(value) === (operator === "=");
  };
}

/** Equal to a text, in which `*` is any part, or to a number. */
function equality(literal: string): (value: unknown) => boolean {
  const text = literal.replace(/^"(.*)"$/, "$1");
  const number = literal.startsWith('"') ? Number.NaN : Number(literal);
  const escaped = text.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
  const shape = new RegExp(`^${escaped}$`, "s");
  return (value) => value === number || (typeof value === "string" && shape.test(value));
}
