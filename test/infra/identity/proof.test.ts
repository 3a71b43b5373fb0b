/**
 * The proof of the roles: the whole program of each stack is recorded, and every policy that it registers is
 * put before a real IAM evaluator with two tables, what must be allowed and what must be denied.
 */
import { expect } from "chai";
import { lambdaArn } from "../../../infra/arns.ts";
import { needsAdministrator } from "../../../ops/identity/changes.ts";
import type { PolicyDocument } from "../../../infra/identity/document.ts";
import { functionName } from "../../../infra/names.ts";
import {
  type Call,
  isAllowed,
  isLetIn,
  isTrusted,
  isTrustedService,
  type Judged,
  judgedWhole,
} from "./support/evaluator.ts";
import { ownRights } from "../../../infra/own/rights.ts";
import { expectNone } from "./support/expect-none.ts";
import {
  allowed,
  denied,
  EVERYTHING,
  isMissed,
  line,
  missing,
  withBoundary,
  withoutBoundaries,
  withPolicy,
} from "./support/judge.ts";
import { type Program, recordProgram, type RoleKey } from "./support/program.ts";
import { narrower, type Variant, withoutConditions, withoutDenials } from "./support/variants.ts";
import { advice } from "./support/advice.ts";
import {
  distinct,
  mustBeAllowed,
  providerCalls,
  type ResourceCall,
} from "./support/expected-calls.ts";
import { attacks, attacksOnBoundary } from "./tables/attacks.ts";
import { expectedAdditions } from "./tables/additions.ts";
import { arn } from "./support/rows.ts";
import { networkCalls } from "./tables/command-calls.ts";
import { RESOURCE_POLICIES } from "./tables/provider-calls.ts";
import { tokens } from "./tables/tokens.ts";
import { EVERY_OPTION } from "../../support/every-option.ts";
import { TEST_REPOSITORY, testSettings } from "../../support/settings.ts";

const STACKS = [
  { stack: "staging", config: {} },
  {
    stack: "production",
    config: { network: "create", ...EVERY_OPTION },
  },
] as const;

/** What the other two programs do not have: they have a REST API at most. */
const HTTP_API = {
  api: "http",
  apiAuthorization: "jwt",
  apiJwtIssuer: "https://login.example.com",
  apiJwtAudiences: ["ledger"],
} as const;

/** A team's own rights of its handler are what it says they are: no row has to need them. */
const ownRightNames = ({ location, scope }: Program): ReadonlySet<string> =>
  new Set(ownRights(location, scope).flatMap(({ Sid }) => [Sid, `Own${Sid}`]));

/**
 * Whether a variant of the boundary takes out what a team's own rights put in: by the statement's name, or by what is
 * missing where a full boundary has them in a statement with others.
 */
function ownVariant(recorded: Program): (variant: Variant) => boolean {
  const names = ownRightNames(recorded);
  const parts = ownRights(recorded.location, recorded.scope).flatMap(
    ({ Action, Resource = [] }) => [...Action, ...Resource],
  );
  return ({ sid, without }) => names.has(sid) || parts.some((part) => without.endsWith(` ${part}`));
}

