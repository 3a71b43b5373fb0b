/** The part of the doctor for the table: is it there, can it be read, and is it as safe as config says? */
import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ResourceNotFoundException,
} from "@aws-sdk/client-dynamodb";
import { changesBus, hasDatabase } from "../../infra/database/settings.ts";
import { tableName } from "../../infra/names.ts";
import type { Settings } from "../../infra/settings/parse.ts";
import type { Check, Finding } from "./check.ts";

/** What is known of the table. */
export interface TableFacts {
  /** DynamoDB's own word, for example `ACTIVE`. */
  readonly status: string;
  readonly isProtected: boolean;
  readonly isStreamed: boolean;
  readonly expires: boolean;
  /** How far back it can be restored to, in days; 0, not at all. */
  readonly recoveryDays: number;
}

export const databaseCheck: Check = {
  name: "database",
  run: async ({ stack, settings }) => {
    if (!hasDatabase(settings)) return [];
    const client = new DynamoDBClient({ region: settings.region });
    return judgeTable(stack, settings, await readTable(client, tableName(settings)));
  },
};

/** `undefined` where there is no such table. */
export async function readTable(
  client: DynamoDBClient,
  TableName: string,
): Promise<TableFacts | undefined> {
  try {
    const [{ Table }, { TimeToLiveDescription }, { ContinuousBackupsDescription }] =
      await Promise.all([
        client.send(new DescribeTableCommand({ TableName })),
        client.send(new DescribeTimeToLiveCommand({ TableName })),
        client.send(new DescribeContinuousBackupsCommand({ TableName })),
      ]);
    const { PointInTimeRecoveryDescription: recovery } = ContinuousBackupsDescription ?? {};
    return {
      status: Table?.TableStatus ?? "",
      isProtected: Table?.DeletionProtectionEnabled === true,
      isStreamed: Table?.StreamSpecification?.StreamEnabled === true,
      expires: (TimeToLiveDescription?.TimeToLiveStatus ?? "").startsWith("ENABL"),
      recoveryDays:
        recovery?.PointInTimeRecoveryStatus === "ENABLED"
          ? (recovery.RecoveryPeriodInDays ?? LONGEST_RECOVERY_DAYS)
          : 0,
    };
  } catch (error) {
    // TableNotFoundException is DescribeContinuousBackups' name for it.
    if (error instanceof ResourceNotFoundException) return undefined;
    if (error instanceof Error && error.name === "TableNotFoundException") return undefined;
    throw error;
  }
}

/** What DynamoDB means where it names no period. */
const LONGEST_RECOVERY_DAYS = 35;

/** States in which a table works. */
const WORKS = ["ACTIVE", "UPDATING"];

/** What is wrong with the table, in words. Pure. */
export function judgeTable(
  stack: string,
  settings: Settings,
  facts: TableFacts | undefined,
): readonly Finding[] {
  const name = tableName(settings);
  if (facts === undefined) {
    return [
      {
        severity: "error",
        problem: `the table ${name} is not there: whatever needs it fails`,
        remedy: "deploy it, or restore what was deleted: docs/operations.md#restoring-the-table",
      },
    ];
  }
  const { status, isProtected, isStreamed, expires, recoveryDays } = facts;
  if (!WORKS.includes(status)) {
    const isLocked = status === "INACCESSIBLE_ENCRYPTION_CREDENTIALS";
    return [
      {
        severity: "error",
        problem: `the table ${name} is ${status}: whatever needs it fails`,
        remedy: isLocked
          ? "enable its KMS key again within seven days; after them DynamoDB archives the table"
          : "wait until it is ACTIVE, or see what AWS says of it in the console",
      },
    ];
  }
  const again = `set it again: pulumi up --stack ${stack} --refresh`;
  const lost = (severity: Finding["severity"], isLost: boolean, problem: string) =>
    isLost ? [{ severity, problem: `the table ${name} ${problem}`, remedy: again }] : [];
  return [
    ...lost(
      "error",
      !isStreamed && changesBus(settings) !== undefined,
      "has no stream: changes are kept and not published",
    ),
    ...lost("warning", settings.databaseProtection && !isProtected, "can be deleted by one call"),
    ...lost(
      "warning",
      recoveryDays < settings.databaseRecoveryDays,
      `can be restored ${recoveryDays === 0 ? "to no earlier state" : `to ${recoveryDays} days back`}, and config says ${settings.databaseRecoveryDays} days`,
    ),
    ...lost("warning", !expires, "keeps what has expired, and grows for ever"),
  ];
}
