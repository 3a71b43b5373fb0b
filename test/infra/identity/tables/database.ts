/**
 * What is called of the table and of the bus that its changes are published on, and what must be denied. By AWS's
 * documents: a transaction is judged as the actions on its items, DynamoDB calls KMS in the name of whoever calls it
 * and names the table, and every entry of PutEvents is judged by its source.
 */
import type { Call, Context } from "../support/evaluator.ts";
import type { Program, RoleKey } from "../support/program.ts";
import { arn, type Inputs, on, type ProviderCall, type RowTable, text } from "../support/rows.ts";

type Recorded = Pick<Program, "location" | "scope" | "resources">;

const TABLE = "aws:dynamodb/table:Table";

/** The program's own table; a team's have other parents. */
const ownTable = ({ resources }: Recorded) =>
  resources.find(
    ({ type, options }) =>
      type === TABLE && options.parent?.type === "lambda-service:infra:Database",
  );

const named = (program: Recorded): string =>
  `${program.scope.serviceName}-table-${program.scope.environment}`;

const keyOf = (inputs: Inputs): string | undefined => {
  const { kmsKeyArn } = (inputs["serverSideEncryption"] ?? {}) as { kmsKeyArn?: string };
  return kmsKeyArn;
};

/** The aliases of the key: one that the program makes has its own. */
const aliases = ({ resources, scope }: Recorded): string[] => {
  const made = `alias/${scope.serviceName}-data-${scope.environment}`;
  return [resources.some(({ inputs }) => inputs["name"] === made) ? made : "alias/shared"];
};

const viaDynamoDb = (program: Recorded): Context => ({
  "kms:ViaService": `dynamodb.${program.location.region}.amazonaws.com`,
  "kms:ResourceAliases": aliases(program),
});

const ofTable = (program: Recorded, table = named(program)): Context => ({
  ...viaDynamoDb(program),
  "kms:EncryptionContext:aws:dynamodb:tableName": table,
});

function keyCalls(inputs: Inputs, program: Program): readonly ProviderCall[] {
  const key = keyOf(inputs);
  if (key === undefined) return [];
  const set = "kms:Decrypt kms:Encrypt kms:GenerateDataKey kms:ReEncryptFrom kms:ReEncryptTo";
  return [
    ...on(key, { create: set, update: set }, viaDynamoDb(program)),
    ...on(
      key,
      { create: "kms:CreateGrant", update: "kms:CreateGrant" },
      { ...viaDynamoDb(program), "kms:GrantIsForAWSResource": "true" },
    ),
    ...on(key, { read: "kms:DescribeKey" }, { "kms:ResourceAliases": aliases(program) }),
  ];
}

export const DATABASE_CALLS: RowTable = {
  [TABLE]: (inputs, program) => [
    ...on(arn(program, "dynamodb", `table/${text(inputs, "name")}`), {
      create:
        "dynamodb:CreateTable dynamodb:TagResource dynamodb:UpdateContinuousBackups dynamodb:UpdateTimeToLive",
      read: "dynamodb:DescribeContinuousBackups dynamodb:DescribeTable dynamodb:DescribeTimeToLive dynamodb:ListTagsOfResource",
      update:
        "dynamodb:TagResource dynamodb:UntagResource dynamodb:UpdateContinuousBackups dynamodb:UpdateTable dynamodb:UpdateTimeToLive",
      delete: "dynamodb:DeleteTable",
    }),
    ...keyCalls(inputs, program),
  ],
};

export interface DatabaseCall extends Call {
  readonly by: string;
  readonly roles: readonly RoleKey[];
}

/** What the running service and the commands call. */
export function databaseCommandCalls(program: Program): readonly DatabaseCall[] {
  const made = ownTable(program);
  if (made === undefined) return [];
  const table = arn(program, "dynamodb", `table/${named(program)}`);
  const call = (
    by: string,
    roles: readonly RoleKey[],
    actions: string,
    resource: string,
    context?: Context,
  ): readonly DatabaseCall[] =>
    actions
      .split(" ")
      .map((action) => ({ by, roles, action, resource, ...(context && { context }) }));
  const bus = busOf(program);
  const key = keyOf(made.inputs);
  return [
    ...call(
      "handling",
      ["execution"],
      "dynamodb:GetItem dynamodb:PutItem dynamodb:DeleteItem",
      table,
    ),
    ...call(
      "doctor",
      ["operator", "preview"],
      "dynamodb:DescribeTable dynamodb:DescribeContinuousBackups dynamodb:DescribeTimeToLive",
      table,
    ),
    ...(bus === undefined
      ? []
      : call("publishing", ["execution"], "events:PutEvents", bus, {
          "events:source": [program.scope.serviceName],
        })),
    ...(key === undefined
      ? []
      : [
          ...call("handling", ["execution"], "kms:Decrypt", key, ofTable(program)),
          ...call("replay", ["operator"], "kms:Decrypt", key, ofTable(program)),
        ]),
  ];
}

/** The bus that the function is told to publish on. */
function busOf(program: Recorded): string | undefined {
  const handler = program.resources.find(
    ({ type, name }) => type === "aws:lambda/function:Function" && name === "function",
  );
  const { variables = {} } = (handler?.inputs["environment"] ?? {}) as {
    variables?: Readonly<Record<string, string>>;
  };
  const name = variables["CHANGES_BUS"];
  return name === undefined ? undefined : arn(program, "events", `event-bus/${name}`);
}

