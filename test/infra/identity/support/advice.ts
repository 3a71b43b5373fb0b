/** Says what to do about a call that a role is not allowed: which file, which function, and the line to add. */
import type { Call } from "./evaluator.ts";
import type { ExpectedCall } from "./expected-calls.ts";
import type { Program, RoleKey } from "./program.ts";

export interface Denied {
  readonly role: RoleKey;
  readonly call: ExpectedCall;
}

/** Where each role's rights stand. Those of a team's own resources stand in infra/own/rights.ts. */
const FILES: Readonly<Record<RoleKey, string>> = {
  deploy: "infra/identity/deploy-policies.ts",
  preview: "infra/identity/view-policy.ts",
  plan: "infra/identity/view-policy.ts",
  operator: "infra/identity/operator-policy.ts",
  execution: "infra/own/rights.ts, in ownRights",
  hook: "infra/identity/runtime-policies.ts, in hookRolePolicy",
  codedeploy: "infra/identity/runtime-policies.ts, in codeDeployRolePolicy",
  scheduler: "infra/sources/rights.ts, in schedulerRolePolicy",
  flowlogs: "infra/options/network.ts, in flowLogsRights",
};

const ROLES: Readonly<Record<RoleKey, string>> = {
  deploy: "the deploy role",
  preview: "the preview role",
  plan: "the plan role",
  operator: "people on call",
  execution: "the function",
  hook: "the hook",
  codedeploy: "CodeDeploy",
  scheduler: "EventBridge Scheduler",
  flowlogs: "flow logs",
};

/** One message for everything that is denied, in whichever environment; empty when nothing is. */
export function advice(
  denied: readonly { readonly program: Program; readonly denied: readonly Denied[] }[],
): string {
  const rows = denied.flatMap(({ program, denied }) => denied.map((one) => ({ ...one, program })));
  const groups = Map.groupBy(rows, ({ role, call }) => fileOf(role, call));
  return [...groups]
    .map(([file, rows]) => {
      const who = [...new Set(rows.map(({ role }) => ROLES[role]))].join(", ");
      const why = [...new Set(rows.map(({ call }) => call.type ?? call.reason))].join(", ");
      return [
        "",
        `Not allowed to ${who}, and needed for ${why}.`,
        `Add to ${file}:`,
        "",
        ...statements(rows),
      ].join("\n");
    })
    .join("\n");
}

function fileOf(role: RoleKey, call: ExpectedCall): string {
  if (call.own !== true) return call.reads === true ? FILES.preview : FILES[role];
  return call.reads === true
    ? "infra/own/rights.ts, in the list `read` of ownDeployRights"
    : "infra/own/rights.ts, in the list `change` of ownDeployRights";
}

/** One statement for all actions on the same resource, as source text; the environments share it. */
function statements(rows: readonly (Denied & { readonly program: Program })[]): string[] {
  const groups = Map.groupBy(rows, ({ call, program }) =>
    JSON.stringify([
      call.action.split(":")[0],
      inSource(call.resource, program),
      call.context ?? null,
      call.type ?? call.reason,
    ]),
  );
  const used = new Map<string, number>();
  return [...groups].map(([key, group]) => {
    const [service, resource, context, reason] = JSON.parse(key) as [
      string,
      string,
      Call["context"] | null,
      string,
    ];
    const verbs = [...new Set(group.map(({ call }) => call.action.split(":")[1] ?? ""))].sort();
    const reads = group.every(({ call }) => call.reads === true);
    const name = verbs.length === 1 ? (verbs[0] ?? "") : `${reads ? "Read" : ""}${noun(reason)}`;
    const count = (used.get(name) ?? 0) + 1;
    used.set(name, count);
    const actions = verbs.map((verb) => `"${verb}"`).join(", ");
    return `    allow("${name}${count > 1 ? count : ""}", of("${service}", ${actions}), [${resource}]${conditionSource(context)}),`;
  });
}

/** `Table` for `aws:dynamodb/table:Table`, `Replay` for the command replay. */
function noun(reason: string): string {
  const words = (reason.split(":").at(-1) ?? "").split(/[^A-Za-z0-9]+/).filter(Boolean);
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}

function conditionSource(context: Call["context"] | null): string {
  if (!context) return "";
  const keys = Object.entries(context).map(([key, value]) => `"${key}": ${JSON.stringify(value)}`);
  return `, { StringEquals: { ${keys.join(", ")} } }`;
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
