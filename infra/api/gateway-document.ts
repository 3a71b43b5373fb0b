/**
 * The contract as API Gateway takes it: the part of the OpenAPI document that a REST or HTTP API is made from. Pure.
 *
 * A gateway that refuses what the handler takes is an outage, one that takes what the handler refuses costs an
 * invocation. So whatever the import is known to change or to drop is left out, and the handler checks it:
 *
 * - Models are JSON Schema draft 4, and `nullable` is dropped on the way (stackoverflow.com/questions/71663897): what
 *   is not required may be `null` for the handler, so a model says of it what holds for texts and numbers alone, and
 *   no type. What `enum` would say is left out.
 * - Draft 4 counts 1.0 as no `integer` (section 3.5 of its core); to JavaScript it is 1. A model says `number`.
 * - `maxItems` and `minItems` are not part of validation, `pattern` and `example` are not supported (API Gateway
 *   guide, "Amazon API Gateway important notes for REST APIs").
 * - Of a parameter only name, location, required, type and description are read (same page), and headers are told apart
 *   by capitals, so none of them is required.
 * - Answers pass through untouched, so their models would only be limits that the import can fail at.
 * - A path has the method HEAD only when it is named.
 */
import type {
  OpenApiDocument as GatewayDocument,
  Operation as GatewayOperation,
} from "./document.ts";
import type {
  OpenApiDocument,
  Operation,
  Parameter,
  Reference,
  SchemaObject,
} from "./openapi-types.ts";

export function gatewayDocument(document: OpenApiDocument): GatewayDocument {
  const { openapi, info, paths, components } = document;
  const models = new Set<string>();
  const own = Object.fromEntries(
    Object.entries(paths).map(([path, operations]) => [
      path,
      Object.fromEntries(
        Object.entries(operations).flatMap(([method, operation]) => {
          const reduced = reduce(operation, components, models);
          const { operationId, summary } = reduced;
          const head = { ...reduced, operationId: `${operationId}Head`, summary };
          return method === "get" && !operations["head"]
            ? [
                ["get", reduced],
                ["head", head],
              ]
            : [[method, reduced]];
        }),
      ) as Record<string, GatewayOperation>,
    ]),
  );
  return {
    openapi,
    info,
    paths: own,
    components: {
      schemas: Object.fromEntries(
        Object.entries(components.schemas)
          .filter(([name]) => models.has(`#/components/schemas/${name}`))
          .map(([name, schema]) => [name, model(schema)]),
      ),
    },
  };
}

function reduce(
  operation: Operation,
  { parameters: known = {}, responses: answers = {} }: OpenApiDocument["components"],
  models: Set<string>,
): GatewayOperation {
  const { operationId, summary, parameters, requestBody, responses } = operation;
  const schema = requestBody?.content["application/json"].schema;
  if (schema?.$ref !== undefined) models.add(schema.$ref);
  return {
    operationId,
    summary,
    ...(parameters && { parameters: parameters.map((one) => parameter(resolved(one, known))) }),
    ...(requestBody &&
      schema && { requestBody: { required: true, content: { "application/json": { schema } } } }),
    responses: Object.fromEntries(
      Object.entries(responses).map(([status, one]) => {
        const { description } = resolved(one, answers);
        return [status, { description }];
      }),
    ),
  };
}

/** References among answers are not supported (same page). */
function resolved<T extends object>(part: T | Reference, parts: Readonly<Record<string, T>>): T {
  if (!("$ref" in part)) return part;
  const found = parts[part.$ref.split("/").at(-1) ?? ""];
  if (!found) throw new Error(`${part.$ref} is not in the document`);
  return found;
}

const parameter = ({ name, in: where, required, description }: Parameter): Parameter => ({
  name,
  in: where,
  // A query that is missing is refused by the handler, in words that name it.
  required: where === "path" && required,
  ...(description !== undefined && { description }),
  schema: { type: "string" },
});

/** A rule of what is required. */
function model(schema: SchemaObject): SchemaObject {
  const { type, enum: choices, description, properties = {}, required = [], items } = schema;
  if (choices)
    return choices.includes(null)
      ? {}
      : { ...(description !== undefined && { description }), enum: choices };
  return {
    ...(type !== undefined && { type: type === "integer" ? "number" : type }),
    ...(description !== undefined && { description }),
    ...limits(schema),
    ...(required.length > 0 && { required }),
    ...(Object.keys(properties).length > 0 && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, own]) => [
          name,
          required.includes(name) ? model(own) : optional(own),
        ]),
      ),
    }),
    ...(type === "array" && { items: items ? model(items) : {} }),
  };
}

/** A rule that `null` keeps too: limits hold for texts and numbers alone, whatever has no type. */
const optional = (schema: SchemaObject): SchemaObject => ({
  ...(schema.description !== undefined && { description: schema.description }),
  ...(schema.enum ? {} : limits(schema)),
});

function limits({ minLength, maxLength, minimum, maximum }: SchemaObject): SchemaObject {
  return {
    ...(minLength !== undefined && { minLength }),
    ...(maxLength !== undefined && { maxLength }),
    ...(minimum !== undefined && { minimum }),
    ...(maximum !== undefined && { maximum }),
  };
}
