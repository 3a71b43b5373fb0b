/** Puts roles before the evaluator: what they may do though they must not, what they may not though they must. */
import type { PolicyDocument } from "../../../../infra/identity/document.ts";
import type { Denied } from "./advice.ts";
import { type Call, isAllowed, type Judged } from "./evaluator.ts";
import type { ExpectedCall } from "./expected-calls.ts";
import type { NamedPolicy, Program, RoleKey } from "./program.ts";
import type { Variant } from "./variants.ts";

export const line = (role: string, { action, resource }: Call): string =>
  `${role}: ${action} on ${resource}`;

/** Which of the calls are allowed, though they must not be. */
export async function allowed(
  program: Program,
  principal: Judged,
  calls: readonly Call[],
): Promise<string[]> {
  const faults: string[] = [];
  for (const call of calls) {
    if (await isAllowed(principal, call, program.location)) faults.push(line(principal.name, call));
  }
  return faults;
}

/** Which of the calls are denied, though someone needs them. */
export async function denied(
  program: Program,
  expected: ReadonlyMap<RoleKey, readonly ExpectedCall[]>,
): Promise<Denied[]> {
  const found: Denied[] = [];
  for (const [role, calls] of expected) {
    for (const call of calls) {
      if (!(await isAllowed(program.roles[role], call, program.location))) {
        found.push({ role, call });
      }
    }
  }
  return found;
}

/** Whether at least one of the calls is judged otherwise with the variant of one policy. */
export async function isMissed(
  { location }: Pick<Program, "location">,
  principal: Judged,
  calls: readonly Call[],
  expected: boolean,
): Promise<boolean> {
  for (const call of calls) {
    if ((await isAllowed(principal, call, location)) !== expected) return true;
  }
  return false;
}

/**
 * Which variants of the policies nobody misses. A policy that several roles have is judged for all of them.
 * `expected` is how the calls are judged with the policy whole.
 */
export async function missing(
  program: Pick<Program, "roles" | "location">,
  variantsOf: (document: PolicyDocument) => readonly Variant[],
  expected: boolean,
  callsOf: (role: RoleKey) => readonly Call[],
): Promise<{ judged: number; superfluous: string[] }> {
  const missed = new Map<string, boolean>();
  for (const [key, principal] of Object.entries(program.roles) as [RoleKey, Judged][]) {
    for (const { name, policy } of principal.policies) {
      for (const variant of variantsOf(policy)) {
        const id = `${name} ${variant.without}`;
        if (missed.get(id)) continue;
        const changed = withPolicy(principal, name, variant.policy);
        const calls = callsOf(key).filter(variant.concerns);
        missed.set(id, await isMissed(program, changed, calls, expected));
      }
    }
  }
  const superfluous = [...missed].filter(([, found]) => !found).map(([id]) => id);
  return { judged: missed.size, superfluous };
}

export const withPolicy = (principal: Judged, name: string, policy: PolicyDocument): Judged => ({
  ...principal,
  policies: principal.policies.map((one) => (one.name === name ? { name, policy } : one)),
});

export const withBoundary = (principal: Judged, policy: PolicyDocument): Judged => ({
  ...principal,
  boundary: { name: principal.boundary?.name ?? "", policy },
});

export const withoutBoundaries = ({ roles }: Program): Program["roles"] =>
  Object.fromEntries(
    Object.entries(roles).map(([key, { boundary: _boundary, ...role }]) => [key, role]),
  ) as unknown as Program["roles"];

export const EVERYTHING: NamedPolicy = {
  name: "everything",
  policy: {
    Version: "2012-10-17",
    Statement: [{ Sid: "All", Effect: "Allow", Action: ["*"], Resource: ["*"] }],
  },
};
