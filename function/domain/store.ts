/**
 * The port to whatever keeps the records. Only adapters/ knows AWS.
 * Put here: what the service needs of the outside, in its own words, one port a need.
 */
import type { Call } from "../platform/domain.ts";
import type { LambdaEvent } from "./event.ts";

/** A record as it is kept. */
export interface StoredRecord {
  readonly id: string;
  readonly data: LambdaEvent["data"];
  /** ISO 8601, UTC. */
  readonly changedAt: string;
}

/** Every method is safe to repeat, because Lambda retries events, and throws `DependencyError` when it fails. */
export interface Store {
  /** Shown in traces. */
  readonly name: string;
  keep(record: StoredRecord, call: Pick<Call, "signal" | "trace">): Promise<void>;
  remove(id: string, call: Pick<Call, "signal" | "trace">): Promise<void>;
}

/** Keeps nothing: the service as it is shipped only answers, so it needs no permission and no table. */
export const noStore: Store = {
  name: "no-store",
  keep: () => Promise.resolve(),
  remove: () => Promise.resolve(),
};
