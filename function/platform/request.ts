/**
 * Who is calling: an HTTP front (API Gateway, function URL, load balancer) or the function's caller itself.
 * Put here: how an event arrives. What is in it is not looked at.
 */
import { RefusedError } from "./errors.ts";
import { isRecord, MAX_SIZE, tooLarge } from "./structure.ts";

export interface Request {
  /** `http` gets its failures as a 500 response, `direct` as a failed invocation: see failure.ts. */
  readonly front: "http" | "direct";
  /** Follows the request through the response, the log, the trace and every call that is made for it. */
  readonly correlationId: string;
  /** The event itself, still unknown. Throws `RefusedError` for a body that is not JSON. */
  readonly payload: () => unknown;
}

/** A caller's id is taken only when it can do no harm in a header, a log line or a query. */
const SAFE_ID = /^[\w.:-]{1,128}$/;

const CORRELATION_HEADER = "x-correlation-id";

/** Recognises the front by keys that only it sets. `requestId` is the correlation id where the caller brings none. */
export function readRequest(input: unknown, requestId: string): Request {
  const event = isRecord(input) ? input : {};
  const front = isHttp(event) ? "http" : "direct";
  const id = front === "http" ? header(event.headers) : event.correlationId;
  return {
    front,
    correlationId: typeof id === "string" && SAFE_ID.test(id) ? id : requestId,
    payload: () => (front === "http" ? body(event) : input),
  };
}

// Payload format 2.0 (HTTP APIs, function URLs) has requestContext.http; 1.0 (REST APIs) and load balancers httpMethod.
const isHttp = ({ requestContext, httpMethod }: Record<string, unknown>): boolean =>
  isRecord(requestContext) && (isRecord(requestContext.http) || typeof httpMethod === "string");

// REST APIs pass names on as the client wrote them.
const header = (headers: unknown): unknown =>
  isRecord(headers)
    ? Object.entries(headers).find(([name]) => name.toLowerCase() === CORRELATION_HEADER)?.[1]
    : undefined;

function body({ body, isBase64Encoded }: Record<string, unknown>): unknown {
  const refused = (message: string): RefusedError => new RefusedError([{ path: "body", message }]);
  if (typeof body !== "string") throw refused("is required");
  // Base64 adds a third; the exact size is checked once the text is parsed.
  if (body.length > 2 * MAX_SIZE) throw tooLarge("body");
  try {
    return JSON.parse(isBase64Encoded === true ? Buffer.from(body, "base64").toString() : body);
  } catch {
    throw refused("must be JSON");
  }
}
