/**
 * Rules as data: the part of JSON Schema (draft 4) that the service uses, and what is wrong with a value by them. The
 * handler validates by the same data that its OpenAPI document is made from.
 * Put here: rules that data can state. One about several fields is a line of code beside the schema.
 */
import { type Fault, RefusedError } from "./errors.ts";
import { isRecord, MAX_FAULTS } from "./structure.ts";

/** Keywords mean what JSON Schema draft 4 says. `{}` takes anything that is there. */
export interface Schema {
  /** Name of its own in the OpenAPI document. Default: by the route. */
  readonly title?: string;
  /** For the OpenAPI document. It is in the bundle, so rules that every cold start loads go without. */
  readonly description?: string;
  /** One of these values, whatever else is said. */
  readonly enum?: readonly (string | number | boolean)[];
  readonly type?: "object" | "array" | "string" | "number" | "integer" | "boolean";
  /** Of an object. Others may be there and are kept. `null` for one that is not required is as if it were not there. */
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  /** Of each item of an array. */
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  /** In characters, which are code points as JSON Schema says. */
  readonly minLength?: number;
  /** In characters, which are UTF-16 units here, so that a text never takes more than it seems to. */
  readonly maxLength?: number;
  /** A regular expression with the flag `u`; it is not anchored. */
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** The type of what a schema takes. */
export type Typed<S> = S extends { readonly enum: readonly (infer Value)[] }
  ? Value
  : S extends { readonly type: infer Type }
    ? Type extends "string"
      ? string
      : Type extends "number" | "integer"
        ? number
        : Type extends "boolean"
          ? boolean
          : Type extends "array"
            ? readonly Typed<S extends { readonly items: infer Items } ? Items : unknown>[]
            : S extends { readonly properties: infer Properties }
              ? TypedObject<
                  Properties,
                  S extends { readonly required: readonly (infer Key)[] } ? Key : never
                >
              : Readonly<Record<string, unknown>>
    : unknown;

type TypedObject<Properties, Required> = {
  readonly [Key in keyof Properties as Key extends Required ? Key : never]: Typed<Properties[Key]>;
} & {
  readonly [Key in keyof Properties as Key extends Required ? never : Key]?: Typed<Properties[Key]>;
} & { readonly [key: string]: unknown };

/**
 * The input as what the schema takes, without the `null`s that stand for nothing. Throws a `RefusedError` that lists
 * every fault, then those of `further` rules.
 */
export function read<const S extends Schema>(
  schema: S,
  input: unknown,
  further?: readonly Fault[],
): Typed<S>;
export function read(schema: Schema, input: unknown, further: readonly Fault[] = []): unknown {
  const faults: Fault[] = [];
  const value = take(schema, input, "", "", faults);
  faults.push(...further);
  if (faults.length > 0) throw new RefusedError(faults);
  return value;
}

/** The path is `prefix + key`, put together only where it is needed: most events have no fault. */
function take(
  schema: Schema,
  value: unknown,
  prefix: string,
  key: string | number,
  faults: Fault[],
): unknown {
  if (!fits(schema, value)) {
    const fault = { path: `${prefix}${key}`, message: `must be ${wanted(schema)}` };
    if (faults.length < MAX_FAULTS) faults.push(fault);
    return value;
  }
  const { properties, required = [], items } = schema;
  const inner = key === "" ? "" : `${prefix}${key}.`;
  if (items && Array.isArray(value)) {
    return value.map((item, index) => take(items, item, inner, index, faults));
  }
  if (!isRecord(value)) return value;
  // Copied only where something changes.
  let taken = value;
  for (const name in properties) {
    const given = Object.hasOwn(value, name) ? value[name] : undefined;
    const isMissing = given === undefined || given === null;
    if (isMissing && !required.includes(name)) {
      if (given === null) delete (taken === value ? (taken = { ...value }) : taken)[name];
    } else {
      const own = take(properties[name] ?? {}, given, inner, name, faults);
      if (own !== given) (taken === value ? (taken = { ...value }) : taken)[name] = own;
    }
  }
  for (const name of required) {
    if (!properties?.[name] && !Object.hasOwn(value, name))
      take({}, undefined, inner, name, faults);
  }
  return taken;
}

function fits(schema: Schema, value: unknown): boolean {
  const { type } = schema;
  if (schema.enum) return schema.enum.some((choice) => choice === value);
  if (type === undefined) return value !== undefined;
  if (type === "object") return isRecord(value);
  if (type === "array") {
    return Array.isArray(value) && within(value.length, schema.minItems, schema.maxItems);
  }
  if (typeof value === "string") {
    const { minLength = 0, maxLength, pattern } = schema;
    // A text that is not empty has a character by either count.
    const characters = minLength > 1 ? Array.from(value).length : value.length;
    return (
      type === "string" &&
      characters >= minLength &&
      within(value.length, 0, maxLength) &&
      (pattern === undefined || new RegExp(pattern, "u").test(value))
    );
  }
  if (typeof value === "number") {
    const isOfType = type === "integer" ? Number.isInteger(value) : type === "number";
    return isOfType && within(value, schema.minimum, schema.maximum);
  }
  return type === "boolean" && typeof value === "boolean";
}

const within = (value: number, min = -Infinity, max = Infinity): boolean =>
  value >= min && value <= max;

/** What a schema wants, after "must be". */
function wanted(schema: Schema): string {
  const { minLength, maxLength, minItems, maxItems, minimum, maximum, pattern } = schema;
  if (schema.enum) return `one of ${schema.enum.join(", ")}`;
  switch (schema.type) {
    case "array":
      return `a list${range(minItems, maxItems, " items")}`;
    case "string":
      return `a string${range(minLength, maxLength, " characters")}${pattern ? ` that matches ${pattern}` : ""}`;
    case "integer":
    case "number":
      return `a ${schema.type === "integer" ? "whole " : ""}number${range(minimum, maximum)}`;
    case "object":
      return "an object";
    case "boolean":
      return "true or false";
    case undefined:
    default:
      return "given";
  }
}

function range(min: number | undefined, max: number | undefined, unit = ""): string {
  if (min === undefined) return max === undefined ? "" : ` of at most ${max}${unit}`;
  return max === undefined ? ` of ${min} or more${unit}` : ` of ${min} to ${max}${unit}`;
}
