/**
 * What the service accepts, and the only place that turns unknown input into it.
 * Put here: the event's type and the rules that every field must meet. No logic, no AWS.
 */

/** What can be done to a record. */
export const ACTIONS = ["create", "update", "delete"] as const;
export type Action = (typeof ACTIONS)[number];

/** A validated event. */
export interface LambdaEvent {
  readonly action: Action;
  readonly data: Readonly<Record<string, unknown>> & {
    readonly id?: string;
    readonly name?: string;
  };
  /** Who sent it, for example `orders`; `smoke` marks a call that counts in no business metric. */
  readonly source?: string;
}

/** One thing that is wrong, and where: `data.id`. */
export interface Fault {
  readonly path: string;
  readonly message: string;
}

export type Parsed =
  | { readonly ok: true; readonly event: LambdaEvent }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** Longest identifier, name and source in characters. */
const MAX_TEXT = 256;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isAction = (value: unknown): value is Action => ACTIONS.some((action) => action === value);

/** Validates unknown input. A refusal lists every fault, not only the first. */
export function parseEvent(input: unknown): Parsed {
  if (!isRecord(input)) return refused({ path: "", message: "must be an object" });
  const faults: Fault[] = [];
  const text = (path: string, value: unknown): string | undefined => {
    if (value === undefined) return undefined;
    if (typeof value === "string" && value.length > 0 && value.length <= MAX_TEXT) return value;
    faults.push({ path, message: `must be a string of 1 to ${MAX_TEXT} characters` });
    return undefined;
  };

  const { action } = input;
  if (!isAction(action)) {
    faults.push({ path: "action", message: `must be one of ${ACTIONS.join(", ")}` });
  }
  const data = isRecord(input.data) ? input.data : {};
  if (!isRecord(input.data)) faults.push({ path: "data", message: "must be an object" });
  const id = text("data.id", data.id);
  const name = text("data.name", data.name);
  if ((action === "update" || action === "delete") && data.id === undefined) {
    faults.push({ path: "data.id", message: `is required to ${action}` });
  }
  const source = text("source", input.source);

  if (faults.length > 0 || !isAction(action)) return { ok: false, faults };
  return {
    ok: true,
    event: {
      action,
      data: { ...data, ...(id && { id }), ...(name && { name }) },
      ...(source && { source }),
    },
  };
}

const refused = (...faults: Fault[]): Parsed => ({ ok: false, faults });
