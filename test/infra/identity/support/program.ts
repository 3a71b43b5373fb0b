/** The whole program under mocks, seen as IAM sees it: roles, their policies, their boundary, who may take them. */
import type { AwsLocation } from "../../../../infra/arns.ts";
import type { PolicyDocument } from "../../../../infra/identity/document.ts";
import * as names from "../../../../infra/names.ts";
import type { Scope } from "../../../../infra/names.ts";
import { schedulerRoleName } from "../../../../infra/sources/names.ts";
import { standInLocation } from "local-aws/provider/aws-outputs.ts";
import { type MockOptions, type RecordedResource, runProgram } from "../../../support/mocks.ts";
import { TEST_PROJECT } from "../../../support/settings.ts";

export interface NamedPolicy {
  readonly name: string;
  readonly policy: PolicyDocument;
}

/** One role, or the set of policies that people get. */
export interface Principal {
  readonly name: string;
  readonly policies: readonly NamedPolicy[];
  readonly boundary?: NamedPolicy;
  /** Absent for people, who come by single sign-on. */
  readonly trust?: PolicyDocument;
  /** Longest session in seconds, where the role sets it. */
  readonly maxSessionSeconds?: number;
}

export interface Program {
  /** The project's name, which leads the paths of the state. */
  readonly project: string;
  readonly location: AwsLocation;
  readonly scope: Scope;
  /** The same for each function beside the service's own: its scope, and its three roles in place of the service's. */
  readonly others: readonly Program[];
  readonly resources: readonly RecordedResource[];
  /** The tags that every resource gets. */
  readonly tags: Readonly<Record<string, string>>;
  /** `scheduler` has a name and nothing else where there are no schedules. */
  readonly roles: Readonly<Record<RoleKey, Principal>>;
  /** Every managed policy by its physical name. */
  readonly managed: ReadonlyMap<string, NamedPolicy>;
  /** The boundary ARN of a role by its physical name; undefined for roles without one. */
  readonly boundaryOf: (roleName: string) => string | undefined;
}

/** The roles of one environment; `operator` is what people get. */
export type RoleKey =
  | "deploy"
  | "preview"
  | "plan"
  | "operator"
  | "execution"
  | "hook"
  | "codedeploy"
  /** Only where there are schedules. */
  | "scheduler"
  /** Only where there are flow logs. */
  | "flowlogs";

const text = (resource: RecordedResource, key: string): string => {
  const value = resource.inputs[key];
  if (typeof value !== "string") throw new Error(`${resource.name} has no text ${key}`);
  return value;
};

const parsed = (json: string): PolicyDocument => JSON.parse(json) as PolicyDocument;

/** Runs the program of one stack of the tests' own project and reads its roles off the resources that it registered. */
export async function recordProgram(options: MockOptions & { stack: string }): Promise<Program> {
  const { resources, outputs } = await runProgram(options);
  const ofType = (type: string) => resources.filter((resource) => resource.type === type);
  const [provider] = ofType("pulumi:providers:aws");
  if (!provider) throw new Error("no AWS provider");
  const { tags } = JSON.parse(text(provider, "defaultTags")) as { tags: Record<string, string> };
  const scope: Scope = {
    serviceName: tags[names.SERVICE_TAG] ?? "",
    environment: tags[names.ENVIRONMENT_TAG] ?? "",
  };
  const location = standInLocation(text(provider, "region"));

  const managed = new Map(
    ofType("aws:iam/policy:Policy").map((resource) => {
      const name = text(resource, "name");
      return [name, { name, policy: parsed(text(resource, "policy")) }];
    }),
  );
  const policyNamed = (name: string): NamedPolicy => {
    const found = managed.get(name);
    if (!found) throw new Error(`no managed policy ${name}`);
    return found;
  };
  const nameOf = (arn: string): string => arn.split(":policy/")[1] ?? arn;

  const isMade = (roleName: string): boolean =>
    ofType("aws:iam/role:Role").some(({ inputs }) => inputs["name"] === roleName);
  const principal = (roleName: string): Principal => {
    const role = ofType("aws:iam/role:Role").find(({ inputs }) => inputs["name"] === roleName);
    if (!role) throw new Error(`no role ${roleName}`);
    const attached = ofType("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
      .filter(({ inputs }) => inputs["role"] === roleName)
      .map((resource) => policyNamed(nameOf(text(resource, "policyArn"))));
    const inline = ofType("aws:iam/rolePolicy:RolePolicy")
      .filter(({ inputs }) => inputs["role"] === roleName)
      .map((resource) => ({
        name: text(resource, "name"),
        policy: parsed(text(resource, "policy")),
      }));
    const { permissionsBoundary, maxSessionDuration } = role.inputs;
    return {
      name: roleName,
      policies: [...attached, ...inline],
      trust: parsed(text(role, "assumeRolePolicy")),
      ...(typeof permissionsBoundary === "string" && {
        boundary: policyNamed(nameOf(permissionsBoundary)),
      }),
      ...(typeof maxSessionDuration === "number" && { maxSessionSeconds: maxSessionDuration }),
    };
  };
  const runtimeRoles = (of: Scope) => ({
    execution: principal(names.executionRoleName(of)),
    hook: principal(names.hookRoleName(of)),
    codedeploy: principal(names.codeDeployRoleName(of)),
  });
  const program: Program = {
    project: options.project?.project ?? TEST_PROJECT,
    location,
    scope,
    others: [],
    resources,
    tags,
    managed,
    boundaryOf: (roleName) => {
      const role = ofType("aws:iam/role:Role").find(({ inputs }) => inputs["name"] === roleName);
      const boundary = role?.inputs["permissionsBoundary"];
      return typeof boundary === "string" ? boundary : undefined;
    },
    roles: {
      deploy: principal(names.deployRoleName(scope)),
      preview: principal(names.previewRoleName(scope)),
      plan: principal(names.planRoleName(scope)),
      ...runtimeRoles(scope),
      scheduler: isMade(schedulerRoleName(scope))
        ? principal(schedulerRoleName(scope))
        : { name: schedulerRoleName(scope), policies: [] },
      flowlogs: isMade(names.flowLogsRoleName(scope))
        ? principal(names.flowLogsRoleName(scope))
        : { name: names.flowLogsRoleName(scope), policies: [] },
      operator: {
        name: "operator",
        policies: [
          ...(["view", "release", "operator"] as const).map((part) =>
            policyNamed(names.identityPolicyName(scope, part)),
          ),
          // Only where an option is on, and where a team has rights of its own.
          ...(["options-view", "own-view"] as const).flatMap(
            (part) => managed.get(names.identityPolicyName(scope, part)) ?? [],
          ),
        ],
      },
    },
  };
  const { functions = {} } = outputs as { readonly functions?: Readonly<Record<string, unknown>> };
  const others = Object.keys(functions).map((functionId) => {
    const ofFunction = { ...scope, functionId };
    return {
      ...program,
      scope: ofFunction,
      roles: { ...program.roles, ...runtimeRoles(ofFunction) },
    };
  });
  return { ...program, others };
}
