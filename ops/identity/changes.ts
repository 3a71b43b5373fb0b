/** Which changes of a plan are an administrator's: CI may not make them, so a plan that holds one cannot be deployed. */

/** One change of a plan. */
export interface Change {
  /** Pulumi's own word, for example `create`, `update`, `delete` or `replace`. */
  readonly op: string;
  readonly urn: string;
}

/** A plan in either form that the engine writes it: `preview --json`, or the file of `preview --save-plan`. */
export type PlanDocument = Readonly<Record<string, unknown>>;

/** Whether a resource is part of the identity: who may do what, who may take a role, what holds customers' data. */
export function isIdentity(urn: string): boolean {
  const { type, parents, name } = parts(urn);
  if (parents.includes("lambda-service:infra:Identity")) return true;
  // Whoever makes a role says who may take it; a right to one saved query is a right to all of the account.
  if (["aws:iam/role:Role", "aws:cloudwatch/queryDefinition:QueryDefinition"].includes(type)) {
    return true;
  }
  // The settings of a queue and its policy are one right, and the policy could let anybody read.
  return (
    /^aws:sqs\/queue(Policy)?:/.test(type) &&
    (parents.includes("lambda-service:infra:Sources") ||
      // Those of another function than the service's own begin with its name.
      (parents.includes("lambda-service:infra:Function") &&
        /(^|-)dead-letters(-policy)?$/.test(name)))
  );
}

/** Whether a change is an administrator's to make: any of the identity, and the end of the service's table. */
export const needsAdministrator = ({ op, urn }: Change): boolean =>
  isIdentity(urn) || (isTable(urn) && /delete|replace/.test(op));

/** A pipeline makes the table and changes its settings; with the table goes what customers stored in it. */
function isTable(urn: string): boolean {
  const { type, parents } = parts(urn);
  return type === "aws:dynamodb/table:Table" && parents.includes("lambda-service:infra:Database");
}

/** What a plan changes that an administrator makes, in the plan's order. Throws `TypeError` for what is no plan. */
export const identityChanges = (plan: PlanDocument): readonly Change[] =>
  changes(plan).filter(needsAdministrator);

/** Everything that a plan changes, each resource once. */
export function changes(plan: PlanDocument): readonly Change[] {
  const found = steps(plan).filter(({ op }) => !UNCHANGED.has(op));
  // A replacement is several steps of one resource; the plainest word says it all.
  return [...Map.groupBy(found, ({ urn }) => urn)].map(([urn, own]) => ({
    urn,
    op: own.length > 1 ? "replace" : (own[0]?.op ?? ""),
  }));
}

/** Steps that leave AWS as it is. */
const UNCHANGED = new Set(["same", "refresh", "read", "read-replacement"]);

function steps(plan: PlanDocument): readonly Change[] {
  const { steps, resourcePlans } = plan;
  if (Array.isArray(steps)) {
    return steps.map(({ op, urn }: Readonly<Record<string, unknown>>) => ({
      op: String(op),
      urn: String(urn),
    }));
  }
  if (isRecord(resourcePlans)) {
    return Object.entries(resourcePlans).flatMap(([urn, resource]) => {
      const own = isRecord(resource) ? resource["steps"] : undefined;
      return Array.isArray(own) ? own.map((op) => ({ op: String(op), urn })) : [];
    });
  }
  // A preview of a program that changes nothing has no steps at all, but it counts them.
  if (isRecord(plan["changeSummary"])) return [];
  throw new TypeError("no plan of Pulumi: neither steps nor resourcePlans");
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A URN is `urn:pulumi:{stack}::{project}::{parent type}${type}::{name}`. */
function parts(urn: string): { type: string; parents: readonly string[]; name: string } {
  const [, , types = "", ...name] = urn.split("::");
  const chain = types.split("$");
  return { type: chain.at(-1) ?? "", parents: chain.slice(0, -1), name: name.join("::") };
}

/** Whether a resource belongs to a component, by the types above it: the program has one component of a type. */
export const isWithin = (urn: string, component: string): boolean =>
  parts(urn).parents.includes(parts(component).type);

/** The type of a resource, for example `aws:iam/policy:Policy`. */
export const typeOf = (urn: string): string => parts(urn).type;

/** One change as a line, for example `update aws:iam/policy:Policy identity-boundary`. */
export function changeLine({ op, urn }: Change): string {
  const { type, name } = parts(urn);
  return `${op} ${type} ${name}`;
}
