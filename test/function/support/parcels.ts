/** Routes of the tests' own, and calls of them as each front hands them over. */
import type { Domain } from "../../../function/platform/domain.ts";
import { RefusedError } from "../../../function/platform/errors.ts";
import type { Route } from "../../../function/platform/route.ts";
import { smokeCall } from "../../../function/platform/smoke.ts";
import { isRecord } from "../../../function/platform/structure.ts";

const PARCEL = {
  type: "object",
  required: ["to"],
  properties: {
    to: { type: "string", minLength: 1, maxLength: 40 },
    grams: { type: "integer", minimum: 1 },
    size: { enum: ["s", "m", "l"] },
    lines: {
      type: "array",
      minItems: 1,
      items: { type: "object", required: ["sku"], properties: { sku: { type: "string" } } },
    },
    gift: { type: "boolean" },
  },
} as const;
const RESULT = {
  type: "object",
  required: ["id"],
  properties: { id: { type: "string" }, version: { type: "integer" }, asked: { type: "object" } },
} as const;
const KEY = { key: { type: "string", maxLength: 8, pattern: "^[^A-Z]+$" } } as const;

export const PARCELS: readonly Route[] = [
  {
    name: "listParcels",
    method: "GET",
    path: "/parcels",
    summary: "List parcels",
    query: {
      type: "object",
      required: ["size"],
      properties: {
        size: PARCEL.properties.size,
        limit: { type: "integer", maximum: 9 },
        lost: { type: "boolean" },
      },
    },
    status: 200,
    result: { type: "array", items: RESULT },
    event: ({ query }) => ({ verb: "list", ...query }),
  },
  {
    name: "sendParcel",
    method: "POST",
    path: "/parcels",
    summary: "Send a parcel",
    body: PARCEL,
    status: 201,
    location: "/parcels/{id}",
    result: RESULT,
    refusals: [422],
    example: { body: { to: "Bern" }, result: { id: "p-1", version: 1 } },
    event: ({ body }) => ({ verb: "send", body }),
  },
  {
    name: "readParcel",
    method: "GET",
    path: "/parcels/{key}",
    summary: "Read a parcel",
    parameters: KEY,
    status: 200,
    result: RESULT,
    refusals: [404],
    event: ({ parameters }) => ({ verb: "read", ...parameters }),
  },
  {
    name: "changeParcel",
    method: "PUT",
    path: "/parcels/{key}",
    summary: "Change a parcel",
    parameters: KEY,
    body: PARCEL,
    isConditional: true,
    status: 200,
    result: RESULT,
    event: ({ parameters, body, expectedVersion }) => ({
      verb: "change",
      ...parameters,
      body,
      expectedVersion,
    }),
  },
  {
    name: "findLost",
    method: "GET",
    path: "/parcels/lost",
    summary: "Find what is lost",
    status: 200,
    result: RESULT,
    event: () => ({ verb: "lost" }),
  },
  {
    name: "readLine",
    method: "GET",
    path: "/parcels/{key}/lines/{line}",
    summary: "Read a line",
    parameters: { line: { type: "integer", minimum: 1 } },
    status: 200,
    result: RESULT,
    event: ({ parameters }) => ({ verb: "line", ...parameters }),
  },
];

export interface Parcel {
  readonly id: string;
  readonly version: number;
  /** The event that it answers. */
  readonly asked: Readonly<Record<string, unknown>>;
}

/** Answers with what it was asked: with 404 for the key `none`, with a failure for `broken`. */
export const parcelDomain: Domain<Readonly<Record<string, unknown>>, Parcel> = {
  sample: { verb: "list" },
  smokeEvents: [
    smokeCall("send", { method: "POST", path: "/parcels", body: { to: "smoke" } }, 201, {
      id: "p/1",
    }),
    smokeCall("refusal", { method: "GET", path: "/parcels" }, 400),
  ],
  routes: PARCELS,
  parse(input) {
    if (isRecord(input) && typeof input["verb"] === "string") return input;
    throw new RefusedError([{ path: "verb", message: "must be a string" }]);
  },
  handle(asked, call) {
    if (asked["key"] === "broken") throw new Error("db-7.internal");
    if (asked["key"] === "none")
      throw new RefusedError([{ path: "key", message: "is of no parcel" }], 404);
    call.count("Parcels");
    return Promise.resolve({
      id: call.newId === "request-1" ? "p/1" : call.newId,
      version: 3,
      asked,
    });
  },
};

/** What a client sends. */
export interface Sent {
  readonly method: string;
  /** As it is in the URL, encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** The same call as each front hands it over. `template` is the API's own route. */
export const FRONTS: Readonly<Record<string, (sent: Sent, template: string) => object>> = {
  "REST API": ({ method, path, query, headers = {}, body }, resource) => ({
    resource,
    path,
    httpMethod: method,
    headers,
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([k, v]) => [k, [v]])),
    queryStringParameters: query ?? null,
    pathParameters: null,
    requestContext: {
      path: `/stage-1${path}`,
      stage: "stage-1",
      httpMethod: method,
      apiId: "api-1",
    },
    body: body === undefined ? null : JSON.stringify(body),
    isBase64Encoded: false,
  }),
  "REST API with a base path": ({ method, path, query, headers = {}, body }, resource) => ({
    resource,
    path: `/base${path}`,
    httpMethod: method,
    headers,
    queryStringParameters: query ?? null,
    requestContext: { path: `/base${path}`, stage: "stage-1", httpMethod: method, apiId: "api-1" },
    body: body === undefined ? null : JSON.stringify(body),
  }),
  "HTTP API": ({ method, path, query, headers = {}, body }, template) => ({
    version: "2.0",
    routeKey: `${method} ${template}`,
    rawPath: `/stage-1${decodeURIComponent(path)}`,
    headers,
    ...(query && { queryStringParameters: query }),
    requestContext: {
      apiId: "api-1",
      stage: "stage-1",
      domainName: "api-1.execute-api.us-east-1.amazonaws.com",
      http: { method, path: `/stage-1${decodeURIComponent(path)}` },
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    isBase64Encoded: false,
  }),
  "HTTP API with a catch-all": (sent) => FRONTS["HTTP API"]?.(sent, "$default") ?? {},
  "function URL": ({ method, path, query, headers = {}, body }) => ({
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    headers,
    ...(query && { queryStringParameters: query }),
    requestContext: {
      apiId: "url-1",
      stage: "$default",
      domainName: "url-1.lambda-url.us-east-1.on.aws",
      http: { method, path },
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    isBase64Encoded: false,
  }),
  "load balancer": ({ method, path, query = {}, headers = {}, body }) => ({
    requestContext: { elb: { targetGroupArn: "arn:aws:elasticloadbalancing:group" } },
    httpMethod: method,
    path,
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([k, v]) => [k, [v]])),
    multiValueQueryStringParameters: Object.fromEntries(
      Object.entries(query).map(([k, v]) => [k, [encodeURIComponent(v)]]),
    ),
    body: body === undefined ? "" : JSON.stringify(body),
    isBase64Encoded: false,
  }),
};
