/** EventBridge where the emulator is kinder than AWS: it takes every event, whatever is in it. */
import { type Answer, AwsError, type Call, type Forward, withJson } from "../http.ts";

export interface FrontEventsOptions {
  readonly forward: Forward;
}

/** Most of one call (EventBridge API reference, PutEvents; User Guide, "Amazon EventBridge quotas"). */
const MOST_ENTRIES = 10;
const MOST_BYTES = 256 * 1024;
/** What the time of an entry counts (User Guide, "Calculating Amazon EventBridge event entry size"). */
const TIME_BYTES = 14;

export type Entry = Readonly<Partial<Record<string, unknown>>>;

interface Refused {
  readonly ErrorCode: string;
  readonly ErrorMessage: string;
}

/**
 * Puts the entries that AWS would take, and refuses each of the others by itself; what comes back is in the order of
 * the call (API reference, PutEvents).
 */
export class FrontEvents {
  readonly #forward: Forward;

  constructor({ forward }: FrontEventsOptions) {
    this.#forward = forward;
  }

  async answer(call: Call): Promise<Answer | undefined> {
    if (call.service !== "events" || call.operation !== "PutEvents") return undefined;
    const { Entries = [] } = call.json() as { readonly Entries?: readonly Entry[] };
    refuseWhole(Entries);
    const refusals = Entries.map(entryFault);
    const taken = Entries.filter((_, index) => refusals[index] === undefined);
    const results = taken.length > 0 ? await this.#put(call, taken) : [];
    if ("status" in results) return results;
    const left = [...results];
    const answers = refusals.map((refused) => refused ?? left.shift() ?? {});
    const FailedEntryCount = answers.filter((one) => "ErrorCode" in one).length;
    return { status: 200, body: { FailedEntryCount, Entries: answers } };
  }

  /** What became of each entry, or the answer to a call that failed as a whole. */
  async #put(call: Call, Entries: readonly Entry[]): Promise<readonly object[] | Answer> {
    const answer = await this.#forward(withJson(call, { ...call.json(), Entries }));
    if (answer.status !== 200) return answer;
    const text = Buffer.from(answer.body as Uint8Array).toString();
    return (JSON.parse(text) as { Entries: readonly object[] }).Entries;
  }
}

/** Throws what AWS refuses of a call as a whole. */
function refuseWhole(entries: readonly Entry[]): void {
  const refuse = (message: string): never => {
    throw new AwsError(400, "ValidationException", message);
  };
  if (entries.length < 1 || entries.length > MOST_ENTRIES) {
    refuse(
      `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length between 1 and ${MOST_ENTRIES}`,
    );
  }
  const bytes = entries.reduce((sum, entry) => sum + entryBytes(entry), 0);
  if (bytes > MOST_BYTES) {
    refuse("Total size of the entries in the request is over the limit.");
  }
}

const textAt = (entry: Entry, key: string): string => {
  const value = entry[key];
  return typeof value === "string" ? value : "";
};

/** As EventBridge counts the size of an entry. */
function entryBytes(entry: Entry): number {
  const resources = Array.isArray(entry["Resources"]) ? entry["Resources"].map(String) : [];
  const texts = [
    ...["Source", "DetailType", "Detail"].map((key) => textAt(entry, key)),
    ...resources,
  ];
  return (
    (entry["Time"] === undefined ? 0 : TIME_BYTES) +
    texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  );
}

/** Why AWS would not take an entry; undefined when it would. */
export function entryFault(entry: Entry): Refused | undefined {
  const missing = ["Source", "DetailType", "Detail"].find((key) => textAt(entry, key) === "");
  if (missing !== undefined) {
    return {
      ErrorCode: "InvalidArgument",
      ErrorMessage: `Parameter ${missing} is not valid. Reason: ${missing} is a required argument.`,
    };
  }
  if (!isObject(textAt(entry, "Detail"))) {
    return { ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed." };
  }
  return undefined;
}

function isObject(json: string): boolean {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
