/**
 * Records that are kept: which version a change is made to, and who wins when two change the same one.
 * Put here: these rules, and the order of reading, deciding and writing. A part of the bundle only with a table.
 */
import type { Call } from "../platform/domain.ts";
import { ConflictError, type Fault, RefusedError } from "../platform/errors.ts";
import type { Kept } from "../platform/table.ts";
import type { Action, LambdaEvent } from "./event.ts";
import { noSuchRecord, type ProcessResult, processEvent } from "./process-event.ts";
import type { Store } from "./store.ts";

/** Times that a change is decided again, because somebody else changed the record since it was read. */
const ATTEMPTS = 10;

const NOTHING: Kept = { version: 0 };

/** What each change is called on the bus. */
const TYPES = {
  create: "RecordCreated",
  update: "RecordUpdated",
  delete: "RecordDeleted",
} as const satisfies Readonly<Record<Exclude<Action, "read">, string>>;

/**
 * Carries the event out on what is kept. A caller who says which version is expected is refused (409) when the record
 * has another; anybody else's change is made to whatever version the record has.
 */
export async function carryOut(
  store: Store,
  event: LambdaEvent,
  call: Call,
): Promise<ProcessResult> {
  const { action, data } = event;
  if (event.source === "smoke" && !call.isSmoke) throw unknownSmokeEvent();
  for (let attempt = 1; ; attempt++) {
    const id = data.id ?? call.newId;
    // Most of what is created was not there: the write says when that is wrong.
    const isNew = action === "create" && attempt === 1 && event.expectedVersion === undefined;
    const kept = isNew
      ? NOTHING
      : await call.trace.step(store.name, (trace) => store.read(id, { ...call, trace }));
    const result = await call.trace.step("logic", () => decide(event, kept, call));
    // The last change is this very event's, delivered before.
    if (action === "read" || result.version === kept.version) return result;
    try {
      await call.trace.step(store.name, (trace) =>
        store.write(
          {
            id,
            version: result.version ?? 1,
            ...(action !== "delete" && { data }),
            type: TYPES[action],
            answer: result,
          },
          { ...call, trace },
        ),
      );
      return result;
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      if (attempt === ATTEMPTS) throw changedMeanwhile();
    }
  }
}

/** What the event comes to by what is kept. Pure. Throws `RefusedError`: 404 and 409. */
export function decide(
  event: LambdaEvent,
  { version, data, changedAt, changedBy }: Kept,
  call: Pick<Call, "now" | "newId" | "isSmoke">,
): ProcessResult {
  const { action, expectedVersion } = event;
  // A smoke event tries the table, but its answer must be the same whatever is in there.
  if (call.isSmoke) return processEvent(event, call);
  if (action !== "read" && changedBy === call.newId) {
    return { ...processEvent(event, call), version };
  }
  if (action === "create" && data) {
    throw conflict("data.id", `is that of a record already, in version ${version}`, version);
  }
  if (action !== "create" && !data) throw noSuchRecord();
  if (expectedVersion !== undefined && expectedVersion !== version) {
    throw conflict("expectedVersion", `must be the record's version, which is ${version}`, version);
  }
  if (action === "read") {
    return {
      id: event.data.id ?? "",
      ...(typeof data?.name === "string" && { name: data.name }),
      status: "current",
      timestamp: changedAt ?? call.now.toISOString(),
      version,
      ...(data && { data }),
    };
  }
  return { ...processEvent(event, call), version: version + 1 };
}

const conflict = (path: string, message: string, currentVersion: number): RefusedError => {
  const fault: Fault = { path, message, currentVersion };
  return new RefusedError([fault], 409);
};

/** Of another version of the service: it must not leave a record behind that nobody knows of. */
const unknownSmokeEvent = (): RefusedError => {
  const message = "is kept for smoke events, and this version knows no such one";
  return new RefusedError([{ path: "source", message }]);
};

const changedMeanwhile = (): RefusedError =>
  new RefusedError([{ path: "", message: "is about a record that others keep changing" }], 409);
