/**
 * What a plan changes, as the workflows tell people: one row of counts a stack, and the resources, the dangerous
 * ones first. Pure, and without packages, because a job that reports runs before they are installed.
 */

/** What happens to a resource, the most dangerous first; it is also the order of every table. */
export const OPERATIONS = ["replace", "delete", "create", "update"] as const;
export type Operation = (typeof OPERATIONS)[number];

export interface Change {
  readonly operation: Operation;
  /** For example `aws:lambda/function:Function`. */
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  /** Property paths that differ, where the plan says. */
  readonly properties: readonly string[];
}

export interface Plan {
  readonly changes: readonly Change[];
  /** Whether the stack's outputs differ; then an update has something to do although no resource changes. */
  readonly outputsDiffer: boolean;
}

/** A plan as `pulumi preview --save-plan` writes it, as far as it is read. */
export interface SavedPlan {
  readonly resourcePlans?: Readonly<
    Record<
      string,
      {
        readonly steps?: readonly string[];
        /** Absent where the resource is deleted. */
        readonly goal?: {
          readonly type?: string;
          readonly inputDiff?: PropertyDiff;
          readonly outputDiff?: PropertyDiff;
        } | null;
      }
    >
  >;
}

type PropertyDiff = Readonly<Record<"adds" | "deletes" | "updates", unknown>> | object;

const STACK_TYPE = "pulumi:pulumi:Stack";

/** Reads a plan that the engine has saved. */
export function readSavedPlan({ resourcePlans = {} }: SavedPlan): Plan {
  const entries = Object.entries(resourcePlans);
  return {
    changes: entries.flatMap(([urn, { steps = [], goal }]) => {
      const operation = operationOf(steps);
      if (operation === undefined || typeOf(urn) === STACK_TYPE) return [];
      return [{ ...named(urn), operation, properties: propertiesOf(goal?.inputDiff) }];
    }),
    outputsDiffer: entries.some(
      ([urn, { goal }]) => typeOf(urn) === STACK_TYPE && propertiesOf(goal?.outputDiff).length > 0,
    ),
  };
}

/** A plan as `npm run preview -- --json` prints it, as far as it is read. */
export interface OfflinePlan {
  readonly resources: readonly {
    readonly op: string;
    readonly urn: string;
    readonly changes: readonly {
      readonly path: string;
      /** Absent where there is none. */
      readonly before?: unknown;
      readonly after?: unknown;
    }[];
  }[];
}

/** Reads a plan that was made without an account. */
export const readOfflinePlan = ({ resources }: OfflinePlan): Plan => ({
  changes: resources.flatMap(({ op, urn, changes }) => {
    const operation = OPERATIONS.find((one) => one === op);
    if (operation === undefined) return [];
    return [{ ...named(urn), operation, properties: changes.map(({ path }) => path) }];
  }),
  outputsDiffer: false,
});

/** Longest text of one value. */
const SHOWN_CHARACTERS = 300;

/** What differs in each resource, with the values before and after; the engine's own text has that for other plans. */
export function offlineText({ resources }: OfflinePlan): string {
  const value = (of: unknown): string => {
    const text = of === undefined ? "nothing" : JSON.stringify(of);
    return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)} …` : text;
  };
  return OPERATIONS.flatMap((one) => resources.filter(({ op }) => op === one))
    .flatMap(({ op, urn, changes }) => [
      `${op} ${named(urn).name} (${named(urn).type})`,
      ...changes.map(
        ({ path, before, after }) => `    ${path}: ${value(before)} → ${value(after)}`,
      ),
    ])
    .join("\n");
}

/** The engine's steps of one resource, as one operation; undefined where nothing happens to it. */
function operationOf(steps: readonly string[]): Operation | undefined {
  // A replacement is `create-replacement`, `replace` and `delete-replaced`.
  if (steps.some((step) => step.includes("replace"))) return "replace";
  if (steps.includes("import")) return "create";
  return OPERATIONS.find((one) => steps.includes(one));
}

function propertiesOf(diff: PropertyDiff | undefined): readonly string[] {
  return Object.values(diff ?? {}).flatMap((part: unknown) => {
    if (Array.isArray(part)) return part.map(String);
    return typeof part === "object" && part !== null ? Object.keys(part) : [];
  });
}

/** `urn:pulumi:STACK::PROJECT::PARENT$TYPE::NAME` */
const typeOf = (urn: string): string => urn.split("::")[2]?.split("$").at(-1) ?? "";
const named = (urn: string) => ({
  urn,
  type: typeOf(urn),
  name: urn.split("::").slice(3).join("::"),
});

/** Whether an update would do anything at all. */
export const hasChanges = ({ changes, outputsDiffer }: Plan): boolean =>
  changes.length > 0 || outputsDiffer;

/** How many resources each operation meets. */
export const countsOf = ({ changes }: Plan): Readonly<Record<Operation, number>> =>
  Object.fromEntries(
    OPERATIONS.map((one) => [one, changes.filter(({ operation }) => operation === one).length]),
  ) as Record<Operation, number>;

/** `1 to replace, 2 to update`, or `no changes`. */
export function sentenceOf(plan: Plan): string {
  const counts = countsOf(plan);
  const parts = OPERATIONS.flatMap((one) => (counts[one] > 0 ? [`${counts[one]} to ${one}`] : []));
  if (parts.length > 0) return parts.join(", ");
  return plan.outputsDiffer ? "only the stack's outputs change" : "no changes";
}

export const TABLE_HEAD = [
  `| stack | ${OPERATIONS.join(" | ")} |`,
  `| --- | ${OPERATIONS.map(() => "---:").join(" | ")} |`,
].join("\n");

/** The stack's row of the table; replacements and deletions stand out. */
export function tableRow(stack: string, plan: Plan): string {
  const counts = countsOf(plan);
  const cells = OPERATIONS.map((one) => {
    const dangerous = one === "replace" || one === "delete";
    return dangerous && counts[one] > 0 ? `**${counts[one]}**` : String(counts[one]);
  });
  return `| ${[cell(stack), ...cells].join(" | ")} |`;
}

/** Longest list of properties in one cell. */
const SHOWN_PROPERTIES = 6;

/** Every change as a table, the dangerous ones first; empty without changes. */
export function changesTable({ changes }: Plan): string {
  if (changes.length === 0) return "";
  const rows = OPERATIONS.flatMap((one) =>
    changes
      .filter(({ operation }) => operation === one)
      .map(({ type, name, properties }) => {
        const more = properties.length - SHOWN_PROPERTIES;
        const shown = properties.slice(0, SHOWN_PROPERTIES).map(cell).join(", ");
        return `| ${one} | ${cell(name)} | ${cell(type)} | ${shown}${more > 0 ? ` and ${more} more` : ""} |`;
      }),
  );
  return ["| | resource | type | properties |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

/** Text that others wrote must not break out of its cell, nor become markup or a mention. */
export const cell = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll("|", "\\|")
    .replaceAll("@", "&#64;")
    .replaceAll(/\s*\n\s*/g, " ");
