/**
 * What every call has in common, in the OpenAPI document: refusals, failures, headers, the health check.
 * Refusals have the form of function/platform/failure.ts, and so do those of the gateway.
 */
import type {
  Content,
  Header,
  Operation,
  Parameter,
  Reference,
  Response,
  SchemaObject,
} from "./openapi-types.ts";

export type Kind = "responses" | "parameters" | "headers";

export function shared(kind: Kind, name: string): Reference {
  return { $ref: `#/components/${kind}/${name}` };
}

export function json(schema: SchemaObject, example?: object): Content {
  return { "application/json": { schema, ...(example && { example }) } };
}

/** The headers of every answer. */
export const CORRELATION = { "X-Correlation-Id": shared("headers", "CorrelationId") };
const CORRELATION_ID: Header = {
  description: "Finds the call in the logs and traces of the service",
  schema: { type: "string" },
};

interface Refusal {
  readonly name: string;
  readonly description: string;
  readonly message: string;
  readonly fault?: object;
}

/** Status to what is said of it, and an example. */
const REFUSALS: Readonly<Record<number, Refusal>> = {
  400: {
    name: "BadRequest",
    description: "Something is wrong with the request; `faults` lists all of it",
    message: "Invalid event",
    fault: { path: "lines.0.count", message: "must be a whole number of 1 or more" },
  },
  403: { name: "Forbidden", description: "The caller may not do this", message: "Forbidden" },
  404: {
    name: "NotFound",
    description: "There is no such thing, or no such path",
    message: "Not found",
    fault: { path: "data.id", message: "is that of no record" },
  },
  409: {
    name: "Conflict",
    description:
      "Somebody else changed it meanwhile, or it is there already: `faults` has the current version. Or the same request is being carried out",
    message: "Conflict",
    fault: {
      path: "expectedVersion",
      message: "must be the record's version, which is 4",
      currentVersion: 4,
    },
  },
  410: { name: "Gone", description: "It is gone", message: "Invalid event" },
  412: {
    name: "PreconditionFailed",
    description: "A condition of the request does not hold",
    message: "Invalid event",
  },
  413: {
    name: "PayloadTooLarge",
    description: "The body is too large",
    message: "Invalid event",
    fault: { path: "body", message: "must have at most 1048576 characters" },
  },
  415: {
    name: "UnsupportedMediaType",
    description: "The body is in an encoding or charset that is not read here",
    message: "Invalid event",
    fault: { path: "body", message: "must be in UTF-8" },
  },
  422: {
    name: "UnprocessableEntity",
    description:
      "The request follows the rules and still cannot be carried out: its Idempotency-Key was used for another one",
    message: "Invalid event",
  },
  429: {
    name: "TooManyRequests",
    description: "Too many requests, or the quota is used up",
    message: "Too many requests",
  },
  500: {
    name: "InternalError",
    description: "The service failed; its log has more under the correlation id",
    message: "Internal error, correlation id 8476a536",
  },
};

function refusalResponse(
  status: number,
  { description, message, fault }: Omit<Refusal, "name">,
): Response {
  const headers = {
    // An API of API Gateway answers these itself, with its own id in the body alone.
    ...(status === 403 || status === 429 ? {} : CORRELATION),
    ...(status === 429 && {
      "Retry-After": { description: "Seconds to wait", schema: { type: "string" } as const },
    }),
  };
  return {
    description,
    ...(Object.keys(headers).length > 0 && { headers }),
    content: json(
      { $ref: "#/components/schemas/Refusal" },
      { message, ...(fault && { faults: [fault] }), correlationId: "8476a536" },
    ),
  };
}

/** The form of every refusal and failure, the gateway's own included. */
export const REFUSAL: SchemaObject = {
  type: "object",
  required: ["message"],
  properties: {
    message: { type: "string" },
    faults: {
      type: "array",
      description: "What is wrong, and where",
      items: {
        type: "object",
        required: ["path", "message"],
        properties: {
          path: { type: "string", description: "Of the field: `lines.0.count`" },
          message: { type: "string" },
          currentVersion: {
            type: "integer",
            description: "Of what somebody else changed meanwhile",
          },
        },
      },
    },
    correlationId: { type: "string" },
  },
};

const PARAMETERS: Readonly<Record<string, Parameter>> = {
  IfMatch: {
    name: "If-Match",
    in: "header",
    required: false,
    description:
      "The ETag of the version that is changed: if there is another by now, nothing is changed, and the answer is 409",
    schema: { type: "string", pattern: '^(W/)?"[0-9]{1,15}"$' },
  },
  IdempotencyKey: {
    name: "Idempotency-Key",
    in: "header",
    required: false,
    description:
      "Drawn once for what may be sent several times, such as a UUID: the same key is the same request",
    schema: { type: "string", pattern: "^[A-Za-z0-9_.:-]{1,128}$" },
  },
  CorrelationId: {
    name: "X-Correlation-Id",
    in: "header",
    required: false,
    description:
      "Follows the call through all logs. 1 to 128 letters, digits, _ . : and - are taken, else the service draws its own",
    schema: { type: "string" },
  },
};

/** By kind and name. A document has those that it refers to. */
export const PARTS = {
  responses: Object.fromEntries(
    Object.entries(REFUSALS).map(([status, { name, ...refusal }]) => [
      name,
      refusalResponse(Number(status), refusal),
    ]),
  ),
  parameters: PARAMETERS,
  headers: { CorrelationId: CORRELATION_ID },
} as const satisfies Record<Kind, Readonly<Record<string, object>>>;

export const refusals = (statuses: readonly number[]): Record<string, Reference> =>
  Object.fromEntries(
    statuses.map((status) => [status, shared("responses", REFUSALS[status]?.name ?? "")]),
  );

export const HEALTH: Operation = {
  operationId: "readHealth",
  summary: "Say whether the service answers",
  responses: {
    200: {
      description: "It answers",
      headers: CORRELATION,
      content: json(
        {
          type: "object",
          required: ["status"],
          properties: { status: { enum: ["ok"], type: "string" } },
        },
        { status: "ok" },
      ),
    },
    ...refusals([403, 429]),
  },
};
