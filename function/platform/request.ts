/**
 * Who is calling, and what becomes of the answer: that decides how a failure ends.
 * Put here: how an event arrives. What is in it is not looked at.
 */
import type { Unwrap } from "./domain.ts";
import { UnhandledSourceError } from "./errors.ts";
import { ALLOWED, frontId, header, isMultiValue, readBody, target } from "./http.ts";
import { type HttpResponse, json, plain } from "./response.ts";
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
  /** An answer in the caller's form. */
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
  if (source === "http" && isFront(front, callers)) return httpRequest(event, requestId);
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

function httpRequest(event: Record<string, unknown>, requestId: string): Request {
  const correlationId = safeId(header(event, "x-correlation-id")) ?? requestId;
  const multiValue = isMultiValue(event);
  const respond: Request["respond"] = (statusCode, body) =>
    json(statusCode, correlationId, body, multiValue);
  const reply = replyTo(event, respond, multiValue);
  return {
    source: "http",
    refusalIsRead: true,
    failureIsRead: true,
    isSmoke: false,
    correlationId,
    ...(reply && { reply }),
    payload: () => readBody(event),
    respond,
  };
}

/** Load balancers, monitors and browsers ask before and beside the events; none of that is an error of anybody's. */
function replyTo(
  event: Record<string, unknown>,
  respond: Request["respond"],
  multiValue: boolean,
): HttpResponse | undefined {
  const { method, path } = target(event);
  if (method === "OPTIONS") return plain(204, { allow: ALLOWED }, multiValue);
  if (method !== "GET" && method !== "HEAD") return undefined;
  const isCheck =
    /(^|\/)(health)?$/.test(path) || header(event, "user-agent")?.startsWith("ELB-HealthChecker");
  if (!isCheck) return plain(405, { allow: ALLOWED }, multiValue);
  const answer = respond(200, { status: "ok" });
  return method === "HEAD" ? { ...answer, body: "" } : answer;
}
