/**
 * Smoke events: the few calls that show whether a version works, and the correct answer to each.
 * Put here: their shape. The events themselves are the domain's.
 */

import { isRecord } from "./structure.ts";

/** One call and its correct answer. */
export interface SmokeEvent {
  /** Shown in reports. */
  readonly name: string;
  readonly event: Readonly<Record<string, unknown>>;
  /** HTTP status of a correct answer. */
  readonly statusCode: number;
  /** Members that a correct answer's body has, with these values. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Of a batch: ids of the records that a correct answer reports as failed. Such an answer has no status. */
  readonly failures?: readonly string[];
  /** What of the handler it needs in the bundle: see infra/function/features.ts. Default: nothing. */
  readonly feature?: "api";
}

export const smokeEvent = (
  name: string,
  event: Readonly<Record<string, unknown>>,
  statusCode: number,
  body: Readonly<Record<string, unknown>> = {},
): SmokeEvent => ({ name, event: { ...event, source: "smoke" }, statusCode, body });

/**
 * A batch, as a queue or a stream hands it over: `failures` are the ids of the records that have to be reported. A
 * record whose payload is another smoke event, word for word, counts in no business metric. Only for a service with
 * event sources: a version that is asked for partial failures answers so, and any other fails.
 */
export const smokeBatch = (
  name: string,
  records: readonly Readonly<Record<string, unknown>>[],
  failures: readonly string[] = [],
): SmokeEvent => ({ name, event: { Records: records }, statusCode: 200, body: {}, failures });

/**
 * A call of a route, in the form that a function URL hands over. Only for a service with an API: `FEATURES.api` says so.
 * The version takes it from whoever may invoke it, word for word, whatever its fronts are.
 */
export const smokeCall = (
  name: string,
  call: { readonly method: string; readonly path: string; readonly body?: object },
  statusCode: number,
  body: Readonly<Record<string, unknown>> = {},
): SmokeEvent => {
  const { method, path } = call;
  const event = {
    rawPath: path,
    requestContext: { http: { method, path } },
    ...(call.body && { body: JSON.stringify(call.body) }),
  };
  return { ...smokeEvent(name, event, statusCode, body), feature: "api" };
};

/**
 * Recognises the smoke events, word for word. A mark would let any caller out of the business metrics; a smoke
 * event lets out itself, which by its nature changes nothing that outlives it.
 */
export function smokeTest(events: readonly SmokeEvent[]): (payload: unknown) => boolean {
  const known = new Set(events.map(({ event }) => JSON.stringify(event)));
  return (payload) =>
    isRecord(payload) && payload.source === "smoke" && known.has(JSON.stringify(payload));
}
