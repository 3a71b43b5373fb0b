/**
 * Asks a real IAM evaluator (@cloud-copilot/iam-simulate, AGPL, development only) what a principal may do.
 * It knows every action of AWS with its resources and condition keys, so a mistyped row is an error, not a denial.
 */
import { runSimulation, runUnsafeSimulation } from "@cloud-copilot/iam-simulate";
import type { AwsLocation } from "../../../../infra/arns.ts";
import type { PolicyDocument } from "../../../../infra/identity/document.ts";
import type { Principal } from "./program.ts";

export type Context = Readonly<Record<string, string | readonly string[]>>;

/** One call to AWS. */
export interface Call {
  readonly action: string;
  /** An ARN, or `*` for actions that know no resource. */
  readonly resource: string;
  readonly context?: Context;
  /** Account that owns the resource. Default the principal's own. */
  readonly accountId?: string;
}

export type Judged = Pick<Principal, "name" | "policies" | "boundary">;

export async function isAllowed(
  principal: Judged,
  call: Call,
  location: AwsLocation,
): Promise<boolean> {
  const accountId = call.accountId ?? location.accountId;
  const simulation = {
    request: {
      principal: `arn:${location.partition}:sts::${location.accountId}:assumed-role/${principal.name}/test`,
      action: call.action,
      resource: { resource: call.resource, accountId },
      contextVariables: {
        "aws:ResourceAccount": accountId,
        ...call.context,
      } as Record<string, string | string[]>,
    },
    identityPolicies: principal.policies as { name: string; policy: PolicyDocument }[],
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    ...(principal.boundary && { permissionBoundaryPolicies: [principal.boundary] }),
    ...(/^(kms|sts):/.test(call.action) && { resourcePolicy: openToAccount(location) }),
  };
  const result = await runSimulation(simulation, {});
  if (result.resultType !== "error") return result.overallResult === "Allowed";
  // An alias and a version have ARNs of one form, which the validation cannot tell apart.
  if (result.errors.message === "multiple.resource.types") {
    return runUnsafeSimulation(simulation, {}) === "Allowed";
  }
  throw new Error(`${call.action} on ${call.resource}: ${JSON.stringify(result.errors)}`);
}

/**
 * Keys and roles admit nobody by identity policies alone. The attacker gets the weakest policy that is usual
 * for them, one that leaves the decision to the account's own policies.
 */
const openToAccount = ({ partition, accountId }: AwsLocation) => ({
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Principal: { AWS: `arn:${partition}:iam::${accountId}:root` },
      Action: ["kms:*", "sts:*"],
      Resource: ["*"],
    },
  ],
});

/** A trust policy with a name, without which the unvalidated evaluation fails. */
const named = (policyDocument: PolicyDocument) => ({
  __validated: true,
  policyDocument,
  metadata: { name: "trust" },
  errors: [],
});

/** The claims of a token that GitHub would send. */
export interface Token {
  readonly iss?: string;
  readonly aud?: string;
  readonly sub?: string;
  readonly repository_id?: string;
}

/**
 * Whether a role can be taken with a token. Without validation: the evaluator's data lists only some of the
 * claims that IAM compares, and leaves out the audience and the subject.
 */
export function isTrusted(trust: PolicyDocument, token: Token, location: AwsLocation): boolean {
  const { iss = "token.actions.githubusercontent.com", ...claims } = token;
  return (
    runUnsafeSimulation(
      {
        request: {
          principal: `arn:${location.partition}:iam::${location.accountId}:oidc-provider/${iss}`,
          action: "sts:AssumeRoleWithWebIdentity",
          resource: {
            resource: `arn:${location.partition}:iam::${location.accountId}:role/role`,
            accountId: location.accountId,
          },
          contextVariables: Object.fromEntries(
            Object.entries(claims).map(([claim, value]) => [`${iss}:${claim}`, value]),
          ),
        },
        identityPolicies: [],
        serviceControlPolicies: [],
        resourceControlPolicies: [],
        resourcePolicy: named(trust),
      },
      {},
    ) === "Allowed"
  );
}

/** Whether a service can take a role on behalf of an account. */
export function isTrustedService(
  trust: PolicyDocument,
  service: string,
  sourceAccount: string,
  location: AwsLocation,
): boolean {
  return (
    runUnsafeSimulation(
      {
        request: {
          principal: service,
          action: "sts:AssumeRole",
          resource: {
            resource: `arn:${location.partition}:iam::${location.accountId}:role/role`,
            accountId: location.accountId,
          },
          contextVariables: { "aws:SourceAccount": sourceAccount },
        },
        identityPolicies: [],
        serviceControlPolicies: [],
        resourceControlPolicies: [],
        resourcePolicy: named(trust),
      },
      {},
    ) === "Allowed"
  );
}

/** Whether a resource's own policy lets in somebody who may do everything at home: another account, or a service. */
export function isLetIn(
  resourcePolicy: PolicyDocument,
  { action, resource, context }: Call,
  principal: string,
  location: AwsLocation,
): boolean {
  return (
    runUnsafeSimulation(
      {
        request: {
          principal,
          action,
          resource: { resource, accountId: location.accountId },
          contextVariables: { ...context } as Record<string, string | string[]>,
        },
        identityPolicies: [
          {
            name: "everything",
            policy: {
              Version: "2012-10-17",
              Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
            },
          },
        ],
        serviceControlPolicies: [],
        resourceControlPolicies: [],
        resourcePolicy: named(resourcePolicy),
      },
      {},
    ) === "Allowed"
  );
}
