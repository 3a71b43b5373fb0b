/**
 * The service's contract as an OpenAPI document, made from the routes and rules that the handler follows. Pure; the
 * same routes make the same document. What API Gateway needs of its own is in gateway-document.ts.
 *
 * It is OpenAPI 3.0.1, the version that API Gateway imports (API Gateway guide, "Amazon API Gateway important notes").
 */
import type { Route } from "../../function/platform/route.ts";
import type { Schema } from "../../function/platform/schema.ts";
import {
  CORRELATION,
  HEALTH,
  json,
  type Kind,
  PARTS,
  REFUSAL,
  refusals,
  shared,
} from "./openapi-common.ts";
import type {
  OpenApiDocument,
  Operation,
  Parameter,
  Reference,
  Response,
  SchemaObject,
} from "./openapi-types.ts";
import { routeFaults } from "./route-faults.ts";

export interface DocumentInput {
  readonly title: string;
  /** Of the contract, as semantic versioning counts: see ops/openapi/compare.ts. */
  readonly version: string;
  readonly routes: readonly Route[];
}

/** Throws an `Error` in one line that names the first route with a fault, and what to do. */
export function openApiDocument({ title, version, routes }: DocumentInput): OpenApiDocument {
  const [fault] = routeFaults(routes);
  if (fault !== undefined) throw new Error(fault);
  const schemas = new Map<string, SchemaObject>([["Refusal", REFUSAL]]);
  const paths: Record<string, Record<string, Operation>> = {};
  for (const route of routes) {
    (paths[route.path] ??= {})[route.method.toLowerCase()] = operationOf(route, schemas);
  }
  const all = {
    ...paths,
    "/health": { ...paths["/health"], get: paths["/health"]?.["get"] ?? HEALTH },
  };
  const text = JSON.stringify(all);
  const used = <T>(kind: Kind, parts: Readonly<Record<string, T>>): Readonly<Record<string, T>> =>
    Object.fromEntries(
      Object.entries(parts).filter(([name]) => text.includes(`"${shared(kind, name).$ref}"`)),
    );
  return {
    openapi: "3.0.1",
    info: { title, version },
    paths: all,
    components: {
      schemas: Object.fromEntries(schemas),
      responses: used("responses", PARTS.responses),
      parameters: used("parameters", PARTS.parameters),
      headers: used("headers", PARTS.headers),
    },
  };
}

function operationOf(route: Route, schemas: Map<string, SchemaObject>): Operation {
  const { name, summary, body, result, example = {} } = route;
  const parameters = parametersOf(route);
  return {
    operationId: name,
    summary,
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: {
        required: true,
        content: json(named(`${capitalised(name)}Body`, body, schemas, "request"), example.body),
      },
    }),
    responses: {
      [route.status]: {
        description: SUCCESSES[route.status],
        headers: successHeaders(route),
        content: json(
          named(`${capitalised(name)}Result`, result, schemas, "answer"),
          example.result,
        ),
      },
      ...refusals(refusalsOf(route)),
    },
  };
}

/** Names of the path and of headers, in the order in which a reader wants them. */
function parametersOf({
  method,
  path,
  parameters = {},
  query,
  isConditional,
}: Route): (Parameter | Reference)[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(
    ([, name = ""]): Parameter => ({
      name,
      in: "path",
      required: true,
      ...ruleOf(parameters[name] ?? { type: "string" }),
    }),
  );
  const inQuery = Object.entries(query?.properties ?? {}).map(
    ([name, rule]): Parameter => ({
      name,
      in: "query",
      required: query?.required?.includes(name) ?? false,
      ...ruleOf(rule),
    }),
  );
  return [
    ...inPath,
    ...inQuery,
    ...(isConditional === true ? [shared("parameters", "IfMatch")] : []),
    ...(method === "GET" ? [] : [shared("parameters", "IdempotencyKey")]),
    shared("parameters", "CorrelationId"),
  ];
}

const ruleOf = ({ description, ...rule }: Schema): Pick<Parameter, "description" | "schema"> => ({
  ...(description !== undefined && { description }),
  schema: shape(rule, "answer"),
});

/** Some the handler gives, some the table, and some the gateway before both. */
function refusalsOf({ method, body, refusals = [], isConditional }: Route): number[] {
  // By the key under which a change is known: the same one is under way, or it was used for another.
  const once = method === "GET" ? [] : [409, 422];
  const conditional = isConditional === true ? [409] : [];
  const all = [
    400,
    403,
    ...refusals,
    ...conditional,
    ...once,
    ...(body ? [413, 415] : []),
    429,
    500,
  ];
  return [...new Set(all)].sort((a, b) => a - b);
}

function successHeaders({ result, location }: Route): NonNullable<Response["headers"]> {
  return {
    ...CORRELATION,
    ...(result.properties?.["version"] && {
      ETag: {
        description: "The version in quotes; If-Match takes it",
        schema: { type: "string" },
      },
    }),
    ...(location !== undefined && {
      Location: { description: "Where it is found", schema: { type: "string" } },
    }),
  };
}

const SUCCESSES = {
  200: "Success",
  201: "Created",
  202: "Accepted, and carried out later",
} as const;

/** Nobody sends what is not required as `null` but in requests: AppSync and others do. */
type Use = "request" | "answer";

/** A component of its own, so that clients made from the document have a type for it. */
function named(
  name: string,
  schema: Schema,
  schemas: Map<string, SchemaObject>,
  use: Use,
): SchemaObject {
  const own = schema.title ?? name;
  schemas.set(own, shape(schema, use));
  return { $ref: `#/components/schemas/${own}` };
}

/** A rule of ours as one of OpenAPI's. */
function shape({ properties, items, ...rule }: Schema, use: Use): SchemaObject {
  const { required = [] } = rule;
  return {
    ...typed(rule),
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, own]) => {
          const inner = shape(own, use);
          return [name, use === "request" && !required.includes(name) ? orNull(inner) : inner];
        }),
      ),
    }),
    ...(items && { items: shape(items, use) }),
  };
}

/** Generators of clients want a type beside an enumeration. */
function typed(rule: Omit<Schema, "properties" | "items">): SchemaObject {
  const types = new Set((rule.enum ?? []).map((value) => typeof value));
  const [type] = types;
  return types.size === 1 &&
    rule.type === undefined &&
    (type === "string" || type === "boolean" || type === "number")
    ? { ...rule, type }
    : rule;
}

const orNull = (schema: SchemaObject): SchemaObject => ({
  ...schema,
  ...(schema.enum && { enum: [...schema.enum, null] }),
  // Without a type, nothing keeps null out.
  ...(schema.type !== undefined && { nullable: true }),
});

const capitalised = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
