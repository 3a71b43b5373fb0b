/**
 * The permissions boundary: the most that any of the runtime roles can ever do, whatever CI writes into them.
 * It allows what the three do, what a service is expected to be given as it grows, and nothing of IAM, STS, KMS
 * or the state.
 */
import type { AwsLocation } from "../arns.ts";
import type { Scope } from "../names.ts";
import { ownRights } from "../own/rights.ts";
import { beyond, expectedAdditions, reserved } from "./additions.ts";
import { type PolicyDocument, policy, type Statement } from "./document.ts";
import type { NetworkOptions } from "./network-options.ts";
import { codeDeployRolePolicy, hookRolePolicy, templateRights } from "./runtime-policies.ts";

export function boundaryPolicy(
  location: AwsLocation,
  scope: Scope,
  network: NetworkOptions,
): PolicyDocument {
  const of = (role: string, statements: readonly Statement[]): readonly Statement[] =>
    statements.map((statement) => ({ ...statement, Sid: `${role}${statement.Sid}` }));
  const additions = expectedAdditions(location, scope);
  return policy(
    ...merged([
      ...of("Function", beyond(additions, templateRights(location, scope, network))),
      ...of("Hook", hookRolePolicy(location, scope).Statement),
      ...of("CodeDeploy", codeDeployRolePolicy(location, scope).Statement),
      ...additions,
      ...of(
        "Own",
        beyond(additions, ownRights(location, scope)).filter(({ Effect }) => Effect === "Allow"),
      ),
      ...reserved(location, scope),
    ]),
  );
}

/** Statements of the same actions under the same condition as one: a managed policy has 6,144 characters. */
function merged(statements: readonly Statement[]): readonly Statement[] {
  const groups = Map.groupBy(statements, ({ Effect, Action, Condition }) =>
    JSON.stringify([Effect, Action, Condition]),
  );
  return [...groups.values()].flatMap(([first, ...more]) =>
    first === undefined
      ? []
      : [
          {
            ...first,
            Resource: [...new Set([first, ...more].flatMap(({ Resource = [] }) => Resource))],
          },
        ],
  );
}
