/** What is refused of the database's keys before anything is planned, each with key, value, rule and remedy. */
import { expect } from "chai";
import { settingsFaults } from "../../support/settings.ts";

const ON = { database: "dynamodb" };
const sources = (...list: readonly object[]) => ({ ...ON, sources: JSON.stringify(list) });

describe("the settings of the database", () => {
  for (const [key, value, rule] of [
    ["database", "mysql", "must be one of none, dynamodb"],
    ["database", "", "must be one of none, dynamodb"],
    [
      "databaseMaxWriteUnitsPerSecond",
      "-1",
      "must be a whole number, 0 to 40000 write units a second",
    ],
    [
      "databaseMaxReadUnitsPerSecond",
      "40001",
      "must be a whole number, 0 to 40000 read units a second",
    ],
    ["databaseMaxReadUnitsPerSecond", "1.5", "must be a whole number"],
    ["databaseRecoveryDays", "36", "must be a whole number, 0 to 35 days"],
    ["databaseProtection", "production", "must be true or false"],
    [
      "databaseChangesBus",
      "",
      "must be the name of an event bus of this account and region, or none",
    ],
    [
      "databaseChangesBus",
      "arn:aws:events:eu-central-1:123456789012:event-bus/shop",
      "must be the name",
    ],
    ["databaseChangesBus", "aws.partner/shop", "must be the name of an event bus"],
  ] as const) {
    it(`refuse ${key} ${JSON.stringify(value)}`, () => {
      const [fault, ...more] = settingsFaults({ ...ON, [key]: value });
      expect(more).to.deep.equal([]);
      expect(fault).to.match(new RegExp(`^${key}: `));
      expect(fault).to.contain(rule);
      expect(fault).to.match(/; set it in Pulumi\.staging\.yaml$/);
    });
  }

  it("take no brakes, no recovery, no protection and no bus", () => {
    expect(
      settingsFaults({
        ...ON,
        databaseMaxWriteUnitsPerSecond: "0",
        databaseMaxReadUnitsPerSecond: "0",
        databaseRecoveryDays: "0",
        databaseProtection: "false",
        databaseChangesBus: "none",
      }),
    ).to.deep.equal([]);
  });
});

describe("a brake of the table", () => {
  const fault = (units: string, database = "dynamodb") =>
    settingsFaults({ database, databaseMaxWriteUnitsPerSecond: units });

  it("lets at least one change through in a second", () => {
    expect(fault("6")).to.deep.equal([
      'databaseMaxWriteUnitsPerSecond: "6"; a change of one record takes 7 write units, so DynamoDB would refuse most of them; raise it, or set it to 0 for no brake in Pulumi.staging.yaml',
    ]);
    for (const fits of ["0", "7"]) expect(fault(fits), fits).to.deep.equal([]);
  });

  it("is nobody's business where there is no table", () => {
    expect(fault("1", "none")).to.deep.equal([]);
  });
});

describe("sources beside the database", () => {
  const outbox = { name: "outbox", kind: "queue" };
  const byName = { name: "audit", kind: "stream", table: "table" };
  const byArn = {
    name: "audit",
    kind: "stream",
    table:
      "arn:aws:dynamodb:eu-central-1:123456789012:table/ledger-table-staging/stream/2026-01-01T00:00:00.000",
  };

  it("may not be called as the one that publishes changes", () => {
    expect(settingsFaults(sources(outbox))).to.deep.equal([
      'sources "outbox" name: "outbox"; is the name of the source that publishes the table\'s changes; name it otherwise, or set databaseChangesBus to none in Pulumi.staging.yaml',
    ]);
  });

  for (const source of [byName, byArn]) {
    it(`may not read the table's stream a second time: ${source.table}`, () => {
      const [fault, ...more] = settingsFaults(sources(source));
      expect(more).to.deep.equal([]);
      expect(fault).to.equal(
        `sources "audit" table: "${source.table}"; its stream calls the function already, to publish changes, and Lambda takes one mapping of a stream and a function; listen to the bus by a source of kind rule, or set databaseChangesBus to none in Pulumi.staging.yaml`,
      );
    });
  }

  it("may do both where no change is published, and where there is no table", () => {
    for (const off of [{ databaseChangesBus: "none" }, { database: "none" }]) {
      expect(settingsFaults({ ...sources(outbox, byName), ...off })).to.deep.equal([]);
    }
  });

  it("may read the streams of other tables", () => {
    const other = { ...byArn, table: byArn.table.replace("ledger-table-", "ledger-table-of-") };
    expect(settingsFaults(sources(other, { ...byName, name: "b", table: "orders" }))).to.deep.equal(
      [],
    );
  });
});
