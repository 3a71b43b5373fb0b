/** The table that the service keeps its data in, as config states it. docs/growth.md#table. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { OUTBOX_TABLE } from "./database/outbox.ts";
import { changesBus, hasDatabase } from "./database/settings.ts";
import { tableName } from "./names.ts";
import type { Settings } from "./settings.ts";

export interface DatabaseArgs {
  readonly settings: Settings;
  /** The KMS key that encrypts the table. Default DynamoDB's own, which is free. */
  readonly keyArn?: pulumi.Input<string> | undefined;
}

/** One table: keys `pk` and `sk`, items that expire, and a stream of what is written. */
export class Database extends pulumi.ComponentResource {
  readonly tableName: pulumi.Output<string>;
  /** What the handler is told: `TABLE_NAME`, and `CHANGES_BUS` where changes are published. */
  readonly environment: Readonly<Record<string, pulumi.Input<string>>>;
  /** The table's stream, as sources name it. */
  readonly streams: Readonly<Record<string, pulumi.Input<string>>>;

  constructor(
    name: string,
    { settings, keyArn }: DatabaseArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("lambda-service:infra:Database", name, {}, opts);
    const { databaseRecoveryDays: recoveryDays, databaseProtection } = settings;
    const table = new aws.dynamodb.Table(
      "table",
      {
        name: tableName(settings),
        billingMode: "PAY_PER_REQUEST",
        // Always both: the provider reads what is left out as "as it is".
        onDemandThroughput: {
          maxReadRequestUnits: orNone(settings.databaseMaxReadUnitsPerSecond),
          maxWriteRequestUnits: orNone(settings.databaseMaxWriteUnitsPerSecond),
        },
        hashKey: "pk",
        rangeKey: "sk",
        attributes: [
          { name: "pk", type: "S" },
          { name: "sk", type: "S" },
        ],
        ttl: { attributeName: "expiresAt", enabled: true },
        // Also where nobody reads it, which is free: off and on again, it would be another stream.
        streamEnabled: true,
        streamViewType: "NEW_IMAGE",
        pointInTimeRecovery: {
          enabled: recoveryDays > 0,
          ...(recoveryDays > 0 && { recoveryPeriodInDays: recoveryDays }),
        },
        // Said in both cases: a table whose key is only left out keeps it.
        serverSideEncryption:
          keyArn === undefined ? { enabled: false } : { enabled: true, kmsKeyArn: keyArn },
        deletionProtectionEnabled: databaseProtection,
      },
      // Data cannot be made again: with protection, neither a plan nor a lost state takes the table along.
      { parent: this, protect: databaseProtection, retainOnDelete: databaseProtection },
    );
    const bus = changesBus(settings);
    this.tableName = table.name;
    this.environment = { TABLE_NAME: table.name, ...(bus !== undefined && { CHANGES_BUS: bus }) };
    this.streams = { [OUTBOX_TABLE]: table.streamArn };
    this.registerOutputs({ tableName: table.name });
  }
}

/**
 * What the handler is told of the table. Throws `pulumi.RunError` where a team's own variables would say something else:
 * the handler would then work on a table of another form.
 */
export function databaseEnvironment(
  database: Database | undefined,
  own: Readonly<Record<string, unknown>>,
): Database["environment"] {
  const given = database?.environment ?? {};
  const taken = Object.keys(given).filter((name) => name in own);
  if (taken.length === 0) return given;
  throw new pulumi.RunError(
    `environment ${taken.join(", ")} of makeOwnResources: the handler finds the service's table by it, with database: dynamodb; name yours otherwise in infra/own/resources.ts`,
  );
}

/** A brake in DynamoDB's words, where -1 is none. */
const orNone = (units: number): number => (units === 0 ? -1 : units);

/** Makes the table, or nothing where config has none. */
export const openDatabase = (
  args: DatabaseArgs,
  opts: pulumi.ComponentResourceOptions,
): Database | undefined =>
  hasDatabase(args.settings) ? new Database("database", args, opts) : undefined;
