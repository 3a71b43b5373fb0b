/**
 * The proof of the roles where the service has further functions: the same tables, each function with names and roles of
 * its own. One program has a function of the tests' own, with a key of the service's; where a team has functions, a
 * second one has those.
 */
import { expect } from "chai";
import type { OwnFunction } from "../../../infra/functions/own-function.ts";
import * as own from "../../../infra/own/functions.ts";
import { ownRights } from "../../../infra/own/rights.ts";
import { isIdentity } from "../../../ops/identity/changes.ts";
import { SECOND, SECOND_FUNCTION } from "../../support/second-function.ts";
import { advice } from "./support/advice.ts";
import { type Call, isAllowed } from "./support/evaluator.ts";
import {
  distinct,
  mustBeAllowed,
  OF_ONE_FUNCTION,
  providerCalls,
} from "./support/expected-calls.ts";
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
} from "./support/judge.ts";
import { type Program, recordProgram, type RoleKey } from "./support/program.ts";
import { narrower, withoutConditions } from "./support/variants.ts";
import { attacks, attacksOnBoundary } from "./tables/attacks.ts";

const VARIANTS: readonly { title: string; module: string; functions: readonly OwnFunction[] }[] = [
  { title: "a function of the tests' own", module: SECOND_FUNCTION, functions: [SECOND] },
  {
    title: "the functions of infra/own",
    module: new URL("../../../infra/own/functions.ts", import.meta.url).href,
    functions: own.ownFunctions,
  },
];

const ROLES = [...OF_ONE_FUNCTION];

/**
 * The evaluator reads a star in a call as a pattern too, so that the two forms of a log group's ARN look alike to a
 * pattern of the policy: here the second form ends otherwise.
 */
const withoutStar = <T extends Call>(call: T): T => ({
  ...call,
  resource: call.resource.replace(/(:log-group:.+):\*$/, "$1:any"),
});

/** The calls that name what one function has for itself. */
const ofItself = ({ scope }: Program, calls: readonly Call[]): readonly Call[] => {
  const { serviceName, environment, functionId } = scope;
  const owner = functionId === undefined ? serviceName : `${serviceName}-${functionId}`;
  const names = ["function", "hook", "dlq", "release"].map(
    (thing) => `${owner}-${thing}-${environment}`,
  );
  return distinct(calls).filter((call) =>
    names.some((name) => `${call.resource} ${JSON.stringify(call.context)}`.includes(name)),
  );
};

