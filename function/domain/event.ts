/**
 * What the service accepts, and the only file that turns unknown input into it.
 * Put here: the event's rules, as data, and its type. No logic, no AWS.
 */
import type { Fault } from "../platform/errors.ts";
import { read, type Schema } from "../platform/schema.ts";
import { isRecord } from "../platform/structure.ts";

/** What can be done to a record. */
const ACTIONS = ["create", "update", "delete", "read"] as const;
export type Action = (typeof ACTIONS)[number];

/** Longest identifier, name and source in characters. */
export const MAX_TEXT = 256;

/** An identifier, a name, a source. */
export const TEXT = { type: "string", minLength: 1, maxLength: MAX_TEXT } as const satisfies Schema;

/** What is said of a record. Keys that it does not know are kept. */
export const DATA = {
  type: "object",
  properties: { id: TEXT, name: TEXT, userId: TEXT },
} as const satisfies Schema;

/** A version of a record. */
export const VERSION = { type: "integer", minimum: 1 } as const satisfies Schema;

/** An event. Keys that it does not know are ignored. */
export const EVENT = {
  type: "object",
  required: ["action", "data"],
  properties: { action: { enum: ACTIONS }, data: DATA, source: TEXT, expectedVersion: VERSION },
} as const satisfies Schema;

/** A validated event. */
export interface LambdaEvent {
  readonly action: Action;
  readonly data: {
    /** Required to update, to delete and to read. */
    readonly id?: string;
    readonly name?: string;
    /** Who caused it, for logs and traces. */
    readonly userId?: string;
    readonly [key: string]: unknown;
  };
  /** Who sent it, for example `orders`. */
  readonly source?: string;
  /** The version that the record must have: the event is refused (409) when somebody changed it meanwhile. */
  readonly expectedVersion?: number;
}

/** Validates unknown input. Throws a `RefusedError` that lists every fault, not only the first. */
export function parseEvent(input: unknown): LambdaEvent {
  const { action, data, source, expectedVersion } = read(EVENT, input, idFaults(input));
  return { action, data, ...(source && { source }), ...(expectedVersion && { expectedVersion }) };
}

/** A rule about two fields. */
function idFaults(input: unknown): Fault[] {
  const { action, data } = isRecord(input) ? input : {};
  if (action !== "update" && action !== "delete" && action !== "read") return [];
  const id = isRecord(data) ? data.id : undefined;
  return (id ?? null) === null ? [{ path: "data.id", message: `is required to ${action}` }] : [];
}
