/**
 * The permissions boundary: the most that any role made by the deploy role can ever do.
 * It is what makes the right to create roles harmless. It allows what the three runtime roles do, and nothing
 * of IAM, STS, KMS or the state.
 */
import type { AwsLocation } from "../arns.ts";
import type { Scope } from "../names.ts";
import { type PolicyDocument, policy, type Statement } from "./document.ts";
import {
  codeDeployRolePolicy,
  type ExecutionRoleOptions,
  executionRolePolicy,
  hookRolePolicy,
} from "./runtime-policies.ts";

export function boundaryPolicy(
  location: AwsLocation,
  scope: Scope,
  options: ExecutionRoleOptions,
): PolicyDocument {
  const of = (role: string, { Statement }: PolicyDocument): readonly Statement[] =>
    Statement.map((statement) => ({ ...statement, Sid: `${role}${statement.Sid}` }));
  return policy(
    ...of("Function", executionRolePolicy(location, scope, options)),
    ...of("Hook", hookRolePolicy(location, scope)),
    ...of("CodeDeploy", codeDeployRolePolicy(location, scope)),
  );
}
