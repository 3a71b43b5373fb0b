/** What the engine plans, gathered from its events. */
import { stripVTControlCharacters } from "node:util";
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { replacementKnown } from "./aws-outputs.ts";

/** What happens to a resource; a replacement is one step here, whatever the engine makes of it. */
export type Op = "create" | "update" | "replace" | "delete" | "same" | "read";

export interface PlannedChange {
  /** Property path, for example `environment.variables.LOG_LEVEL`. */
  readonly path: string;
  readonly kind: "add" | "update" | "delete";
  /** Values before and after; absent where there is none, `[secret]` for a secret, `[unknown]` until it is made. */
  readonly before?: unknown;
  readonly after?: unknown;
}

export interface PlannedResource {
  readonly op: Op;
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** URN of the component it belongs to. */
  readonly parent: string;
  readonly protect: boolean;
  /** Inputs after the plan; those before it for a deletion. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Only of an update or a replacement. */
  readonly changes: readonly PlannedChange[];
  /** Inputs that force the replacement. */
  readonly replaceKeys: readonly string[];
}

/** How an unknown value looks on the wire. */
const UNKNOWNS: readonly unknown[] = [
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "output<string>",
  "computed<string>",
];

const OPS: Readonly<Record<string, Op>> = {
  create: "create",
  update: "update",
  delete: "delete",
  same: "same",
  read: "read",
  refresh: "same",
  replace: "replace",
  "create-replacement": "replace",
  "delete-replaced": "replace",
};

type Step = NonNullable<EngineEvent["resourcePreEvent"]>["metadata"];

export class Plan {
  readonly project: string;
  readonly stack: string;
  readonly warnings: string[] = [];
  /** Functions such as `aws:ssm/getParameter:getParameter` whose answers are made up. */
  madeUp: readonly string[] = [];
  readonly errors: string[] = [];
  /** Stack outputs; what is not known yet is `[unknown]`. */
  outputs: Readonly<Record<string, unknown>> = {};
  readonly #resources = new Map<string, PlannedResource>();

  constructor(project: string, stack: string) {
    this.project = project;
    this.stack = stack;
  }

  /** Every resource by URN, without the stack itself; the engine's own order differs from run to run. */
  get resources(): readonly PlannedResource[] {
    return [...this.#resources.values()].sort((a, b) => a.urn.localeCompare(b.urn, "en"));
  }

  /** Types of the plan of which is not known what replaces them: a replacement may show as an update. */
  get unsureTypes(): readonly string[] {
    const types = new Set(this.resources.map(({ type }) => type));
    return [...types].filter((type) => type.startsWith("aws:") && !replacementKnown(type)).sort();
  }

  /** How many resources each operation meets, the most telling first; those that meet none are absent. */
  get summary(): Readonly<Partial<Record<Op, number>>> {
    const order: readonly Op[] = ["create", "update", "replace", "delete", "read", "same"];
    const count = (op: Op) => this.resources.filter((resource) => resource.op === op).length;
    return Object.fromEntries(
      order.map((op) => [op, count(op)] as const).filter(([, number]) => number > 0),
    );
  }

  /** Takes in one event of the engine. */
  take({ diagnosticEvent, resourcePreEvent, resOutputsEvent }: EngineEvent): void {
    if (diagnosticEvent !== undefined) this.#diagnose(diagnosticEvent);
    if (resourcePreEvent !== undefined) this.#plan(resourcePreEvent.metadata);
    if (resOutputsEvent !== undefined) this.#finish(resOutputsEvent.metadata);
  }

  #diagnose({ severity, message, urn }: NonNullable<EngineEvent["diagnosticEvent"]>): void {
    // Ours is the provider that it is surprised to find on PATH.
    if (message.startsWith("using pulumi-resource-")) return;
    const where = urn === undefined || isStack(urn) ? "" : `${nameOf(urn)}: `;
    const said = stripVTControlCharacters(message)
      .trim()
      .replace(/^error: /, "");
    // The engine's closing words add nothing to the reasons before them.
    if (/^(preview|update|destroy) failed$/.test(said)) return;
    const line = where + said;
    if (severity !== "warning" && severity !== "error") return;
    const list = severity === "warning" ? this.warnings : this.errors;
    if (line !== "" && !list.includes(line)) list.push(line);
  }

  #plan(step: Step): void {
    const op = OPS[step.op];
    if (op === undefined || isStack(step.urn)) return;
    const before = this.#resources.get(step.urn);
    // The steps of a replacement come one by one; the first says what changes.
    if (before?.op === "replace") return;
    const state = step.new ?? step.old;
    this.#resources.set(step.urn, {
      op,
      urn: step.urn,
      type: step.type,
      name: nameOf(step.urn),
      parent: state?.parent ?? "",
      protect: state?.protect ?? false,
      inputs: readable(state?.inputs ?? {}) as Readonly<Record<string, unknown>>,
      changes: op === "update" || op === "replace" ? changesOf(step) : [],
      replaceKeys: step.keys ?? [],
    });
  }

  #finish(step: Step): void {
    if (!isStack(step.urn)) return;
    this.outputs = readable(step.new?.outputs ?? {}) as Readonly<Record<string, unknown>>;
  }
}

const isStack = (urn: string): boolean => urn.includes("::pulumi:pulumi:Stack::");

const nameOf = (urn: string): string => urn.split("::").slice(3).join("::");

/** Values as people write them: unknowns in one form. */
function readable(value: unknown): unknown {
  if (UNKNOWNS.includes(value)) return "[unknown]";
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, readable(item)]));
}

function changesOf(step: Step): PlannedChange[] {
  return Object.entries(step.detailedDiff ?? {}).map(([path, { diffKind }]) => {
    const before = readable(valueAt(step.old?.inputs ?? {}, path));
    const after = readable(valueAt(step.new?.inputs ?? {}, path));
    return {
      path,
      kind: diffKind.replace("-replace", "") as PlannedChange["kind"],
      ...(before !== undefined && { before }),
      ...(after !== undefined && { after }),
    };
  });
}

/** The value at a property path such as `rules[0].id` or `variables["a.b"]`. */
export function valueAt(root: unknown, path: string): unknown {
  const keys = [...path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g)];
  return keys.reduce<unknown>((value, [, quoted, index, plain]) => {
    if (typeof value !== "object" || value === null) return undefined;
    const key =
      quoted === undefined ? (index ?? plain ?? "") : (JSON.parse(`"${quoted}"`) as string);
    return (value as Readonly<Record<string, unknown>>)[key];
  }, root);
}