describe("the proof of the roles", function () {
  this.timeout(60_000);
  const programs = new Map<string, Program>();
  const resourceCalls = new Map<string, readonly ResourceCall[]>();

  before(async () => {
    for (const options of STACKS) {
      const recorded = await recordProgram(options);
      programs.set(options.stack, recorded);
      resourceCalls.set(options.stack, (await providerCalls(recorded)).calls);
    }
  });
  const callsOf = (stack: string): readonly ResourceCall[] => resourceCalls.get(stack) ?? [];
  const program = (stack: string): Program => {
    const found = programs.get(stack);
    if (!found) throw new Error(`no program of ${stack}`);
    return found;
  };

  it("allows every call of the provider and of the commands to whom it is meant for", async () => {
    const found = await Promise.all(
      [...programs.values()].map(async (program) => ({
        program,
        denied: await denied(program, await mustBeAllowed(program)),
      })),
    );
    const missing = advice(found);
    if (missing !== "") throw new Error(missing);
  });

  for (const { stack } of STACKS) {
    describe(stack, () => {
      it("denies CI every write on what its own rights rest on", async () => {
        const calls = callsOf(stack).filter(
          ({ ofIdentity, phase }) => ofIdentity && phase !== "read",
        );
        expect(calls.length).to.be.greaterThan(40);
        expectNone(
          await allowed(program(stack), program(stack).roles.deploy, calls),
          "CI may change what its own rights rest on:",
        );
      });

      it("has the identity command and the pipelines call the administrator's what CI may not write", async () => {
        const { roles, location, resources } = program(stack);
        const faults: string[] = [];
        for (const { type, name, options } of resources) {
          const calls = callsOf(stack).filter(
            (call) => call.type === type && call.name === name && call.phase !== "read",
          );
          const writes = calls.filter(({ action }) => !/:(Get|List|Describe)/.test(action));
          const parent = options.parent ? `${options.parent.type}$` : "";
          const urn = `urn:pulumi:${stack}::${program(stack).project}::${parent}${type}::${name}`;
          for (const op of ["update", "delete"]) {
            const ofChange = writes.filter(
              ({ phase }) => (phase === "delete") === (op === "delete"),
            );
            if (ofChange.length === 0) continue;
            const mayWrite = [];
            for (const call of ofChange) {
              mayWrite.push(await isAllowed(roles.deploy, call, location));
            }
            const theirs = needsAdministrator({ op, urn });
            // What CI is still missing of a team's own is said above.
            if (calls.some(({ own }) => own) && !theirs) continue;
            if (mayWrite.every(Boolean) === theirs) faults.push(`${op} ${urn}`);
          }
        }
        expectNone(faults, "ops/identity/changes.ts is wrong about these:");
      });

      it("denies the preview and the plan role every write", async () => {
        const calls = distinct(callsOf(stack)).filter(
          // Reading the code of a function is part of creating it.
          ({ phase, action }) => phase !== "read" && !/:(Get|List|Describe)/.test(action),
        );
        for (const key of ["preview", "plan"] as const) {
          expectNone(
            await allowed(program(stack), program(stack).roles[key], calls),
            `The ${key} role may write:`,
          );
        }
      });

      it("denies every attack", async () => {
        const table = attacks(program(stack));
        expect(table.length).to.be.greaterThan(100);
        const faults: string[] = [];
        for (const { attack, role, ...call } of table) {
          const principal = program(stack).roles[role];
          if (await isAllowed(principal, call, program(stack).location)) {
            faults.push(`${attack}: ${line(role, call)}`);
          }
        }
        expectNone(faults, "These attacks succeed:");
      });

      it("keeps to itself: no role may touch what is the other environment's", async () => {
        const other = stack === "staging" ? "production" : "staging";
        const { scope } = program(other);
        const calls = callsOf(other)
          // What every environment shares, and what IAM cannot scope.
          .filter(({ resource }) => resource.includes(scope.environment));
        expect(calls.length).to.be.greaterThan(100);
        for (const role of Object.values(program(stack).roles)) {
          expectNone(
            await allowed(program(stack), role, distinct(calls)),
            `A role of ${stack} may touch what is ${other}'s:`,
          );
        }
      });
    });
  }

  it("judges statement by statement as the evaluator judges whole policies", async () => {
    const { roles, location } = program("production");
    const rows = [...attacks(program("production")), ...callsOf("production")];
    for (const role of [roles.deploy, roles.execution, roles.plan]) {
      // Every thirtieth row: what is compared is the way of judging, not each row.
      for (const call of rows.filter((_row, index) => index % 30 === 0)) {
        expect(await isAllowed(role, call, location), line(role.name, call)).to.equal(
          await judgedWhole(role, call, location),
        );
      }
    }
  });

  describe("nothing is superfluous", () => {
    for (const { stack } of STACKS) {
      it(`every statement, action and resource of ${stack} is missed when it is taken out`, async () => {
        const needed = await mustBeAllowed(program(stack));
        const own = ownRightNames(program(stack));
        const found = await missing(
          program(stack),
          (document) => narrower(document).filter(({ sid }) => !own.has(sid)),
          true,
          (role) => needed.get(role) ?? [],
        );
        expect(found.judged).to.be.greaterThan(150);
        expectNone(found.superfluous, "No row needs these rights; remove them, or add their rows:");
      });

      it(`every condition of ${stack} stops an attack`, async () => {
        const table = [...attacks(program(stack)), ...callsOf(stack).flatMap(withoutContext)];
        const own = ownRightNames(program(stack));
        const found = await missing(
          // By the policies alone: a boundary with the same condition would hide that one is missing.
          { ...program(stack), roles: withoutBoundaries(program(stack)) },
          (document) => withoutConditions(document).filter(({ sid }) => !own.has(sid)),
          false,
          (key) => table.filter(({ role }) => role === key),
        );
        expect(found.judged).to.be.greaterThan(8);
        expectNone(found.superfluous, "No attack needs these conditions; remove them, or add one:");
      });
    }

    it("every denial holds against a policy that allows everything", async () => {
      const { roles, location } = program("staging");
      const deploy = { ...roles.deploy, policies: [...roles.deploy.policies, EVERYTHING] };
      const writes = callsOf("staging").filter(
        ({ ofIdentity, phase }) => ofIdentity && phase !== "read",
      );
      const denied: Call[] = [];
      for (const call of distinct([...writes, ...attacks(program("staging"))])) {
        if (!(await isAllowed(deploy, call, location))) denied.push(call);
      }
      const superfluous: string[] = [];
      for (const { name, policy } of roles.deploy.policies) {
        for (const variant of withoutDenials(policy)) {
          const changed = withPolicy(deploy, name, variant.policy);
          const calls = denied.filter(variant.concerns);
          if (!(await isMissed(program("staging"), changed, calls, false))) {
            superfluous.push(`${name} ${variant.without}`);
          }
        }
      }
      expectNone(superfluous, "Nothing needs these denials:");
    });
  });

  describe("an HTTP API", () => {
    let http: Program;
    before(async () => {
      http = await recordProgram({ stack: "staging", config: HTTP_API });
    });
    /** The program with the policies alone that the API brings. */
    const ofApi = (): Program["roles"] =>
      Object.fromEntries(
        Object.entries(http.roles).map(([key, { boundary: _boundary, ...role }]) => [
          key,
          {
            ...role,
            policies: role.policies.filter(({ name }) => /-(growth|options-view)-/.test(name)),
          },
        ]),
      ) as unknown as Program["roles"];

    it("gives each role exactly what it needs", async () => {
      const needed = await mustBeAllowed(http);
      expect(advice([{ program: http, denied: await denied(http, needed) }])).to.equal("");
      const found = await missing({ ...http, roles: ofApi() }, narrower, true, (role) =>
        (needed.get(role) ?? []).filter(({ action }) => /^(apigateway|lambda|logs):/.test(action)),
      );
      expect(found.judged).to.be.greaterThan(20);
      expectNone(found.superfluous, "No row needs these rights; remove them, or add their rows:");
    });

    it("keeps others' APIs, and who may call, to their owners", async () => {
      const table = attacks(http);
      const faults: string[] = [];
      for (const { attack, role, ...call } of table) {
        if (await isAllowed(http.roles[role], call, http.location)) faults.push(attack);
      }
      expectNone(faults, "These attacks succeed:");
      const calls = (await providerCalls(http)).calls.flatMap(withoutContext);
      const found = await missing({ ...http, roles: ofApi() }, withoutConditions, false, (key) =>
        [...table, ...calls].filter(({ role }) => role === key),
      );
      expect(found.judged).to.be.greaterThan(4);
      expectNone(found.superfluous, "No attack needs these conditions; remove them, or add one:");
    });
  });

  describe("the boundary", () => {
    const bounded: readonly RoleKey[] = ["execution", "hook", "codedeploy"];
    /** Production has schedules and flow logs, and so a role for each. */
    const boundedIn = (stack: string): readonly RoleKey[] =>
      stack === "production" ? [...bounded, "scheduler", "flowlogs"] : bounded;

    it("is on every role that CI may make, and on no other", () => {
      for (const { roles, scope } of programs.values()) {
        for (const [key, { boundary }] of Object.entries(roles)) {
          expect(boundary !== undefined, key).to.equal(
            boundedIn(scope.environment).includes(key as RoleKey),
          );
        }
      }
    });

    it("stops escalation whatever a role under it is given", async () => {
      for (const { stack } of STACKS) {
        for (const key of boundedIn(stack)) {
          const role = { ...program(stack).roles[key], policies: [EVERYTHING] };
          for (const { attack, ...call } of attacksOnBoundary(program(stack))) {
            expect(
              await isAllowed(role, call, program(stack).location),
              `${key}: ${attack}`,
            ).to.equal(false);
          }
        }
      }
    });

    it("lets a team add what it is expected to, and no role has it before", async () => {
      for (const recorded of programs.values()) {
        const { roles, location } = recorded;
        for (const key of bounded) {
          for (const call of expectedAdditions(recorded)) {
            const given = { ...roles[key], policies: [EVERYTHING] };
            expect(await isAllowed(given, call, location), line(key, call)).to.equal(true);
          }
        }
        for (const key of ["hook", "codedeploy", "scheduler", "flowlogs"] as const) {
          expectNone(
            await allowed(recorded, roles[key], expectedAdditions(recorded)),
            `The role ${key} may do what only a team gives:`,
          );
        }
      }
    });

    it("holds nothing superfluous", async () => {
      const { stack } = STACKS[1];
      const needed = await mustBeAllowed(program(stack));
      const isOwn = ownVariant(program(stack));
      const missed = new Map<string, boolean>();
      for (const key of boundedIn(stack)) {
        const role = program(stack).roles[key];
        const calls = [...(needed.get(key) ?? []), ...expectedAdditions(program(stack))];
        const boundary = role.boundary?.policy;
        if (!boundary) throw new Error(`${key} has no boundary`);
        for (const variant of narrower(boundary)) {
          if (missed.get(variant.without) || isOwn(variant)) continue;
          // What the boundary allows decides, and no more: a role of all rights under it.
          const changed = withBoundary({ ...role, policies: [EVERYTHING] }, variant.policy);
          missed.set(
            variant.without,
            await isMissed(program(stack), changed, calls.filter(variant.concerns), true),
          );
        }
      }
      const superfluous = [...missed].filter(([, found]) => !found).map(([id]) => id);
      expectNone(superfluous, "No role needs these rights of the boundary:");
    });

    it("needs each of its conditions and denials to stop an attack", async () => {
      for (const recorded of programs.values()) {
        const { roles, location } = recorded;
        const boundary = roles.execution.boundary?.policy;
        if (!boundary) throw new Error("the execution role has no boundary");
        const everything = { ...roles.execution, policies: [EVERYTHING] };
        const superfluous: string[] = [];
        const own = ownRightNames(recorded);
        for (const variant of [...withoutConditions(boundary), ...withoutDenials(boundary)]) {
          if (own.has(variant.sid)) continue;
          const changed = withBoundary(everything, variant.policy);
          const calls = [...attacksOnBoundary(recorded), ...attacks(recorded)].filter(
            variant.concerns,
          );
          const before: Call[] = [];
          for (const call of calls) {
            if (!(await isAllowed(everything, call, location))) before.push(call);
          }
          if (!(await isMissed(recorded, changed, before, false)))
            superfluous.push(variant.without);
        }
        expectNone(superfluous, "Nothing needs these parts of the boundary:");
      }
    });

    it("lets Lambda into the network of the settings and into no other", async () => {
      const recorded = await recordProgram({
        stack: "staging",
        config: {
          network: "existing",
          subnetIds: ["subnet-0a1b", "subnet-0c1d"],
          securityGroupIds: ["sg-0a1b"],
        },
      });
      const { roles, location } = recorded;
      const own = networkCalls(recorded);
      expect(own).to.have.length(9);
      for (const call of own) {
        expect(await isAllowed(roles.execution, call, location), call.resource).to.equal(true);
      }
      const everything = { ...roles.execution, policies: [EVERYTHING] };
      for (const [type, key] of [
        ["subnet", "ec2:SubnetID"],
        ["security-group", "ec2:SecurityGroupID"],
      ] as const) {
        const call = {
          action: "ec2:CreateNetworkInterface",
          resource: arn(recorded, "ec2", `${type}/other`),
          context: { [key]: "other" },
        };
        expect(await isAllowed(everything, call, location), type).to.equal(false);
      }
      const subnets = ["subnet-0a1b", "subnet-0c1d"];
      const configure = (context: Call["context"] & {}) =>
        isAllowed(
          roles.deploy,
          {
            action: "lambda:UpdateFunctionConfiguration",
            resource: arn(recorded, "lambda", `function:${functionName(recorded.scope)}`),
            context: { "lambda:VpcIds": "vpc-0a1b", ...context },
          },
          location,
        );
      const groups = { "lambda:SecurityGroupIds": ["sg-0a1b"] };
      expect(await configure({ "lambda:SubnetIds": subnets, ...groups })).to.equal(true);
      for (const context of [
        { "lambda:SubnetIds": [...subnets, "subnet-other"], ...groups },
        { "lambda:SubnetIds": subnets, "lambda:SecurityGroupIds": ["sg-0a1b", "sg-other"] },
      ]) {
        expect(await configure(context), JSON.stringify(context)).to.equal(false);
      }
    });

    it("lets Lambda handle network interfaces in a VPC, and the function's code not", async () => {
      const { roles, location, scope } = program("production");
      const insideCode = {
        "lambda:SourceFunctionArn": lambdaArn(location, functionName(scope)),
      };
      for (const call of networkCalls(program("production"))) {
        expect(await isAllowed(roles.execution, call, location), call.action).to.equal(true);
        expect(
          await isAllowed(roles.execution, { ...call, context: insideCode }, location),
          call.action,
        ).to.equal(false);
        expect(
          await isAllowed(program("staging").roles.execution, call, location),
          `${call.action} without a VPC`,
        ).to.equal(false);
      }
    });
  });

  describe("the resources' own policies", () => {
    /** Policies by what they are on, with a call that an outsider would make. */
    const guarded = (recorded: Program) =>
      recorded.resources.flatMap(({ type, inputs }) => {
        const probes = RESOURCE_POLICIES[type];
        if (!probes) return [];
        const policy = JSON.parse(String(inputs["policy"])) as PolicyDocument;
        return probes(inputs, recorded).map((call) => ({ type, policy, call }));
      });

    it("let in no other account, and no service on another account's behalf", () => {
      const outsiders = [
        "arn:aws:iam::999999999999:root",
        ...["s3", "sns", "sqs", "cloudwatch", "events", "lambda", "codestar-notifications"].map(
          (service) => `${service}.amazonaws.com`,
        ),
      ];
      for (const { stack } of STACKS) {
        const { location } = program(stack);
        const probes = guarded(program(stack));
        expect(probes.length).to.be.greaterThan(2);
        for (const { type, policy, call } of probes) {
          for (const outsider of outsiders) {
            const context = {
              "aws:SecureTransport": "true",
              "aws:SourceAccount": "999999999999",
              "aws:SourceArn": "arn:aws:s3:::of-somebody-else",
            };
            expect(
              isLetIn(policy, { ...call, context }, outsider, location),
              `${outsider} on ${type}`,
            ).to.equal(false);
          }
        }
      }
    });

    it("refuse whoever comes without TLS, the account's own administrator included", () => {
      const { location } = program("staging");
      const administrator = `arn:aws:iam::${location.accountId}:user/admin`;
      for (const { type, policy, call } of guarded(program("staging"))) {
        const letIn = (tls: string) =>
          isLetIn(
            policy,
            { ...call, context: { "aws:SecureTransport": tls } },
            administrator,
            location,
          );
        expect(letIn("true"), type).to.equal(true);
        expect(letIn("false"), type).to.equal(false);
      }
    });
  });

  describe("trust", () => {
    for (const { stack } of STACKS) {
      for (const { what, deploy, preview, plan, ...token } of tokens(
        TEST_REPOSITORY,
        stack,
        testSettings().githubDefaultBranch,
      )) {
        const taken = deploy
          ? "the deploy role"
          : preview
            ? "the preview role"
            : plan
              ? "the plan role"
              : "no role";
        it(`${stack}: ${what} takes ${taken}`, () => {
          const { roles, location } = program(stack);
          const trusted = (role: Judged & { trust?: PolicyDocument }) =>
            role.trust !== undefined && isTrusted(role.trust, token, location);
          expect(trusted(roles.deploy), "deploy").to.equal(deploy);
          expect(trusted(roles.preview), "preview").to.equal(preview);
          expect(trusted(roles.plan), "plan").to.equal(plan);
        });
      }
    }

    it("lasts an hour at most", () => {
      const { deploy, preview, plan } = program("production").roles;
      // The longest release and what comes after it, and less than a working day.
      expect(deploy.maxSessionSeconds).to.be.within(2 * 3600, 3 * 3600);
      expect(plan.maxSessionSeconds).to.equal(3600);
      expect(preview.maxSessionSeconds).to.equal(3600);
    });

    it("of the runtime roles is for their own service alone", () => {
      const { roles, location } = program("staging");
      const services = ["lambda", "codedeploy", "ec2", "cloudformation"].map(
        (one) => `${one}.amazonaws.com`,
      );
      const takers = (key: RoleKey, account: string) =>
        services.filter((service) => {
          const { trust } = roles[key];
          return trust && isTrustedService(trust, service, account, location);
        });
      expect(takers("execution", location.accountId)).to.deep.equal(["lambda.amazonaws.com"]);
      expect(takers("hook", location.accountId)).to.deep.equal(["lambda.amazonaws.com"]);
      expect(takers("codedeploy", location.accountId)).to.deep.equal(["codedeploy.amazonaws.com"]);
      expect(takers("codedeploy", "999999999999")).to.deep.equal([]);
    });
  });
});

/** A provider's call, as someone would make it on what is not tagged, bound or owned as the program's is. */
const withoutContext = ({
  phase: _phase,
  type: _type,
  ...call
}: ResourceCall): (Call & { role: RoleKey })[] =>
  Object.keys(call.context ?? {}).map((key) => ({
    ...call,
    context: Object.fromEntries(
      Object.entries(call.context ?? {}).filter(([name]) => name !== key),
    ),
    role: "deploy",
  }));