for (const { title, module, functions } of VARIANTS) {
  if (functions.length === 0) continue;
  describe(`the proof of the roles, with ${title}`, function () {
    this.timeout(120_000);
    let program: Program;
    /** The service's own function and the others, each as a program of its own. */
    let each: readonly Program[];
    const needed = new Map<Program, ReadonlyMap<RoleKey, readonly Call[]>>();

    before(async () => {
      const config = { createKey: true };
      program = await recordProgram({ stack: "staging", config, functions: module });
      each = [program, ...program.others];
      for (const one of each) {
        const calls = [...(await mustBeAllowed(one))];
        needed.set(one, new Map(calls.map(([role, of]) => [role, of.map(withoutStar)])));
      }
    });
    const callsOf = (one: Program, role: RoleKey): readonly Call[] =>
      needed.get(one)?.get(role) ?? [];

    it("is of every function", () => {
      expect(program.others.map(({ scope }) => scope.functionId)).to.deep.equal(
        functions.map(({ name }) => name),
      );
    });

    it("allows every call of the provider and of the commands to whom it is meant for", async () => {
      const found = await Promise.all(
        each.map(async (one) => {
          const all = await mustBeAllowed(one);
          // What the roles of all functions need, is judged once.
          const roles =
            one === program ? all : new Map(ROLES.map((key) => [key, all.get(key) ?? []]));
          return { program: one, denied: await denied(one, roles) };
        }),
      );
      const message = advice(found);
      if (message !== "") throw new Error(message);
    });

    it("has the identity command call the administrator's what CI may not write", async () => {
      const { calls } = await providerCalls(program);
      const faults: string[] = [];
      for (const { type, name, options } of program.resources) {
        const writes = calls.filter(
          (call) =>
            call.type === type &&
            call.name === name &&
            call.phase !== "read" &&
            !/:(Get|List|Describe)/.test(call.action),
        );
        if (writes.length === 0 || writes.some((call) => call.own)) continue;
        const may = await Promise.all(
          writes.map((call) => isAllowed(program.roles.deploy, call, program.location)),
        );
        const parent = options.parent ? `${options.parent.type}$` : "";
        const urn = `urn:pulumi:staging::${program.project}::${parent}${type}::${name}`;
        if (may.every(Boolean) === isIdentity(urn)) faults.push(urn);
      }
      expectNone(faults, "ops/identity/changes.ts is wrong about these:");
    });

    it("denies every attack, on each function", async () => {
      for (const one of each) {
        const table = attacks(one);
        expect(table.length).to.be.greaterThan(100);
        const faults: string[] = [];
        for (const { attack, role, ...call } of table) {
          if (await isAllowed(one.roles[role], call, one.location)) {
            faults.push(`${attack}: ${line(one.roles[role].name, call)}`);
          }
        }
        expectNone(faults, "These attacks succeed:");
      }
    });

    it("keeps the functions apart: none may touch the queue, the logs, the traffic or the key's uses of another", async () => {
      for (const one of each) {
        for (const other of each) {
          if (one === other) continue;
          const theirs = ofItself(
            other,
            ROLES.flatMap((role) => callsOf(other, role)),
          );
          expect(theirs.length).to.be.greaterThan(12);
          for (const role of ROLES) {
            expectNone(
              await allowed(one, one.roles[role], theirs),
              `${one.roles[role].name} may touch what is another function's:`,
            );
          }
        }
      }
    });

    it("has the boundary on the roles of each, which stops escalation whatever they are given", async () => {
      for (const one of each) {
        for (const key of ROLES) {
          const role = one.roles[key];
          expect(role.boundary?.name, role.name).to.equal(program.roles.execution.boundary?.name);
          const everything = { ...role, policies: [EVERYTHING] };
          for (const { attack, ...call } of attacksOnBoundary(one)) {
            const isIn = await isAllowed(everything, call, one.location);
            expect(isIn, `${role.name}: ${attack}: ${call.resource}`).to.equal(false);
          }
        }
      }
    });

    describe("nothing is superfluous", () => {
      /** A team's own rights are what it says they are: no row has to need them. */
      const stated = (): ReadonlySet<string> => {
        const { location, scope } = program;
        const sids = [
          ...ownRights(location, scope).flatMap(({ Sid }) => [Sid, `Own${Sid}`]),
          ...functions.flatMap(({ name, rights }) =>
            (rights?.(location, scope) ?? []).flatMap(({ Sid }) => [Sid, `Own${name}${Sid}`]),
          ),
        ];
        return new Set(sids);
      };

      it("every statement, action and resource is missed when it is taken out", async () => {
        const own = stated();
        for (const one of each) {
          const { superfluous } = await missing(
            one === program ? one : { ...one, roles: ofOneFunction(one) },
            (document) => narrower(document).filter(({ sid }) => !own.has(sid)),
            true,
            (role) => callsOf(one, role),
          );
          expectNone(superfluous, "No row needs these rights; remove them, or add their rows:");
        }
      });

      it("every condition of a function's own roles stops an attack", async () => {
        for (const one of program.others) {
          const table = attacks(one);
          const { superfluous } = await missing(
            { ...one, roles: ofOneFunction({ ...one, roles: withoutBoundaries(one) }) },
            (document) => withoutConditions(document).filter(({ sid }) => !stated().has(sid)),
            false,
            (key) => table.filter(({ role }) => role === key),
          );
          expectNone(superfluous, "No attack needs these conditions; remove them, or add one:");
        }
      });

      it("the boundary holds nothing of the template's that no role needs", async () => {
        const boundary = program.roles.execution.boundary?.policy;
        if (!boundary) throw new Error("the execution role has no boundary");
        const own = stated();
        const calls = each.flatMap((one) => ROLES.flatMap((role) => callsOf(one, role)));
        const superfluous: string[] = [];
        for (const variant of narrower(boundary)) {
          if (own.has(variant.sid) || /Addition|Added/.test(variant.sid)) continue;
          const role = { ...program.roles.execution, policies: [EVERYTHING] };
          const changed = withBoundary(role, variant.policy);
          const concerned = calls.filter(variant.concerns);
          if (!(await isMissed(program, changed, concerned, true)))
            superfluous.push(variant.without);
        }
        expectNone(superfluous, "No role needs these rights of the boundary:");
      });
    });
  });
}

/** The program with the roles that the function has for itself alone. */
const ofOneFunction = ({ roles }: Program): Program["roles"] =>
  Object.fromEntries(ROLES.map((key) => [key, roles[key]])) as unknown as Program["roles"];
