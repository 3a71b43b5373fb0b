/** The whole program under mocks, seen as IAM sees it: roles, their policies, their boundary, who may take them. */
import type { Place } from "../../../../infra/arns.ts";
import type { PolicyDocument } from "../../../../infra/identity/document.ts";
import type { Scope } from "../../../../infra/names.ts";
import { type MockOptions, type RecordedResource, runProgram } from "../../../support/mocks.ts";

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
  readonly place: Place;
  readonly scope: Scope;
  readonly resources: readonly RecordedResource[];
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
  | "codedeploy";

const text = (resource: RecordedResource, key: string): string => {
  const value = resource.inputs[key];
  if (typeof value !== "string") throw new Error(`${resource.name} has no text ${key}`);
  return value;
};

const parsed = (json: string): PolicyDocument => JSON.parse(json) as PolicyDocument;

/** Runs the program of one stack and reads its roles off the resources that it registered. */
export async function recordProgram(options: MockOptions & { stack: string }): Promise<Program> {
  const { resources } = await runProgram(options);
  const ofType = (type: string) => resources.filter((resource) => resource.type === type);
  const bucket = resources.find(({ type }) => type === "aws:s3/bucket:Bucket");
  const region = resources.find(({ type }) => type === "pulumi:providers:aws")?.inputs["region"];
  const [serviceName = "", , environment = "", accountId = ""] = String(
    bucket?.inputs["bucket"],
  ).split("-");
  const place: Place = { partition: "aws", region: String(region), accountId };
  const scope: Scope = { serviceName, environment };

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
  const capitalised = environment.charAt(0).toUpperCase() + environment.slice(1);
  const deployName = `GitHubActions-Lambda-${capitalised}`;
  return {
    place,
    scope,
    resources,
    managed,
    boundaryOf: (roleName) => {
      const role = ofType("aws:iam/role:Role").find(({ inputs }) => inputs["name"] === roleName);
      const boundary = role?.inputs["permissionsBoundary"];
      return typeof boundary === "string" ? boundary : undefined;
    },
    roles: {
      deploy: principal(deployName),
      preview: principal(`${deployName}-Preview`),
      plan: principal(`${deployName}-Plan`),
      execution: principal(`lambda-execution-${environment}`),
      hook: principal(`lambda-hook-${environment}`),
      codedeploy: principal(`lambda-codedeploy-${environment}`),
      operator: {
        name: "operator",
        policies: ["view", "release", "operator"].map((part) =>
          policyNamed(`lambda-${part}-policy-${environment}`),
        ),
      },
    },
  };
}
