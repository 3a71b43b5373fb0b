/**
 * Two services in one account and region, with the same environment: nothing of one has a name of the other's, and no
 * role of one may touch what is the other's.
 */
import { expect } from "chai";
import { EVERY_OPTION } from "../../support/every-option.ts";
import { type Call, isAllowed } from "./support/evaluator.ts";
import { expectNone } from "./support/expect-none.ts";
import {
  distinct,
  judgeableCommandCalls,
  providerCalls,
  type ResourceCall,
} from "./support/expected-calls.ts";
import { type Program, recordProgram } from "./support/program.ts";

/** What has one name an account, whoever asks for it. */
const OF_THE_ACCOUNT = /^aws:iam\/openIdConnectProvider:/;

/** Inputs that name a resource in AWS. */
const NAMES = [
  "name",
  "bucket",
  "alarmName",
  "dashboardName",
  "groupName",
  "deploymentGroupName",
  "resourceId",
  "configurationName",
];

/** Types whose name counts within another resource alone, with the input that names that one. */
const WITHIN: Readonly<Record<string, string>> = {
  "aws:lambda/alias:Alias": "functionName",
  "aws:iam/rolePolicy:RolePolicy": "role",
  "aws:codedeploy/deploymentGroup:DeploymentGroup": "appName",
  "aws:s3/bucketObjectv2:BucketObjectv2": "bucket",
  "aws:appautoscaling/scheduledAction:ScheduledAction": "resourceId",
  "aws:appautoscaling/policy:Policy": "resourceId",
  "aws:cloudwatch/logMetricFilter:LogMetricFilter": "logGroupName",
};

/** Every physical name of a program, with the type that it is of. */
const namesOf = ({ resources }: Program): string[] =>
  resources
    .filter(({ type }) => type.startsWith("aws:") && !OF_THE_ACCOUNT.test(type))
    .flatMap(({ type, inputs }) =>
      NAMES.flatMap((key) => {
        const name = inputs[key];
        const outer = WITHIN[type];
        if (typeof name !== "string") return [];
        return [[type, key, name, outer === undefined ? "" : String(inputs[outer])].join(" ")];
      }),
    );

/** What a right on everything, by AWS's nature, cannot keep apart: reads of lists, which no name is part of. */
const byName =
  ({ scope }: Program) =>
  ({ resource }: Call): boolean =>
    resource.includes(`${scope.serviceName}-`) || resource.includes(`${scope.serviceName}/`);

/** Which calls of the other's provider and commands a role of this one may make. */
async function shared(one: Program, other: Program): Promise<string[]> {
  const calls: readonly ResourceCall[] = (await providerCalls(other)).calls;
  const commands = (await judgeableCommandCalls(other)).calls;
  const theirs = distinct(
    [...calls, ...commands]
      .map(({ action, resource, context }) => ({ action, resource, ...(context && { context }) }))
      .filter(byName(other)),
  );
  expect(theirs.length).to.be.greaterThan(200);
  const faults: string[] = [];
  for (const role of Object.values(one.roles)) {
    for (const call of theirs) {
      if (await isAllowed(role, call, one.location)) {
        faults.push(`${role.name}: ${call.action} on ${call.resource}`);
      }
    }
  }
  return faults;
}

describe("two services in one account", function () {
  this.timeout(180_000);
  const programs = new Map<string, Program>();
  const program = (name: string): Program => {
    const found = programs.get(name);
    if (!found) throw new Error(`no program of ${name}`);
    return found;
  };

  before(async () => {
    // The last two begin like the first.
    for (const serviceName of ["ledger", "ledgers", "ledger-eu"]) {
      const secrets = { bank: `${serviceName}/staging/bank` };
      const apiDomainName = `${serviceName}.example.com`;
      const config = {
        ...EVERY_OPTION,
        serviceName,
        apiDomainName,
        secrets,
        secretsKeyArns: [],
      };
      programs.set(serviceName, await recordProgram({ stack: "staging", config }));
    }
  });

  for (const other of ["ledgers", "ledger-eu"]) {
    it(`share no physical name, as ledger and ${other}`, () => {
      const taken = new Set(namesOf(program("ledger")));
      expect(taken.size).to.be.greaterThan(100);
      expectNone(
        namesOf(program(other)).filter((name) => taken.has(name)),
        "Both services have:",
      );
    });
  }

  it("share no right: what one may do by name, it may do with its own alone", async () => {
    const faults = [
      ...(await shared(program("ledger"), program("ledgers"))),
      ...(await shared(program("ledgers"), program("ledger"))),
    ];
    expectNone(faults, "A role of the one may touch what is the other's:");
  });

  it("share rights only by patterns where one name begins with the other and a hyphen, as docs/security.md says", async () => {
    const faults = await shared(program("ledger"), program("ledger-eu"));
    const exact =
      /:(lambda:|iam::\d+:role\/|sqs:|s3:::|logs:|codedeploy:|ssm:|secretsmanager:)[^ ]*ledger-eu/;
    expectNone(
      faults.filter((fault) => exact.test(fault)),
      "These are named exactly, and still shared:",
    );
    // And the other way round not even those.
    expectNone(await shared(program("ledger-eu"), program("ledger")), "The longer name reaches:");
  });
});
