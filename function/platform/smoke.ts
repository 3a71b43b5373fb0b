/**
 * Smoke events: the few calls that show whether a version works, and the correct answer to each.
 * Put here: their shape. The events themselves are the domain's.
 */

import { isRecord } from "./structure.ts";

/** Source of a call that checks a deployment: it runs everything and counts in no business metric. */
export const SMOKE_SOURCE = "smoke";

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
): SmokeEvent => ({ name, event: { ...event, source: SMOKE_SOURCE }, statusCode, body });

/** Whether a payload is a smoke event. */
export const isSmoke = (payload: unknown): boolean =>
  isRecord(payload) && payload.source === SMOKE_SOURCE;
