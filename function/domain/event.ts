/**
 * What the service accepts, and the only place that turns unknown input into it.
 * Put here: the event's type and the rules that its fields must meet. No logic, no AWS.
 */
import { type Fault, RefusedError } from "../platform/errors.ts";
import { isRecord } from "../platform/structure.ts";

/** What can be done to a record. */
const ACTIONS = ["create", "update", "delete"] as const;
export type Action = (typeof ACTIONS)[number];

/** A validated event. Keys that it does not know are ignored at its root and kept in `data`. */
export interface LambdaEvent {
  readonly action: Action;
  readonly data: {
    /** Required to update and to delete. */
    readonly id?: string;
    readonly name?: string;
    /** Who caused it, for logs and traces. */
    readonly userId?: string;
    readonly [key: string]: unknown;
  };
  /** Who sent it, for example `orders`. */
  readonly source?: string;
}

/** Longest identifier, name and source in characters. */
export const MAX_TEXT = 256;

const isAction = (value: unknown): value is Action => ACTIONS.some((action) => action === value);

/** Validates unknown input. Throws a `RefusedError` that lists every fault, not only the first. */
export function parseEvent(input: unknown): LambdaEvent {
  const faults: Fault[] = [];
  if (!isRecord(input)) throw new RefusedError([{ path: "", message: "must be an object" }]);
  const text = (path: string, value: unknown): string | undefined => {
    // AppSync and others write null for what is not there.
    if (value === undefined || value === null) return undefined;
    if (typeof value === "string" && value.length > 0 && value.length <= MAX_TEXT) return value;
    faults.push({ path, message: `must be a string of 1 to ${MAX_TEXT} characters` });
    return undefined;
  };

  const { action } = input;
  if (!isAction(action)) {
    faults.push({ path: "action", message: `must be one of ${ACTIONS.join(", ")}` });
  }
  const {
    id: givenId,
    name: givenName,
    userId: givenUserId,
    ...rest
  } = isRecord(input.data) ? input.data : {};
  if (!isRecord(input.data)) faults.push({ path: "data", message: "must be an object" });
  const id = text("data.id", givenId);
  const name = text("data.name", givenName);
  const userId = text("data.userId", givenUserId);
  if ((givenId ?? null) === null && (action === "update" || action === "delete")) {
    faults.push({ path: "data.id", message: `is required to ${action}` });
  }
  const source = text("source", input.source);

  if (faults.length > 0 || !isAction(action)) throw new RefusedError(faults);
  return {
    action,
    data: { ...rest, ...(id && { id }), ...(name && { name }), ...(userId && { userId }) },
    ...(source && { source }),
  };
}
