/**
 * The port to whatever keeps the records. Only adapters/ knows AWS.
 * Put here: what the service needs of the outside, in its own words, one port a need.
 */
import type { Table } from "../platform/table.ts";

/** Records with versions: the service's own table has these methods. Every one is safe to repeat. */
export type Store = Pick<Table, "name" | "read" | "write">;
