/** The config keys of the database, and what they come to. Pure. docs/growth.md#table. */
import { flag, integer, oneOf, type Rule, type Ruled, text } from "../settings/rules.ts";

/** Most that a table takes without a request to AWS (DynamoDB quotas, "Throughput default quotas"). */
const MOST_UNITS = 40_000;

/** Longest that DynamoDB keeps continuous backups ("Point-in-time backups"). */
const MOST_RECOVERY_DAYS = 35;

/**
 * Write units of one change of a small record: a put of what makes it count once, and a transaction of three items, which
 * costs double (DynamoDB guide, "Capacity unit consumption"; function/adapters/table.ts).
 */
export const WRITE_UNITS_A_CHANGE = 7;

export const DATABASE_RULES = {
  database: oneOf(["none", "dynamodb"]),
  databaseMaxWriteUnitsPerSecond: integer(0, MOST_UNITS, "write units a second"),
  databaseMaxReadUnitsPerSecond: integer(0, MOST_UNITS, "read units a second"),
  databaseRecoveryDays: integer(0, MOST_RECOVERY_DAYS, "days"),
  databaseProtection: flag,
  // EventBridge API reference, CreateEventBus; partners' buses have slashes, and only partners write to them.
  databaseChangesBus: text(
    /^[A-Za-z0-9._-]{1,256}$/,
    "must be the name of an event bus of this account and region, or none",
  ),
} as const satisfies Readonly<Record<string, Rule<unknown>>>;

export type DatabaseSettings = {
  readonly [K in keyof typeof DATABASE_RULES]: Ruled<(typeof DATABASE_RULES)[K]>;
};

export const hasDatabase = ({ database }: Partial<DatabaseSettings>): boolean =>
  database === "dynamodb";

/** The bus that changes are published on; `undefined` where they are not. */
export const changesBus = (settings: Partial<DatabaseSettings>): string | undefined =>
  hasDatabase(settings) && settings.databaseChangesBus !== "none"
    ? settings.databaseChangesBus
    : undefined;
