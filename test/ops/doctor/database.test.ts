import {
  CreateTableCommand,
  DynamoDBClient,
  UpdateContinuousBackupsCommand,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import { judgeTable, readTable, type TableFacts } from "../../../ops/doctor/database.ts";
import { useEmulator } from "local-aws/testing/emulator.ts";
import { testSettings } from "../../support/settings.ts";

const WELL: TableFacts = {
  status: "ACTIVE",
  isProtected: true,
  isStreamed: true,
  expires: true,
  recoveryDays: 20,
};
const settings = testSettings({ database: "dynamodb" });
const problems = (facts: Partial<TableFacts>, other = {}) =>
  judgeTable("staging", { ...settings, ...other }, { ...WELL, ...facts }).map(
    ({ severity, problem }) => `${severity}: ${problem}`,
  );

describe("the doctor on the table", () => {
  it("says nothing of one that is as config says", () => {
    expect(problems({})).to.deep.equal([]);
    expect(problems({ status: "UPDATING", recoveryDays: 35 })).to.deep.equal([]);
  });

  it("finds one that is not there, with the way back", () => {
    expect(judgeTable("staging", settings, undefined)).to.deep.equal([
      {
        severity: "error",
        problem: "the table ledger-table-staging is not there: whatever needs it fails",
        remedy: "deploy it, or restore what was deleted: docs/operations.md#restoring-the-table",
      },
    ]);
  });

  it("finds one whose key is out of reach, and how long there is to put it right", () => {
    const [finding, ...more] = judgeTable("staging", settings, {
      ...WELL,
      status: "INACCESSIBLE_ENCRYPTION_CREDENTIALS",
      isProtected: false,
    });
    expect(more).to.deep.equal([]);
    expect(finding?.severity).to.equal("error");
    expect(finding?.remedy).to.match(/^enable its KMS key again within seven days/);
  });

  for (const [lost, what] of [
    [{ isStreamed: false }, "error: the table ledger-table-staging has no stream"],
    [{ isProtected: false }, "warning: the table ledger-table-staging can be deleted by one call"],
    [
      { recoveryDays: 0 },
      "warning: the table ledger-table-staging can be restored to no earlier state, and config says 20 days",
    ],
    [{ recoveryDays: 7 }, "warning: the table ledger-table-staging can be restored to 7 days back"],
    [{ expires: false }, "warning: the table ledger-table-staging keeps what has expired"],
  ] as const) {
    it(`finds what was taken from it by hand: ${JSON.stringify(lost)}`, () => {
      const [problem, ...more] = problems(lost);
      expect(problem).to.match(new RegExp(`^${what}`));
      expect(more).to.deep.equal([]);
    });
  }

  it("misses nothing that config does not ask for", () => {
    const bare = { isStreamed: false, isProtected: false, recoveryDays: 0 };
    const unasked = {
      databaseChangesBus: "none",
      databaseProtection: false,
      databaseRecoveryDays: 0,
    };
    expect(problems(bare, unasked)).to.deep.equal([]);
  });

  describe("in AWS", function () {
    this.timeout(60_000);
    const account = useEmulator();

    it("reads what is there, and that there is none", async () => {
      const client = new DynamoDBClient(account().client);
      expect(await readTable(client, "ledger-table-staging")).to.equal(undefined);
      const TableName = "ledger-table-staging";
      await client.send(
        new CreateTableCommand({
          TableName,
          BillingMode: "PAY_PER_REQUEST",
          AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
          KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
          DeletionProtectionEnabled: true,
          StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_IMAGE" },
        }),
      );
      const bare = { status: "ACTIVE", isProtected: true, isStreamed: true };
      expect(await readTable(client, TableName)).to.deep.equal({
        ...bare,
        expires: false,
        recoveryDays: 0,
      });
      await client.send(
        new UpdateTimeToLiveCommand({
          TableName,
          TimeToLiveSpecification: { AttributeName: "expiresAt", Enabled: true },
        }),
      );
      await client.send(
        new UpdateContinuousBackupsCommand({
          TableName,
          PointInTimeRecoverySpecification: {
            PointInTimeRecoveryEnabled: true,
            RecoveryPeriodInDays: 20,
          },
        }),
      );
      const facts = await readTable(client, TableName);
      expect(facts).to.include({ ...bare, expires: true });
      expect(facts?.recoveryDays).to.be.greaterThan(0);
    });
  });
});
