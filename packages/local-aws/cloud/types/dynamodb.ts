/** Tables of DynamoDB, with their indexes, stream, expiry and recovery. Brakes are kept, and not applied. */
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  type DynamoDBClient,
  DescribeTableCommand,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
  type UpdateTableCommandInput,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { type Properties, text } from "../../provider/aws-types.ts";
import { list, type Maker, part, texts } from "./maker.ts";

/** In seconds: a table here is there at once, and what is longer never comes. */
const READY = { minDelay: 1, maxDelay: 1, maxWaitTime: 10 };

const keySchema = (of: Properties): NonNullable<CreateTableCommandInput["KeySchema"]> => [
  { AttributeName: text(of, "hashKey"), KeyType: "HASH" },
  ...(text(of, "rangeKey") === ""
    ? []
    : [{ AttributeName: text(of, "rangeKey"), KeyType: "RANGE" as const }]),
];

const attributes = (inputs: Properties) =>
  list(inputs, "attributes").map((attribute) => ({
    AttributeName: text(attribute, "name"),
    AttributeType: text(attribute, "type") as "S",
  }));

const throughput = (of: Properties) => ({
  ReadCapacityUnits: Number(of["readCapacity"] ?? 1),
  WriteCapacityUnits: Number(of["writeCapacity"] ?? 1),
});

const isOnDemand = (inputs: Properties): boolean =>
  text(inputs, "billingMode") === "PAY_PER_REQUEST";

const billing = (inputs: Properties) =>
  isOnDemand(inputs)
    ? { BillingMode: "PAY_PER_REQUEST" as const }
    : { BillingMode: "PROVISIONED" as const, ProvisionedThroughput: throughput(inputs) };

/** An index, whose own keys come before the table's where it is a local one. */
const index = (inputs: Properties, of: Properties, isLocal: boolean) => ({
  IndexName: text(of, "name"),
  KeySchema: keySchema(isLocal ? { ...of, hashKey: inputs["hashKey"] } : of),
  Projection: {
    ProjectionType: text(of, "projectionType") as "ALL",
    ...(texts(of, "nonKeyAttributes").length > 0 && {
      NonKeyAttributes: texts(of, "nonKeyAttributes"),
    }),
  },
  ...(!isLocal && !isOnDemand(inputs) && { ProvisionedThroughput: throughput(of) }),
});

const stream = (inputs: Properties) => ({
  StreamSpecification:
    inputs["streamEnabled"] === true
      ? { StreamEnabled: true, StreamViewType: text(inputs, "streamViewType") as "NEW_IMAGE" }
      : { StreamEnabled: false },
});

const protection = (inputs: Properties) => ({
  DeletionProtectionEnabled: inputs["deletionProtectionEnabled"] === true,
});

function onDemandThroughput(inputs: Properties) {
  const brakes = part(inputs, "onDemandThroughput");
  const units = (key: string) => (brakes[key] === undefined ? -1 : Number(brakes[key]));
  return {
    OnDemandThroughput: {
      MaxReadRequestUnits: units("maxReadRequestUnits"),
      MaxWriteRequestUnits: units("maxWriteRequestUnits"),
    },
  };
}

function encryption(inputs: Properties) {
  const { enabled, kmsKeyArn } = part(inputs, "serverSideEncryption");
  return {
    SSESpecification: {
      Enabled: enabled === true,
      ...(typeof kmsKeyArn === "string" && { KMSMasterKeyId: kmsKeyArn, SSEType: "KMS" as const }),
    },
  };
}

/** What UpdateTable changes, by the input that says it; AWS takes one of them at a time. */
const CHANGES: Readonly<
  Record<string, (inputs: Properties) => Omit<UpdateTableCommandInput, "TableName">>
> = {
  billingMode: billing,
  deletionProtectionEnabled: protection,
  onDemandThroughput,
  serverSideEncryption: encryption,
  streamEnabled: stream,
  streamViewType: stream,
};

