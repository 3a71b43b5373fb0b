/** A plan as text for people: the tree of resources, what changes in each, and how many there are. */
import { styleText } from "node:util";
import type { Op, Plan, PlannedChange, PlannedResource } from "local-aws/provider/plan.ts";

const SYMBOLS: Readonly<Record<Op, string>> = {
  create: "+ ",
  update: "~ ",
  replace: "+-",
  delete: "- ",
  read: "> ",
  same: "  ",
};

const COLOURS: Readonly<Record<Op, Parameters<typeof styleText>[0]>> = {
  create: "green",
  update: "yellow",
  replace: "magenta",
  delete: "red",
  read: "cyan",
  same: "dim",
};

const WORDS: Readonly<Record<Op, string>> = {
  create: "to create",
  update: "to update",
  replace: "to replace",
  delete: "to delete",
  read: "to read",
  same: "unchanged",
};

/** Longer values would bury the line; `--diff` shows them whole. */
const LONGEST_VALUE = 40;

/** For example `aws:sqs:Queue`. */
export const shortType = (type: string): string => {
  // `aws:sqs/queue:Queue` is written `aws:sqs:Queue`, as the engine does.
  const [pkg = "", module = "", name = ""] = type.split(":");
  return [pkg, module.split("/", 1)[0], name].join(":");
};

const shown = (value: unknown): string | undefined => {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length <= LONGEST_VALUE && !text.includes("\n") ? text : undefined;
};

function change({ path, kind, before, after }: PlannedChange): string {
  const from = before === undefined ? undefined : shown(before);
  const to = after === undefined ? undefined : shown(after);
  if (kind === "add") return to === undefined ? `+${path}` : `+${path} ${to}`;
  if (kind === "delete") return from === undefined ? `-${path}` : `-${path} ${from}`;
  return from === undefined || to === undefined ? `~${path}` : `~${path} ${from} → ${to}`;
}

function details({ changes, replaceKeys, protect, op }: PlannedResource): string {
  const parts = [
    ...(changes.length > 0 ? [`[${changes.map(change).join(", ")}]`] : []),
    ...(replaceKeys.length > 0 ? [`replaced because of ${replaceKeys.join(", ")}`] : []),
    ...(protect && (op === "create" || op === "delete" || op === "replace") ? ["protected"] : []),
  ];
  return parts.join(" ");
}

interface Line {
  readonly resource: PlannedResource;
  /** Branches of the tree before the type. */
  readonly branches: string;
}

/** The resources as a tree, children under their components; siblings by type and name, so that two runs agree. */
function tree(unsorted: readonly PlannedResource[]): Line[] {
  const sortKey = ({ type, name }: PlannedResource): string => `${type} ${name}`;
  const resources = [...unsorted].sort((a, b) => sortKey(a).localeCompare(sortKey(b), "en"));
  const known = new Set(resources.map(({ urn }) => urn));
  const childrenOf = (parent: string | undefined): readonly PlannedResource[] =>
    resources.filter((resource) =>
      parent === undefined ? !known.has(resource.parent) : resource.parent === parent,
    );
  const lines: Line[] = [];
  const walk = (siblings: readonly PlannedResource[], prefix: string, depth: number): void => {
    siblings.forEach((resource, index) => {
      const last = index === siblings.length - 1;
      lines.push({ resource, branches: depth === 0 ? "" : prefix + (last ? "└─ " : "├─ ") });
      const inner = depth === 0 ? "" : prefix + (last ? "   " : "│  ");
      walk(childrenOf(resource.urn), inner, depth + 1);
    });
  };
  walk(childrenOf(undefined), "", 0);
  return lines;
}

/** Resources that change, with the components that they are in. */
function changing(resources: readonly PlannedResource[]): readonly PlannedResource[] {
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  const kept = new Set<PlannedResource>();
  for (const resource of resources.filter(({ op }) => op !== "same")) {
    for (
      let next: PlannedResource | undefined = resource;
      next !== undefined;
      next = byUrn.get(next.parent)
    ) {
      kept.add(next);
    }
  }
  return resources.filter((resource) => kept.has(resource));
}

/** The tree of what changes, or a line that nothing does. */
export function renderTree(plan: Plan): string {
  const lines = tree(changing(plan.resources));
  if (lines.length === 0) return "    no changes";
  const widest = (of: (line: Line) => string): number =>
    Math.max(...lines.map((line) => of(line).length));
  const left = ({ branches, resource }: Line): string => branches + shortType(resource.type);
  const leftWidth = widest(left);
  const nameWidth = widest(({ resource }) => resource.name);
  return lines
    .map((line) => {
      const { resource } = line;
      const columns = [
        left(line).padEnd(leftWidth),
        resource.name.padEnd(nameWidth),
        details(resource),
      ];
      const text = ` ${SYMBOLS[resource.op]} ${columns.join("  ")}`.trimEnd();
      return styleText(COLOURS[resource.op], text);
    })
    .join("\n");
}

/** For example `31 to create` or `1 to update, 40 unchanged`. */
export function renderSummary(plan: Plan): string {
  const counts = Object.entries(plan.summary) as [Op, number][];
  return counts.length === 0
    ? "nothing"
    : counts.map(([op, count]) => `${count} ${WORDS[op]}`).join(", ");
}

/** What the plan had to assume, one line each: nothing where it knew everything. */
export function renderAssumptions({
  unsureTypes,
  madeUp,
}: Pick<Plan, "unsureTypes" | "madeUp">): string[] {
  return [
    ...(unsureTypes.length > 0
      ? [`a replacement of these may show as an update: ${unsureTypes.map(shortType).join(", ")}`]
      : []),
    ...(madeUp.length > 0
      ? [
          `the values of these are made up: ${madeUp.map(shortType).join(", ")}; set your own in infra/own/data-sources.ts`,
        ]
      : []),
  ];
}

/** The engine's own text of all properties, without what it says about our provider. */
export const renderDiff = (diffText: string): string =>
  diffText
    .split("\n")
    .filter((line) => !line.includes("using pulumi-resource-"))
    .join("\n")
    .trim();
