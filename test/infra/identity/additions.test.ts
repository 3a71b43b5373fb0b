import { expect } from "chai";
import { beyond, expectedAdditions } from "../../../infra/identity/additions.ts";
import { allow, deny, of } from "../../../infra/identity/document.ts";

const location = { partition: "aws", region: "eu-central-1", accountId: "123456789012" };
const scope = { serviceName: "ledger", environment: "staging" };
const table = "arn:aws:dynamodb:eu-central-1:123456789012:table";

/** Whether the boundary has to be widened for a right of a team's own. */
const widens = (actions: readonly string[], resources: readonly string[]): boolean =>
  beyond(expectedAdditions(location, scope), [allow("One", actions, resources)]).length > 0;

describe("a right of a team's own", () => {
  for (const [what, actions, resources, expected] of [
    [
      "on a table of the environment",
      of("dynamodb", "GetItem"),
      [`${table}/ledger-orders-staging`],
      false,
    ],
    ["on its index", of("dynamodb", "Query"), [`${table}/ledger-orders-staging/index/a`], false],
    [
      "on every table of the environment",
      of("dynamodb", "GetItem"),
      [`${table}/ledger-*-staging`],
      false,
    ],
    [
      "on a table of the other environment",
      of("dynamodb", "GetItem"),
      [`${table}/ledger-orders-production`],
      true,
    ],
    ["on tables of every environment", of("dynamodb", "GetItem"), [`${table}/ledger-*`], true],
    ["on everything", of("dynamodb", "GetItem"), ["*"], true],
    [
      "on two tables, of which one is another's",
      of("dynamodb", "GetItem"),
      [`${table}/ledger-a-staging`, `${table}/payroll`],
      true,
    ],
    [
      "to do what is not expected",
      of("dynamodb", "DeleteTable"),
      [`${table}/ledger-orders-staging`],
      true,
    ],
    [
      "to do two things, of which one is not expected",
      of("dynamodb", "GetItem", "DeleteTable"),
      [`${table}/ledger-orders-staging`],
      true,
    ],
    ["to do everything", ["dynamodb:*"], [`${table}/ledger-orders-staging`], true],
    [
      "on a name with a dot for a character",
      of("dynamodb", "GetItem"),
      [`${table}/ledgerXorders-staging`],
      true,
    ],
  ] as const) {
    it(`${what} ${expected ? "widens the boundary" : "goes through CI"}`, () => {
      expect(widens(actions, resources)).to.equal(expected);
    });
  }

  it("that denies is kept as it is", () => {
    const denial = deny("No", of("dynamodb", "DeleteItem"), [`${table}/ledger-orders-staging`]);
    expect(beyond(expectedAdditions(location, scope), [denial])).to.deep.equal([denial]);
  });
});
