/**
 * The door by which a table's changes leave: its own stream hands over the events that were written with them.
 * Put here: the interface alone. adapters/outbox.ts publishes on a bus of EventBridge.
 */
import type { Call } from "./domain.ts";

type Json = Readonly<Record<string, unknown>>;

export interface Outbox {
  /** The records of the table's own stream, or nothing for whatever else came in. */
  changesOf(input: unknown): readonly Json[] | undefined;
  /**
   * Publishes them in order, as far as it gets: the record at which it stopped, and why. What comes behind that one
   * may be published already, and is published again later: consumers know a change by id and version.
   */
  publish(
    records: readonly Json[],
    call: Pick<Call, "signal" | "trace">,
  ): Promise<{ readonly record: Json; readonly error: unknown } | undefined>;
}
