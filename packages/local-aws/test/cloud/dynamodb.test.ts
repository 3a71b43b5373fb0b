/** Tables as the local cloud makes them, read back from the emulator. */
import {
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import { dynamodbMakers } from "../../cloud/types/dynamodb.ts";
import type { CloudClients } from "../../cloud/types/maker.ts";
import type { Properties } from "../../provider/aws-types.ts";
import type { Request } from "../../provider/backend.ts";
import { useEmulator } from "../../testing/emulator.ts";
import { failure } from "../support/failure.ts";

const TYPE = "aws:dynamodb/table:Table";
const text = (name: string) => ({ name, type: "S" });

const ORDERS = {
  name: "orders",
  billingMode: "PROVISIONED",
  readCapacity: 3,
  writeCapacity: 2,
  hashKey: "customer",
  rangeKey: "id",
  attributes: [text("customer"), text("id"), text("product"), text("day")],
  globalSecondaryIndexes: [
    {
      name: "by-product",
      hashKey: "product",
      projectionType: "INCLUDE",
      nonKeyAttributes: ["id"],
      readCapacity: 1,
      writeCapacity: 1,
    },
  ],
  localSecondaryIndexes: [{ name: "by-day", rangeKey: "day", projectionType: "KEYS_ONLY" }],
};

describe("a table in the local cloud", function () {
  this.timeout(60_000);
  const account = useEmulator();
  let dynamodb: DynamoDBClient;
  before(() => {
    dynamodb = new DynamoDBClient(account().client);
  });

  const maker = dynamodbMakers[TYPE];
  if (!maker) throw new Error(`no maker of ${TYPE}`);
  const request = (inputs: Properties, previous?: Properties, ...changed: string[]): Request => ({
    type: TYPE,
    logicalName: "table",
    location: { accountId: account().accountId, region: account().region, partition: "aws" },
    inputs,
    changed,
    ...(previous && { previous }),
  });
  const clients = () => ({ dynamodb }) as unknown as CloudClients;
  const described = async (TableName: string) =>
    (await dynamodb.send(new DescribeTableCommand({ TableName }))).Table;

  it("has the keys, indexes and capacity that the program says", async () => {
    const outputs = await maker.create(request(ORDERS), clients());
    const table = await described("orders");
    expect(outputs).to.deep.equal({ arn: table?.TableArn, streamArn: "", streamLabel: "" });
    expect(table?.ProvisionedThroughput).to.include({
      ReadCapacityUnits: 3,
      WriteCapacityUnits: 2,
    });
    expect(table?.KeySchema).to.deep.equal([
      { AttributeName: "customer", KeyType: "HASH" },
      { AttributeName: "id", KeyType: "RANGE" },
    ]);
    const [global] = table?.GlobalSecondaryIndexes ?? [];
    expect(global?.IndexName).to.equal("by-product");
    expect(global?.Projection).to.deep.equal({
      ProjectionType: "INCLUDE",
      NonKeyAttributes: ["id"],
    });
    const [local] = table?.LocalSecondaryIndexes ?? [];
    expect(local?.KeySchema).to.deep.equal([
      { AttributeName: "customer", KeyType: "HASH" },
      { AttributeName: "day", KeyType: "RANGE" },
    ]);
  });

  it("changes in what an update changes, and in nothing else", async () => {
    const changed = {
      ...ORDERS,
      billingMode: "PAY_PER_REQUEST",
      onDemandThroughput: { maxReadRequestUnits: 40, maxWriteRequestUnits: -1 },
      deletionProtectionEnabled: true,
      streamEnabled: true,
      streamViewType: "NEW_IMAGE",
      ttl: { attributeName: "expiresAt", enabled: true },
      globalSecondaryIndexes: [{ name: "by-day", hashKey: "day", projectionType: "ALL" }],
    };
    const before = await described("orders");
    const outputs = await maker.update(
      request(
        changed,
        ORDERS,
        "billingMode",
        "onDemandThroughput",
        "deletionProtectionEnabled",
        "streamEnabled",
        "streamViewType",
        "ttl",
        "globalSecondaryIndexes",
      ),
      clients(),
    );
    const table = await described("orders");
    expect(outputs["streamArn"])
      .to.equal(table?.LatestStreamArn)
      .and.to.match(/\/stream\/./);
    expect(table).to.include({ TableId: before?.TableId, DeletionProtectionEnabled: true });
    expect(table?.BillingModeSummary?.BillingMode).to.equal("PAY_PER_REQUEST");
    expect(table?.OnDemandThroughput?.MaxReadRequestUnits).to.equal(40);
    expect(table?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName)).to.deep.equal([
      "by-day",
    ]);
    const { TimeToLiveDescription } = await dynamodb.send(
      new DescribeTimeToLiveCommand({ TableName: "orders" }),
    );
    expect(TimeToLiveDescription).to.include({ AttributeName: "expiresAt" });
  });

  it("is deleted once its protection is off, and not before", async () => {
    const gone = () => maker.delete?.(request({}, ORDERS), clients()) ?? Promise.resolve();
    expect(await failure(gone())).to.contain("protected against deletion");
    const free = { ...ORDERS, deletionProtectionEnabled: false };
    await maker.update(request(free, ORDERS, "deletionProtectionEnabled"), clients());
    await gone();
    expect(await failure(described("orders"))).to.contain("not found");
  });
});
