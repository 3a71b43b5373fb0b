/**
 * Models: JSON schema draft 4, read as API Gateway reads it (API Gateway developer guide, "Amazon API Gateway important
 * notes for REST APIs"). Of a schema in an OpenAPI document
 *
 * - `exclusiveMinimum` and `exclusiveMaximum`, `discriminator`, `example` and `readOnly` are not supported, and OpenAPI's
 *   `nullable` is no keyword of draft 4: they are ignored, so null is refused where a type does not name it;
 * - `maxItems` and `minItems` are not included in request validation;
 * - references lead to the document's own schemas.
 *
 * Formats are not checked.
 */
import AjvDraft4 from "ajv-draft-04";
import type { ErrorObject, ValidateFunction } from "ajv";
import { isJson, resolved } from "./document.ts";
import type { Json } from "./definition.ts";

/** What the first fault of a body is, in the words of `$context.error.validationErrorString`; nothing when it is good. */
export type Check = (body: unknown) => string | undefined;

/** Keywords that are taken out at import. */
const IGNORED = new Set([
  "discriminator",
  "example",
  "exclusiveMaximum",
  "exclusiveMinimum",
  "externalDocs",
  "maxItems",
  "minItems",
  "nullable",
  "readOnly",
  "writeOnly",
  "xml",
]);

/** A schema as a model that stands by itself: references in it lead to its own definitions. */
export function modelOf(document: Json, schema: Json): Json {
  const definitions: Record<string, unknown> = {};
  const convert = (value: unknown, isNames = false): unknown => {
    if (Array.isArray(value)) return value.map((item) => convert(item));
    if (!isJson(value)) return value;
    const reference = value["$ref"];
    if (typeof reference === "string") {
      const name = reference.split("/").at(-1) ?? "";
      if (definitions[name] === undefined) {
        // Before it is converted: it may refer to itself.
        definitions[name] = {};
        definitions[name] = convert(resolved(document, value));
      }
      return { $ref: `#/definitions/${name}` };
    }
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key]) => isNames || !IGNORED.has(key))
        // Names of properties are no keywords, and what is compared with is no schema.
        .map(([key, inner]) => [
          key,
          !isNames && LITERAL.has(key) ? inner : convert(inner, !isNames && key === "properties"),
        ]),
    );
  };
  const converted = convert(schema) as Json;
  return Object.keys(definitions).length === 0 ? converted : { ...converted, definitions };
}

const LITERAL = new Set(["enum", "default", "required"]);

const compiled = new WeakMap<Json, Check>();

/** The check of a model. Throws an `Error` where it is no schema. */
export function compileModel(model: Json): Check {
  const known = compiled.get(model);
  if (known) return known;
  // A text is searched as it is written: Java and JavaScript differ where a pattern needs the flag `u`.
  const ajv = new AjvDraft4.default({
    strict: false,
    validateFormats: false,
    unicodeRegExp: false,
  });
  const validate: ValidateFunction = ajv.compile(model);
  const check: Check = (body) => {
    if (validate(body)) return undefined;
    const [fault] = validate.errors ?? [];
    return fault ? `[${wording(fault, body)}]` : "[]";
  };
  compiled.set(model, check);
  return check;
}

/** AWS's validator names what is missing, and which type it found; of other faults the words here are not AWS's. */
function wording({ keyword, params, message, instancePath }: ErrorObject, body: unknown): string {
  const { missingProperty, type, additionalProperty } = params as Readonly<Record<string, unknown>>;
  if (keyword === "required") {
    return `object has missing required properties (${JSON.stringify([missingProperty])})`;
  }
  if (keyword === "additionalProperties") {
    return `object instance has properties which are not allowed by the schema: ${JSON.stringify([additionalProperty])}`;
  }
  if (keyword === "type") {
    const found = typeName(valueAt(body, instancePath));
    return `instance type (${found}) does not match any allowed primitive type (allowed: ${JSON.stringify([type].flat())})`;
  }
  return `${instancePath === "" ? "" : `${instancePath} `}${message ?? keyword}`;
}

const valueAt = (body: unknown, path: string): unknown =>
  path
    .split("/")
    .slice(1)
    .reduce<unknown>(
      (value, key) => (value as Readonly<Record<string, unknown>> | undefined)?.[key],
      body,
    );

function typeName(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return Number.isInteger(value) ? "integer" : typeof value;
}
