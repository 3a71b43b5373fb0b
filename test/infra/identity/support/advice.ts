/** Says what to do about a call that a role is not allowed: which file, which function, and the line to add. */
import type { Call } from "./evaluator.ts";
import type { ExpectedCall } from "./expected-calls.ts";
import type { Program, RoleKey } from "./program.ts";

export interface Denied {
  readonly role: RoleKey;
  readonly call: ExpectedCall;
}

/** Where each role's rights stand. Rights of a team's own have a place of their own, see `ownRights`. */
const FILES: Readonly<Record<RoleKey, string>> = {
  deploy: "infra/identity/deploy-policies.ts",
  preview: "infra/identity/view-policy.ts",
  plan: "infra/identity/view-policy.ts",
  operator: "infra/identity/operator-policy.ts",
  execution: "infra/own/rights.ts, in ownRights",
  hook: "infra/identity/runtime-policies.ts, in hookRolePolicy",
  codedeploy: "infra/identity/runtime-policies.ts, in codeDeployRolePolicy",
};

const ROLES: Readonly<Record<RoleKey, string>> = {
  deploy: "the deploy role",
  preview: "the preview role",
  plan: "the plan role",
  operator: "people on call",
  execution: "the function",
  hook: "the hook",
  codedeploy: "CodeDeploy",
};

/** One message for everything that is denied; empty when nothing is. `ownTypes` are the types of a team's rows. */
export function advice(
  denied: readonly Denied[],
  program: Program,
  ownTypes: ReadonlySet<string>,
): string {
  const groups = Map.groupBy(denied, ({ role, call }) => place(role, call, ownTypes));
  return [...groups]
    .map(([file, rows]) => {
      const who = [...new Set(rows.map(({ role }) => ROLES[role]))].join(", ");
      const why = [...new Set(rows.map(({ call }) => call.reason))].join(", ");
      return [
        "",
        `Not allowed to ${who}, and needed for: ${why}.`,
        `Add to ${file}:`,
        "",
        ...statements(
          rows.map(({ call }) => call),
          program,
        ),
      ].join("\n");
    })
    .join("\n");
}

function place(role: RoleKey, call: ExpectedCall, ownTypes: ReadonlySet<string>): string {
  const own = call.type !== undefined && ownTypes.has(call.type);
  if (!own) return call.reads === true ? FILES.preview : FILES[role];
  return call.reads === true
    ? "infra/own/rights.ts, in the list `read` of ownDeployRights"
    : "infra/own/rights.ts, in the list `change` of ownDeployRights";
}

/** One statement for all actions on the same resources, as source text. */
function statements(calls: readonly ExpectedCall[], program: Program): string[] {
  const byService = Map.groupBy(calls, ({ action, resource, context }) =>
    JSON.stringify([action.split(":")[0], resource, context ?? null]),
  );
  return [...byService].map(([key, group]) => {
    const [service, resource, context] = JSON.parse(key) as [
      string,
      string,
      Call["context"] | null,
    ];
    const verbs = [...new Set(group.map((call) => call.action.split(":")[1] ?? ""))].sort();
    const condition = context
      ? `, { StringEquals: { ${Object.entries(context)
          .map(([key, value]) => `"${key}": ${JSON.stringify(value)}`)
          .join(", ")} } }`
      : "";
    return `    allow("${sid(resource, service, verbs)}", of("${service}", ${verbs.map((verb) => `"${verb}"`).join(", ")}), [${inSource(resource, program)}]${condition}),`;
  });
}

/** A name for the statement: what it is on, or for a single action that action. */
function sid(resource: string, service: string, verbs: readonly string[]): string {
  if (verbs.length === 1) return verbs[0] ?? "";
  const thing =
    resource
      .split(":")
      .at(-1)
      ?.split("/")
      .find((part) => /^[a-z]/i.test(part)) ?? "";
  const words = [service, ...thing.split(/[^A-Za-z0-9]+/)].filter(Boolean);
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}

/** A resource as source text of a policy: its account, region and names from the arguments. */
function inSource(resource: string, { location, scope }: Program): string {
  if (resource === "*") return '"*"';
  const text = resource
    .replace(`:${location.region}:`, ":${location.region}:")
    .replace(`:${location.accountId}:`, ":${location.accountId}:")
    .replace(/^arn:[^:]+:/, "arn:${location.partition}:")
    .replaceAll(`-${location.accountId}`, "-${location.accountId}")
    .replaceAll(scope.serviceName, "${scope.serviceName}")
    .replaceAll(scope.environment, "${scope.environment}");
  return `\`${text}\``;
}
