/** What the function may do with the table is what its adapters call, read off their source. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { handlerRights } from "../../../infra/database/rights.ts";
import { standInLocation } from "local-aws/provider/aws-outputs.ts";
import { testSettings } from "../../support/settings.ts";

const ADAPTERS = path.join(import.meta.dirname, "../../../function/adapters");
const source = (file: string): string => readFileSync(path.join(ADAPTERS, file), "utf8");

/** Names of the calls that a source makes. */
const operations = (text: string): string[] => [
  ...new Set(
    [...text.matchAll(/(?:\bask\(\s*|\boperation: )"(\w+)"/g)].map(([, name = ""]) => name),
  ),
];

/** What IAM judges of a transaction: what it does to each item, by its name there. */
const inTransactions = (text: string): string[] =>
  [...text.matchAll(/\b(Put|Update|Delete|ConditionCheck): \{/g)].map(([, name]) => `${name}Item`);

describe("the function's rights to its table", () => {
  const settings = testSettings({ database: "dynamodb" });
  const actions = handlerRights(standInLocation("eu-west-1"), settings).flatMap(
    ({ Action }) => Action,
  );

  it("are what its adapters call, and nothing more", () => {
    const table = source("table.ts");
    const called = operations(table).flatMap((name) =>
      name.startsWith("TransactWrite") ? inTransactions(table) : [name],
    );
    expect(called).to.include.members(["GetItem", "PutItem"]);
    expect(actions).to.have.members([
      ...new Set(called.map((name) => `dynamodb:${name}`)),
      ...operations(source("outbox.ts")).map((name) => `events:${name}`),
    ]);
  });

  it("are none to publish where nothing is published", () => {
    const silent = handlerRights(standInLocation("eu-west-1"), {
      ...settings,
      databaseChangesBus: "none",
    });
    expect(silent.flatMap(({ Action }) => Action)).to.deep.equal(
      actions.filter((action) => action.startsWith("dynamodb:")),
    );
  });
});
