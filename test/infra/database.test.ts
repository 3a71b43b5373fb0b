/** What the table is made of, what the handler is told of it, and that nothing is made where config has none. */
import { expect } from "chai";
import { type Database, databaseEnvironment } from "../../infra/database.ts";
import { type MockOptions, type MockRun, runProgram } from "../support/mocks.ts";

const TABLE = "aws:dynamodb/table:Table";
const MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping";
const KEY = "arn:aws:kms:eu-central-1:123456789012:key/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f";

type Run = MockRun<Readonly<Record<string, unknown>>>;

const withTable = (config: MockOptions["config"] = {}): Promise<Run> =>
  runProgram({ config: { database: "dynamodb", ...config } });

const table = (run: Run) => run.find(TABLE, "table");
const environment = (run: Run) =>
  (
    run.find("aws:lambda/function:Function", "function").inputs["environment"] as {
      variables: Readonly<Record<string, string>>;
    }
  ).variables;

describe("the table", () => {
  it("is paid by use, has brakes, and keys that fit any record", async () => {
    expect(table(await withTable()).inputs).to.deep.include({
      name: "ledger-table-staging",
      billingMode: "PAY_PER_REQUEST",
      onDemandThroughput: { maxReadRequestUnits: 90, maxWriteRequestUnits: 70 },
      hashKey: "pk",
      rangeKey: "sk",
      attributes: [
        { name: "pk", type: "S" },
        { name: "sk", type: "S" },
      ],
      ttl: { attributeName: "expiresAt", enabled: true },
      streamEnabled: true,
      streamViewType: "NEW_IMAGE",
    });
  });

  it("has no brake where config says 0, in the provider's own word for it", async () => {
    const { onDemandThroughput } = table(
      await withTable({ databaseMaxWriteUnitsPerSecond: 0, databaseMaxReadUnitsPerSecond: 0 }),
    ).inputs;
    expect(onDemandThroughput).to.deep.equal({ maxReadRequestUnits: -1, maxWriteRequestUnits: -1 });
  });

  it("can be restored as far back as config says, or not at all", async () => {
    expect(table(await withTable()).inputs["pointInTimeRecovery"]).to.deep.equal({
      enabled: true,
      recoveryPeriodInDays: 20,
    });
    const off = await withTable({ databaseRecoveryDays: 0 });
    expect(table(off).inputs["pointInTimeRecovery"]).to.deep.equal({ enabled: false });
  });

  it("outlives plan, stack and a slip of the hand, unless config gives that up", async () => {
    const kept = table(await withTable());
    expect(kept.inputs["deletionProtectionEnabled"]).to.equal(true);
    expect(kept.options).to.include({ protect: true, retainOnDelete: true });
    const free = table(await withTable({ databaseProtection: false }));
    expect(free.inputs["deletionProtectionEnabled"]).to.equal(false);
    expect(free.options).to.include({ protect: false, retainOnDelete: false });
  });

  it("is encrypted with the service's key where there is one, and says so where there is none", async () => {
    const encrypted = async (config: MockOptions["config"]) =>
      table(await withTable(config)).inputs["serverSideEncryption"];
    expect(await encrypted({ kmsKeyArn: KEY })).to.deep.equal({ enabled: true, kmsKeyArn: KEY });
    expect(await encrypted({ kmsKeyArn: KEY, keyUse: "decrypt" })).to.deep.equal({
      enabled: false,
    });
    expect(await encrypted({})).to.deep.equal({ enabled: false });
  });

  it("is there before the function that is told its name", async () => {
    const run = await withTable();
    expect(environment(run)["TABLE_NAME"]).to.equal("ledger-table-staging");
    expect(run.find("aws:lambda/function:Function", "function").options.dependsOn).to.include(
      "table",
    );
  });
});

describe("what the handler is told of the table", () => {
  const database = { environment: { TABLE_NAME: "ledger-table-staging" } } as unknown as Database;

  it("is what the table says, and nothing without one", () => {
    expect(databaseEnvironment(database, { ORDERS_TABLE: "x" })).to.equal(database.environment);
    expect(databaseEnvironment(undefined, { TABLE_NAME: "x" })).to.deep.equal({});
  });

  it("may not be said otherwise by a team's own variables", () => {
    expect(() => databaseEnvironment(database, { TABLE_NAME: "orders" })).to.throw(
      /^environment TABLE_NAME of makeOwnResources: .*; name yours otherwise in infra\/own\/resources\.ts$/,
    );
  });
});

