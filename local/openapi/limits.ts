/** What one rule demands of a value that another one does not. Pure. */
import type { JsonSchema } from "./document.ts";

interface Limit {
  readonly kind: string;
  /** In words that stand after "be". */
  readonly text: string;
}

/** What the first rule demands and the second does not, and what the second one does, in words. */
export function limitsBoth(rule: JsonSchema, than: JsonSchema): readonly [string[], string[]] {
  const own = limits(rule, than);
  // A limit that only moved is said once.
  const gone = limits(than, rule).filter(({ kind }) => !own.some((one) => one.kind === kind));
  return [own.map(({ text }) => text), gone.map(({ text }) => text)];
}

function limits(rule: JsonSchema, than: JsonSchema): Limit[] {
  const { pattern, format } = rule;
  const texts: Readonly<Record<string, string | undefined>> = {
    type: typeLimit(rule, than),
    enum: enumLimit(rule, than),
    minLength: least(rule.minLength, than.minLength, "characters long"),
    maxLength: most(rule.maxLength, than.maxLength, "characters long"),
    minItems: least(rule.minItems, than.minItems, "items long"),
    maxItems: most(rule.maxItems, than.maxItems, "items long"),
    minimum: least(rule.minimum, than.minimum),
    maximum: most(rule.maximum, than.maximum),
    pattern: pattern === undefined || pattern === than.pattern ? undefined : `like ${pattern}`,
    format: format === undefined || format === than.format ? undefined : `of the format ${format}`,
    fields:
      rule.additionalProperties === false && than.additionalProperties !== false
        ? "without fields that are not named"
        : undefined,
  };
  return Object.entries(texts).flatMap(([kind, text]) =>
    text === undefined ? [] : [{ kind, text }],
  );
}

function typeLimit(rule: JsonSchema, than: JsonSchema): string | undefined {
  const isWithin = rule.type === than.type || (rule.type === "number" && than.type === "integer");
  if (rule.type !== undefined && !isWithin) return `of type ${rule.type}`;
  // Without a type, null is one of all values.
  const takesNull = rule.type === undefined || rule.nullable === true;
  const tookNull = than.type === undefined || than.nullable === true;
  return !takesNull && tookNull ? "another value than null" : undefined;
}

function enumLimit(rule: JsonSchema, than: JsonSchema): string | undefined {
  const isWithin = than.enum?.every((value) => rule.enum?.includes(value)) ?? false;
  return rule.enum === undefined || isWithin
    ? undefined
    : `one of ${rule.enum.map((value) => JSON.stringify(value)).join(", ")}`;
}

const least = (rule = -Infinity, than = -Infinity, unit = ""): string | undefined =>
  // A length is never below 0.
  rule > than && (unit === "" || rule > 0) ? `at least ${rule} ${unit}`.trim() : undefined;

const most = (rule = Infinity, than = Infinity, unit = ""): string | undefined =>
  rule < than ? `at most ${rule} ${unit}`.trim() : undefined;
