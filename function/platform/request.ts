/**
 * Who is calling, and what becomes of the answer: that decides how a failure ends.
 * Put here: how an event arrives. What is in it is not looked at.
 */
import { corsHeaders } from "./cors.ts";
import type { Unwrap } from "./domain.ts";
import { RefusedError, UnhandledSourceError } from "./errors.ts";
import "./features.ts";
import { ALLOWED, frontId, header, isMultiValue, readBody, target } from "./http.ts";
import { type Headers, type HttpResponse, json, plain } from "./response.ts";
import type { Route } from "./route.ts";
import { type Routing, routing } from "./router.ts";
import { sourceOf } from "./source.ts";
import { isRecord } from "./structure.ts";

/** What decides about callers, beside what they send. */
export interface Callers {
  /**
   * Ids of the APIs, function URLs and target groups that are fronts of this service, or `*` for any.
   * An event in the form of HTTP from elsewhere is nobody's: a direct caller must not choose by its payload
   * that its failures are answered.
   */
  readonly httpFronts: readonly string[];
  /** Whether a refused direct invocation is answered with 4xx. Default: it fails, because nobody may be reading. */
  readonly answerDirect: boolean;
  /** Origins whose pages may read answers, or `*`. Default: none. Read only where an API is turned on. */
  readonly corsOrigins?: readonly string[];
  /** What the service offers over HTTP: see `Domain.routes`. */
  readonly routes?: readonly Route[] | undefined;
  /** How to take the domain's event out of a source's: see `Domain.sources`. */
  readonly sources: Readonly<Record<string, Unwrap>>;
  /** Whether an event is one of the domain's own smoke events, which count in no business metric. */
  readonly isSmoke: (payload: unknown) => boolean;
}

export interface Request {
  readonly source: string;
  /** Whether somebody reads a refusal; else it fails the invocation, so that retries, dead letters and alarms work. */
  readonly refusalIsRead: boolean;
  /** Whether somebody reads that we failed: HTTP only, where 500 is what a client expects. */
  readonly failureIsRead: boolean;
  readonly isSmoke: boolean;
  /** Follows the request through the response, the log, the trace and every call that is made for it. */
  readonly correlationId: string;
  /** The answer to what is no event at all: a health check, a question for options. */
  readonly reply?: HttpResponse;
  /** The records of a batch, each of them an event, still unknown. */
  readonly records?: readonly Record<string, unknown>[] | undefined;
  /** The event itself, still unknown, of the invocation or of one record. Throws `RefusedError` and `UnhandledSourceError`. */
  readonly payload: (record?: Record<string, unknown>, identify?: (id: unknown) => void) => unknown;
  /** The answer to an event that was carried out, in the caller's form. */
  readonly done: (result: object) => HttpResponse;
  /** Any other answer in the caller's form. */
  readonly respond: (statusCode: number, body: object) => HttpResponse;
}

/** A caller's id is taken only when it can do no harm in a header, a log line or a query. */
const SAFE_ID = /^[\w.:-]{1,128}$/;

export const safeId = (id: unknown): string | undefined =>
  typeof id === "string" && SAFE_ID.test(id) ? id : undefined;

/** Reads what came in. `requestId` is the correlation id where the caller brings none. */
export function readRequest(input: unknown, requestId: string, callers: Callers): Request {
  const event = isRecord(input) ? input : {};
  const source = sourceOf(input);
  const front = source === "http" ? frontId(event) : "";
  if (source === "http") {
    // A smoke event may have the form of HTTP too, so that a version is tried through its routes.
    const isSmoke = FEATURES.api === true && callers.isSmoke(input);
    if (isSmoke || isFront(front, callers)) return httpRequest(event, requestId, callers, isSmoke);
  }
  const correlationId = safeId(event.correlationId) ?? requestId;
  const isSmoke = source === "direct" && callers.isSmoke(input);
  const unwrap = Object.hasOwn(callers.sources, source) ? callers.sources[source] : undefined;
  return {
    source,
    // During a release the version that serves may not know the new version's smoke events; their caller reads.
    refusalIsRead: source === "direct" && (event.source === "smoke" || callers.answerDirect),
    failureIsRead: false,
    isSmoke,
    correlationId,
    ...(unwrap && { records: recordsOf(event) }),
    payload: (record = event, identify = () => {}) => {
      if (source === "direct") return input;
      if (!unwrap) throw new UnhandledSourceError(source, front);
      return unwrap(record, identify);
    },
    done: (result) => json(200, correlationId, result),
    respond: (statusCode, body) => json(statusCode, correlationId, body),
  };
}