describe("the changes of the table", () => {
  it("reach the alias by the stream, in their order, with dead letters as every source", async () => {
    const run = await withTable();
    expect(run.find(MAPPING, "outbox-mapping").inputs).to.deep.include({
      eventSourceArn:
        "arn:aws:dynamodb:eu-central-1:123456789012:table/ledger-table-staging/stream/2026-01-01T00:00:00.000",
      functionName:
        "arn:aws:lambda:eu-central-1:123456789012:function:ledger-function-staging:live",
      startingPosition: "TRIM_HORIZON",
      functionResponseTypes: ["ReportBatchItemFailures"],
      bisectBatchOnFunctionError: true,
      destinationConfig: {
        onFailure: {
          destinationArn: "arn:aws:sqs:eu-central-1:123456789012:ledger-dlq-outbox-staging",
        },
      },
    });
    expect(environment(run)).to.include({
      CHANGES_BUS: "changes",
      PARTIAL_BATCH_RESPONSES: "true",
    });
  });

  it("are new events alone: no record, no replay guard, and nothing that expires", async () => {
    const { filterCriteria } = (await withTable()).find(MAPPING, "outbox-mapping").inputs;
    const { filters } = filterCriteria as { filters: readonly { pattern: string }[] };
    expect(filters.map(({ pattern }) => JSON.parse(pattern) as unknown)).to.deep.equal([
      { eventName: ["INSERT"], dynamodb: { Keys: { pk: { S: [{ prefix: "event#" }] } } } },
    ]);
  });

  it("are known to commands like every other source", async () => {
    const { outputs } = await withTable();
    expect(outputs["tableName"]).to.equal("ledger-table-staging");
    expect(outputs["sources"]).to.have.length(1);
    const [outbox] = outputs["sources"] as unknown as readonly object[];
    expect(outbox).to.include({ name: "outbox", kind: "stream" });
  });

  it("stay in the table where config publishes none, on the same stream", async () => {
    const run = await withTable({ databaseChangesBus: "none" });
    expect(run.all(MAPPING)).to.deep.equal([]);
    expect(environment(run)).to.not.have.any.keys("CHANGES_BUS", "PARTIAL_BATCH_RESPONSES");
    expect(run.outputs).to.not.have.property("sources");
    expect(table(run).inputs).to.include({ streamEnabled: true, streamViewType: "NEW_IMAGE" });
  });

  it("come beside other sources", async () => {
    const run = await withTable({ sources: [{ name: "orders", kind: "queue" }] });
    expect(run.all(MAPPING).map(({ name }) => name)).to.have.members([
      "orders-mapping",
      "outbox-mapping",
    ]);
  });
});

describe("without a table", () => {
  it("nothing is made, allowed or said, whatever the other keys are", async () => {
    const off = await runProgram();
    expect(off.all(TABLE)).to.deep.equal([]);
    expect(off.outputs).to.not.have.any.keys("tableName", "sources");
    const all = JSON.stringify(off.resources);
    expect(all).to.not.match(/TABLE_NAME|CHANGES_BUS|ledger-table|outbox|UseTable/);
  });

  it("every other resource is the same, but for rights, the function with its code, and the dashboard", async () => {
    const [off, on] = [await runProgram(), await withTable()];
    const keyed = ({ resources }: Run) =>
      new Map(resources.map((one) => [`${one.type} ${one.name}`, JSON.stringify(one.inputs)]));
    const [before, after] = [keyed(off), keyed(on)];
    expect([...before.keys()].filter((key) => !after.has(key))).to.deep.equal([]);
    const changed = [...before].flatMap(([key, inputs]) =>
      after.get(key) === inputs ? [] : [key.split(" ")[1]],
    );
    expect(changed).to.have.members([
      "identity-boundary",
      "identity-operator",
      "execution-permissions",
      // The bundle holds the table's code only where some stack has a table.
      "handler-zip",
      "handler-source-map",
      "function",
      "dashboard",
    ]);
    const ours =
      /^(?:database|table(?:-\w+)*|outbox-.*|changes-behind-alarm|iterator-age-alarm|sources|identity-(?:\w+-)?(?:options(?:-view)?|growth))$/;
    const made = on.resources.filter(({ type, name }) => !before.has(`${type} ${name}`));
    expect(made.filter(({ name }) => !ours.test(name)).map(({ name }) => name)).to.deep.equal([]);
  });
});