/** What is set by calls of its own, after the table is there. */
async function settle(
  inputs: Properties,
  dynamodb: DynamoDBClient,
  wants: (key: string) => boolean,
): Promise<void> {
  const TableName = text(inputs, "name");
  const { attributeName, enabled } = part(inputs, "ttl");
  if (wants("ttl") && typeof attributeName === "string") {
    const TimeToLiveSpecification = { AttributeName: attributeName, Enabled: enabled === true };
    await dynamodb.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
  }
  if (wants("pointInTimeRecovery")) {
    const recovery = part(inputs, "pointInTimeRecovery");
    const days = Number(recovery["recoveryPeriodInDays"] ?? 0);
    await dynamodb.send(
      new UpdateContinuousBackupsCommand({
        TableName,
        PointInTimeRecoverySpecification: {
          PointInTimeRecoveryEnabled: recovery["enabled"] === true,
          ...(days > 0 && { RecoveryPeriodInDays: days }),
        },
      }),
    );
  }
}

/** What only the emulator knows: the stream is named by the moment that it was switched on. */
async function outputs(TableName: string, dynamodb: DynamoDBClient): Promise<Properties> {
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
  return {
    arn: Table?.TableArn ?? "",
    streamArn: Table?.LatestStreamArn ?? "",
    streamLabel: Table?.LatestStreamLabel ?? "",
  };
}

/** Indexes come and go one at a time; one that changes is another one. */
async function changeIndexes(
  inputs: Properties,
  previous: Properties,
  dynamodb: DynamoDBClient,
): Promise<void> {
  const TableName = text(inputs, "name");
  const formOf = (of: Properties) => JSON.stringify(index(inputs, of, false));
  const [before, after] = [previous, inputs].map((of) => list(of, "globalSecondaryIndexes"));
  const without = (some: readonly Properties[] = [], others: readonly Properties[] = []) =>
    some.filter((one) => !others.some((other) => formOf(other) === formOf(one)));
  for (const gone of without(before, after)) {
    const GlobalSecondaryIndexUpdates = [{ Delete: { IndexName: text(gone, "name") } }];
    await dynamodb.send(new UpdateTableCommand({ TableName, GlobalSecondaryIndexUpdates }));
  }
  for (const added of without(after, before)) {
    const GlobalSecondaryIndexUpdates = [{ Create: index(inputs, added, false) }];
    await dynamodb.send(
      new UpdateTableCommand({
        TableName,
        AttributeDefinitions: attributes(inputs),
        GlobalSecondaryIndexUpdates,
      }),
    );
  }
}

export const dynamodbMakers: Readonly<Record<string, Maker>> = {
  "aws:dynamodb/table:Table": {
    create: async ({ inputs }, { dynamodb }) => {
      const TableName = text(inputs, "name");
      const indexes = (key: string, isLocal: boolean) =>
        list(inputs, key).map((of) => index(inputs, of, isLocal));
      const global = indexes("globalSecondaryIndexes", false);
      const local = indexes("localSecondaryIndexes", true);
      await dynamodb.send(
        new CreateTableCommand({
          TableName,
          AttributeDefinitions: attributes(inputs),
          KeySchema: keySchema(inputs),
          ...billing(inputs),
          ...(isOnDemand(inputs) && onDemandThroughput(inputs)),
          ...(inputs["streamEnabled"] === true && stream(inputs)),
          ...(inputs["serverSideEncryption"] !== undefined && encryption(inputs)),
          ...protection(inputs),
          ...(global.length > 0 && { GlobalSecondaryIndexes: global }),
          ...(local.length > 0 && { LocalSecondaryIndexes: local }),
        }),
      );
      await waitUntilTableExists({ client: dynamodb, ...READY }, { TableName });
      await settle(inputs, dynamodb, (key) => inputs[key] !== undefined);
      return outputs(TableName, dynamodb);
    },
    update: async ({ inputs, previous, changed }, { dynamodb }) => {
      const TableName = text(inputs, "name");
      const updates = new Set(changed.flatMap((key) => CHANGES[key] ?? []));
      for (const update of updates) {
        await dynamodb.send(new UpdateTableCommand({ TableName, ...update(inputs) }));
      }
      if (changed.includes("globalSecondaryIndexes")) {
        await changeIndexes(inputs, previous ?? {}, dynamodb);
      }
      await settle(inputs, dynamodb, (key) => changed.includes(key));
      return outputs(TableName, dynamodb);
    },
    delete: async ({ previous = {} }, { dynamodb }) => {
      await dynamodb.send(new DeleteTableCommand({ TableName: text(previous, "name") }));
    },
  },
};