/** What somebody would try who has one of the roles and is after the data, or after those who listen. */
export function databaseAttacks(
  program: Program,
): readonly (Call & { attack: string; role: RoleKey })[] {
  const made = ownTable(program);
  if (made === undefined) return [];
  const { scope } = program;
  const other = scope.environment === "staging" ? "production" : "staging";
  const dynamodb = (resource: string) => arn(program, "dynamodb", resource);
  const table = dynamodb(`table/${named(program)}`);
  const stream = `${table}/stream/2026-01-01T00:00:00.000`;
  const by = (
    roles: readonly RoleKey[],
    attack: string,
    actions: string,
    resource: string,
    context?: Context,
  ) =>
    roles.flatMap((role) =>
      actions
        .split(" ")
        .map((action) => ({ role, attack, action, resource, ...(context && { context }) })),
    );
  const writes = "dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem dynamodb:BatchWriteItem";
  const reads =
    "dynamodb:GetItem dynamodb:Query dynamodb:Scan dynamodb:BatchGetItem dynamodb:PartiQLSelect";
  const nobodys =
    "dynamodb:DeleteTable dynamodb:PutResourcePolicy dynamodb:CreateTableReplica dynamodb:DeleteBackup";
  const key = keyOf(made.inputs);
  const bus = busOf(program) ?? arn(program, "events", "event-bus/default");
  return [
    ...by(
      ["deploy", "preview", "plan", "operator", "hook", "codedeploy", "scheduler"],
      "read or write items of the table",
      `${reads} ${writes}`,
      table,
    ),
    ...by(
      ["deploy", "preview", "plan"],
      "read what was written off the stream",
      "dynamodb:GetRecords",
      stream,
    ),
    ...by(
      ["deploy", "operator", "execution"],
      "lose the table, or open it to another account",
      nobodys.replace(" dynamodb:DeleteBackup", ""),
      table,
    ),
    ...by(
      ["deploy", "preview", "operator", "execution"],
      "take the table's data elsewhere",
      "dynamodb:ExportTableToPointInTime dynamodb:RestoreTableToPointInTime dynamodb:CreateBackup dynamodb:EnableKinesisStreamingDestination",
      table,
    ),
    ...by(
      ["execution"],
      "read the whole table",
      "dynamodb:Query dynamodb:Scan dynamodb:PartiQLSelect",
      table,
    ),
    ...by(
      ["execution"],
      "change the table itself",
      "dynamodb:UpdateTable dynamodb:UpdateContinuousBackups dynamodb:UpdateTimeToLive",
      table,
    ),
    ...[
      `${named(program)}2`,
      `${scope.serviceName}-tables-${scope.environment}`,
      `${scope.serviceName}-table-${other}`,
    ].flatMap((name) =>
      by(
        ["execution"],
        "use another table",
        "dynamodb:GetItem dynamodb:PutItem",
        dynamodb(`table/${name}`),
      ),
    ),
    ...[`${named(program)}2`, `${scope.serviceName}-table-${other}`].flatMap((name) =>
      by(
        ["deploy"],
        "make or change another table",
        "dynamodb:CreateTable dynamodb:UpdateTable dynamodb:UpdateContinuousBackups",
        dynamodb(`table/${name}`),
      ),
    ),
    ...by(["operator", "preview"], "change the table by hand", "dynamodb:UpdateTable", table),
    ...[["payroll"], [scope.serviceName, "payroll"]].flatMap((sources) =>
      by(["execution"], "publish in another service's name", "events:PutEvents", bus, {
        "events:source": sources,
      }),
    ),
    ...by(
      ["execution"],
      "publish on another bus",
      "events:PutEvents",
      arn(program, "events", "event-bus/payroll"),
      { "events:source": [scope.serviceName] },
    ),
    ...by(
      ["deploy", "hook", "operator"],
      "publish changes that nobody made",
      "events:PutEvents",
      bus,
      {
        "events:source": [scope.serviceName],
      },
    ),
    ...(key === undefined ? [] : keyAttacks(program, key, by)),
  ];
}

function keyAttacks(
  program: Program,
  key: string,
  by: (
    roles: readonly RoleKey[],
    attack: string,
    actions: string,
    resource: string,
    context?: Context,
  ) => readonly (Call & { attack: string; role: RoleKey })[],
) {
  const { "kms:ViaService": _via, ...direct } = ofTable(program);
  const { "kms:ViaService": _set, ...setting } = viaDynamoDb(program);
  const set = "kms:Decrypt kms:Encrypt kms:GenerateDataKey kms:ReEncryptFrom kms:ReEncryptTo";
  return [
    ...by(
      ["execution", "operator"],
      "open another table",
      "kms:Decrypt",
      key,
      ofTable(program, "payroll"),
    ),
    ...by(
      ["execution", "operator"],
      "open the table's key by a call of its own",
      "kms:Decrypt",
      key,
      direct,
    ),
    ...by(
      ["execution", "operator", "deploy"],
      "open a table with somebody else's key",
      "kms:Decrypt",
      key,
      {
        ...ofTable(program),
        "kms:ResourceAliases": ["alias/x"],
      },
    ),
    ...by(["preview", "plan", "hook"], "open the table", "kms:Decrypt", key, ofTable(program)),
    ...by(["deploy"], "use the table's key by a call of its own", set, key, setting),
    ...by(["deploy"], "set somebody else's key", set, key, {
      ...viaDynamoDb(program),
      "kms:ResourceAliases": ["alias/x"],
    }),
  ];
}