/** None for what comes alone; no record at all for the test of a notification that S3 is told to send. */
function recordsOf({
  Records,
  Event,
}: Record<string, unknown>): Record<string, unknown>[] | undefined {
  if (Array.isArray(Records)) return Records.map((record) => (isRecord(record) ? record : {}));
  return Event === "s3:TestEvent" ? [] : undefined;
}

const isFront = (id: string, { httpFronts }: Callers): boolean =>
  httpFronts.includes("*") || (id !== "" && httpFronts.includes(id));

function httpRequest(
  event: Record<string, unknown>,
  requestId: string,
  callers: Callers,
  isSmoke: boolean,
): Request {
  const correlationId = safeId(header(event, "x-correlation-id")) ?? requestId;
  const multiValue = isMultiValue(event);
  const isHead = target(event).method === "HEAD";
  const routed = FEATURES.api ? routing(event, callers.routes ?? []) : undefined;
  const shared = FEATURES.api
    ? corsHeaders(event, callers.corsOrigins ?? [], routed?.allow ?? ALLOWED)
    : undefined;
  const respond: Answering["respond"] = (statusCode, body, headers) => {
    const answer = json(statusCode, correlationId, body, { ...shared, ...headers }, multiValue);
    return isHead ? { ...answer, body: "" } : answer;
  };
  const reply = replyTo(event, callers, routed, {
    correlationId,
    respond,
    empty: (statusCode, headers) =>
      plain(statusCode, correlationId, { ...shared, ...headers }, multiValue),
  });
  const call = routed?.call;
  return {
    source: "http",
    refusalIsRead: true,
    failureIsRead: true,
    isSmoke,
    correlationId,
    ...(reply && { reply }),
    payload: (_record, identify) => {
      if (FEATURES.api || FEATURES.database) identify?.(idempotencyKey(event));
      return FEATURES.api && call ? call.payload() : readBody(event);
    },
    done: (result) =>
      FEATURES.api && call
        ? respond(call.status, result, call.headers(result))
        : respond(200, result),
    respond,
  };
}

interface Answering {
  readonly correlationId: string;
  readonly respond: (statusCode: number, body: object, headers?: Headers) => HttpResponse;
  readonly empty: (statusCode: number, headers: Headers) => HttpResponse;
}

/** Load balancers, monitors and browsers ask before and beside the events; none of that is an error of anybody's. */
function replyTo(
  event: Record<string, unknown>,
  { routes = [] }: Callers,
  routed: Routing | undefined,
  { correlationId, respond, empty }: Answering,
): HttpResponse | undefined {
  const { method, path } = target(event);
  const allow = routed?.allow ?? ALLOWED;
  const isLook = method === "GET" || method === "HEAD";
  if (method === "OPTIONS") return empty(204, { allow });
  if (FEATURES.api && routed) {
    return routed.call
      ? undefined
      : respond(405, { message: "No such method", correlationId }, { allow });
  }
  // With routes, a path that ends in a slash is a mistake in a route rather than a check.
  const isCheck =
    (FEATURES.api && routes.length > 0 ? /^\/?$|\/health$/ : /(^|\/)(health)?$/).test(path) ||
    header(event, "user-agent")?.startsWith("ELB-HealthChecker");
  if (isLook && isCheck) return respond(200, { status: "ok" });
  if (FEATURES.api && routes.length > 0 && method !== "POST") {
    return respond(404, { message: "No such path", correlationId });
  }
  return isLook ? empty(405, { allow }) : undefined;
}

/** A key that a client draws once for what it may send several times: the event is known by it, as a message by its id. */
function idempotencyKey(event: Record<string, unknown>): string | undefined {
  const key = header(event, "idempotency-key");
  if (key === undefined || safeId(key) !== undefined) return key;
  const message = "must have 1 to 128 characters of letters, digits, _ . : and -";
  throw new RefusedError([{ path: "idempotency-key", message }]);
}
