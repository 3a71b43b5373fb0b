/**
 * The port to whatever keeps the records. The flow knows this interface, only adapters/ knows AWS.
 * Put here: what the service needs of the outside, in its own words, one port a need.
 */
import type { LambdaEvent } from "./event.ts";
import type { ProcessResult } from "./process-event.ts";

/** What is to be kept: the decision, and the data that it was made from. */
export interface Change {
  readonly result: ProcessResult;
  readonly data: LambdaEvent["data"];
}

/** What every call to the outside gets. */
export interface Call {
  /** Aborts a margin before the function's timeout: hand it to the SDK. */
  readonly signal: AbortSignal;
  readonly correlationId: string;
}

export interface Store {
  /** Shown in traces. */
  readonly name: string;
  /** Keeps the change. Safe to repeat: Lambda retries events. Throws `DependencyError` when it fails. */
  apply(change: Change, call: Call): Promise<void>;
}
