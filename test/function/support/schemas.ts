/** Rules and values by chance: small ones that often fit each other. */
import * as fc from "fast-check";
import type { Schema } from "../../../function/platform/schema.ts";

const limit = fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined });
export const { schema: schemas } = fc.letrec<{ schema: Schema }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3 },
    fc.constant({}),
    fc.record({ enum: fc.constant(["a", 1, true]) }),
    fc.constantFrom<Schema>({ type: "boolean" }, { type: "string", pattern: "^a" }),
    fc
      .record({ type: fc.constant("string" as const), minLength: limit, maxLength: limit })
      .map(defined),
    fc
      .record({ type: fc.constantFrom("integer", "number"), minimum: limit, maximum: limit })
      .map(defined),
    fc
      .record({
        type: fc.constant("array" as const),
        minItems: limit,
        maxItems: limit,
        items: tie("schema"),
      })
      .map(defined),
    fc.record({
      type: fc.constant("object" as const),
      properties: fc.dictionary(fc.constantFrom("a", "b", "c"), tie("schema")),
    }),
    fc.dictionary(fc.constantFrom("a", "b", "c"), tie("schema"), { minKeys: 1 }).map(
      (properties): Schema => ({
        type: "object",
        properties,
        required: Object.keys(properties).slice(0, 1),
      }),
    ),
  ),
}));
export const { value: values } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<unknown>(null, true, 1, 1.5, 2, 4, "", "a", "ab", "abcd", "😀", "😀😀"),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("a", "b", "c", "d"), tie("value")),
  ),
}));

function defined(schema: object): Schema {
  return Object.fromEntries(Object.entries(schema).filter(([, value]) => value !== undefined));
}
