/**
 * What a service needs of the table that it keeps its records in, whatever the records are.
 * Put here: the interface alone. adapters/table.ts is DynamoDB's.
 */
import type { Call } from "./domain.ts";

/** What a table gets to know of the event that it serves. */
export type TableCall = Pick<
  Call,
  "signal" | "trace" | "now" | "newId" | "correlationId" | "isSmoke" | "ticket" | "log"
>;

/** What is kept under an id. */
export interface Kept {
  /** 0 where there was never a record; then one more at every change, the removal included. */
  readonly version: number;
  /** The record, or none where it was never there or is removed. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** ISO 8601, UTC. */
  readonly changedAt?: string;
  /** `newId` of the event that made the last change. */
  readonly changedBy?: string;
}

/** One change of one record, and all that is written with it or not at all. */
export interface Change {
  readonly id: string;
  /** What the record's version becomes. It must be one less until then. */
  readonly version: number;
  /** The new record, at most 240 KB as JSON. Without it, the record is removed. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** What the change is called where it is published, such as `RecordCreated`. */
  readonly type: string;
  /**
   * What the event is answered with, said with the last change that the event makes: both are kept or neither is, and
   * a repetition of the event gets it again. Default: it is kept after the event was carried out.
   */
  readonly answer?: object;
}

/** The records. Every method is safe to repeat, and throws `DependencyError` when it fails. */
export interface Table {
  /** Shown in traces. */
  readonly name: string;
  /** What is kept now, never what was kept a moment ago. */
  read(id: string, call: TableCall): Promise<Kept>;
  /**
   * Writes a change and its event in one transaction. Throws `ConflictError` where the record has another version
   * than the one before, and `RefusedError` (413) for a record that is too large.
   */
  write(change: Change, call: TableCall): Promise<void>;
}

/** One event that must be carried out once, by the invocation that holds its ticket. */
export interface Ticket {
  /** By which a repetition is known. */
  readonly key: string;
  /** Hash of what was sent: another event under the same key is a mistake of its sender's. */
  readonly hash: string;
  /** Of this invocation alone. */
  readonly owner: string;
  /** Milliseconds since 1970 at which Lambda has ended this invocation for certain. */
  readonly endsAtMs: number;
  /** Whether the answer was kept together with a change. */
  isAnswered: boolean;
}

/** What was carried out, and with which answer. */
export interface Memory {
  /**
   * Nothing where the event is new, and this invocation holds its ticket from now on; the answer where it was carried
   * out before. Throws `RefusedError`: 409 while another invocation is at it, 422 for another event under the key.
   */
  begin(ticket: Ticket, call: TableCall): Promise<object | undefined>;
  /** Keeps the answer. */
  finish(ticket: Ticket, answer: object, call: TableCall): Promise<void>;
  /** Gives the ticket back, so that a repetition is carried out at once. */
  forget(ticket: Ticket, call: TableCall): Promise<void>;
}
