/** What is paid for data: tables, databases, objects, keys, secrets and parameters. */
import { WRITE_UNITS_A_CHANGE } from "../../../infra/database/settings.ts";
import { groupAt, listAt, numberAt, textAt } from "../inputs.ts";
import { type Context, ofType, type Part, type PricerTable } from "../pricing.ts";
import { HOURS_A_MONTH, READS_OF_FIVE_MINUTES } from "../usage.ts";

/**
 * Units of a small transaction: 700,000 of the TPC-C benchmark take about 100,000 (Aurora DSQL pricing, free tier).
 * Measure yours: the cluster has a metric of it.
 */
const DPU_A_CALL = 1 / 7;

/** A proxy is paid for by the processors of its database, and for two at least. */
const LEAST_VCPU = 2;

/** What the handler is told of a table of this name; undefined where it is not its own. */
const toldOf = (table: string, context: Context): Readonly<Record<string, unknown>> | undefined =>
  ofType(context, "aws:lambda/function:Function")
    .map(({ inputs }) => groupAt(groupAt(inputs, "environment"), "variables"))
    .find(({ TABLE_NAME: own }) => table !== "" && own === table);

/** What the service does with its own table when every call is a change. */
function ownTraffic(
  told: Readonly<Record<string, unknown>>,
  { usage: { requests } }: Context,
): readonly Part[] {
  return [
    [
      "writes, as if every call were a change",
      "tableWrite",
      requests * WRITE_UNITS_A_CHANGE,
      `${WRITE_UNITS_A_CHANGE} units a change`,
    ],
    ["reads, one a call", "tableRead", requests],
    ...(told["CHANGES_BUS"] === undefined
      ? []
      : ([["changes published", "customEvent", requests]] satisfies Part[])),
  ];
}

export const DATA_TYPES: PricerTable = {
  "aws:dynamodb/table:Table": ({ inputs }, context) => {
    const { requests, storedGb } = context.usage;
    const told = toldOf(textAt(inputs, "name"), context);
    // Copies in other regions have prices of their own.
    if (listAt(inputs, "replicas").length > 0) return undefined;
    const indexes = listAt(inputs, "globalSecondaryIndexes").length;
    const onDemand = textAt(inputs, "billingMode") === "PAY_PER_REQUEST";
    const traffic: readonly Part[] = told
      ? ownTraffic(told, context)
      : onDemand
        ? [
            ["writes, one a call and index", "tableWrite", requests * (1 + indexes)],
            ["reads, one a call", "tableRead", requests],
          ]
        : [
            [
              "write capacity",
              "tableWriteHour",
              numberAt(inputs, "writeCapacity", 1) * HOURS_A_MONTH,
            ],
            ["read capacity", "tableReadHour", numberAt(inputs, "readCapacity", 1) * HOURS_A_MONTH],
          ];
    return [
      ...traffic,
      // A stream costs nothing where functions read it.
      ["items stored", "tableStored", storedGb],
      ...(groupAt(inputs, "pointInTimeRecovery")["enabled"] === true
        ? ([["backups to any point in time", "tableBackup", storedGb]] satisfies Part[])
        : []),
    ];
  },
  "aws:dsql/cluster:Cluster": (_cluster, { usage: { requests, storedGb } }) => [
    ["database activity", "dsqlUnit", requests * DPU_A_CALL, "a seventh of a DPU a call"],
    ["rows stored", "dsqlStored", storedGb],
  ],
  "aws:rds/proxy:Proxy": () => [
    ["connections", "proxyHour", LEAST_VCPU * HOURS_A_MONTH, `${LEAST_VCPU} vCPU, the least`],
  ],
  "aws:s3/bucket:Bucket": () => [["objects, about 100 MB", "objectStored", 0.1]],
  "aws:kms/key:Key": () => [
    ["encryption key", "key", 1],
    ["requests to the key", "keyRequest", READS_OF_FIVE_MINUTES, "one in five minutes"],
  ],
  "aws:kms/replicaKey:ReplicaKey": () => [["encryption key", "key", 1]],
  "aws:secretsmanager/secret:Secret": () => [
    ["secret", "secret", 1],
    ["reads of the secret", "secretRequest", READS_OF_FIVE_MINUTES, "one in five minutes"],
  ],
  "aws:ssm/parameter:Parameter": ({ inputs }) =>
    // Standard parameters are free, and so is reading them at the standard rate.
    textAt(inputs, "tier") === "Advanced"
      ? [
          ["advanced parameter", "advancedParameter", 1],
          [
            "reads of the parameter",
            "parameterRequest",
            READS_OF_FIVE_MINUTES,
            "one in five minutes",
          ],
        ]
      : [],
};
