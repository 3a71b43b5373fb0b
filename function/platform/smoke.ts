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
}

export const smokeEvent = (
  name: string,
  event: Readonly<Record<string, unknown>>,
  statusCode: number,
  body: Readonly<Record<string, unknown>> = {},
): SmokeEvent => ({ name, event: { ...event, source: "smoke" }, statusCode, body });

/**
 * Recognises the smoke events, word for word. A mark would let any caller out of the business metrics; a smoke
 * event lets out itself, which by its nature changes nothing that outlives it.
 */
export function smokeTest(events: readonly SmokeEvent[]): (payload: unknown) => boolean {
  const known = new Set(events.map(({ event }) => JSON.stringify(event)));
  return (payload) =>
    isRecord(payload) && payload.source === "smoke" && known.has(JSON.stringify(payload));
}
