/**
 * Finds what builds and then fails in Lambda, because the bundle is one file and has no `require`:
 * `__dirname`, `import.meta.url`, and modules that are loaded by a computed name. Pure.
 *
 * It reads the bundle, not the sources, so that code which esbuild dropped does not matter.
 */
import { SourceMap, type SourceMapPayload } from "node:module";
import { type AnyNode, type Node, parse, type Program } from "acorn";
import { ancestor, simple } from "acorn-walk";
import type { Metafile } from "esbuild";

/** Stand-ins for names that are free in a source file; in the bundle nothing else is called so. */
export const FREE_NAMES: Readonly<Record<string, string>> = {
  __dirname: "__free_dirname__",
  __filename: "__free_filename__",
};

/** Whether a bundle can hold something to find: cheap, and true for few. */
export const mayHoldUnbundled = (code: string, { outputs }: Metafile): boolean =>
  /\bimport(?:\(|\.meta\b)|\b__(?:dir|file)name\b|Dynamic require of/.test(code) ||
  Object.values(outputs).some(({ imports }) => imports.length > 0);

/** Something that cannot work in a bundle. */
export interface Unbundled {
  /** File, relative to the project. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  readonly problem: string;
  readonly remedy: string;
}

type Kind = readonly [why: string, remedy: string];

const NO_FILES: Kind = [
  "leads nowhere in the bundle, which is one file",
  'import the file that it leads to, for example: import text from "./file.txt" with { type: "text" }',
];
const NOT_KNOWN: Kind = [
  "loads a module that is not known when the bundle is built",
  "name the module by a literal",
];
const NOT_THERE: Kind = [
  "names a module that cannot be bundled, and Lambda has none of that name",
  "install the package and import it by its name",
];

/**
 * Reads a bundle in which `FREE_NAMES` are replaced and no name is shortened. What is inside a `try`, or asked
 * for by `typeof` before, is taken as provided for.
 */
export function findUnbundled(code: string, sourceMap: string): Unbundled[] {
  const program = parse(code, { ecmaVersion: "latest", sourceType: "module", locations: true });
  const map = new SourceMap(JSON.parse(sourceMap) as SourceMapPayload);
  const freeNames = new Map(Object.entries(FREE_NAMES).map(([name, free]) => [free, name]));
  const helper = requireHelper(code, program);
  const found: Unbundled[] = [];

  const report = (node: Node, what: string, [why, remedy]: Kind): void => {
    if (!node.loc) return;
    const { line, column } = node.loc.start;
    const entry = map.findEntry(line - 1, column);
    // What has no source is a helper of esbuild's.
    if (!("originalSource" in entry)) return;
    found.push({
      // Sources are relative to dist/.
      file: entry.originalSource.replace(/^\.\.\//, ""),
      line: entry.originalLine + 1,
      column: entry.originalColumn + 1,
      problem: `${what} ${why}`,
      remedy,
    });
  };
  const external = (node: Node & { source?: { value?: unknown } | null }): void => {
    if (node.source) report(node, `import "${String(node.source.value)}"`, NOT_THERE);
  };

  ancestor(program, {
    Identifier(node, _state, ancestors) {
      const free = freeNames.get(node.name);
      if (free === undefined && node.name !== helper) return;
      if (isProvidedFor(node, ancestors, node.name)) return;
      if (free !== undefined) report(node, free, NO_FILES);
      else if (!isMain(ancestors)) report(node, "require", NOT_KNOWN);
    },
    MetaProperty(node, _state, ancestors) {
      if (node.meta.name !== "import" || isProvidedFor(node, ancestors)) return;
      const property = propertyOf(ancestors);
      if (property === undefined || !FILE_PROPERTIES.has(property)) return;
      if (!isCompared(ancestors)) report(node, `import.meta.${property}`, NO_FILES);
    },
    ImportExpression(node, _state, ancestors) {
      if (!isProvidedFor(node, ancestors)) report(node, "import()", NOT_KNOWN);
    },
    ImportDeclaration: external,
    ExportNamedDeclaration: external,
    ExportAllDeclaration: external,
  });
  return found;
}

/** The properties of `import.meta` that say where the module lies. */
const FILE_PROPERTIES = new Set(["url", "dirname", "filename", "resolve"]);

/** The function that esbuild replaces `require` by, where it is left in the bundle. */
function requireHelper(code: string, program: Program): string | undefined {
  for (const statement of program.body) {
    if (statement.type !== "VariableDeclaration") continue;
    for (const { id, init } of statement.declarations) {
      if (id.type !== "Identifier" || !init) continue;
      if (code.slice(init.start, init.end).includes("Dynamic require of")) return id.name;
    }
  }
  return undefined;
}

/** Whether the program goes on without it: it is inside `try`, or `typeof` asks first. */
function isProvidedFor(node: Node, ancestors: readonly AnyNode[], name?: string): boolean {
  return ancestors.some((parent) => {
    const within = (child: Node | null | undefined) =>
      child !== null && child !== undefined && child.start <= node.start && node.end <= child.end;
    const { type } = parent;
    if (type === "TryStatement") return Boolean(parent.handler) && within(parent.block);
    if (type === "UnaryExpression") return parent.operator === "typeof" && parent.argument === node;
    if (type === "IfStatement" || type === "ConditionalExpression") {
      return !within(parent.test) && asksFor(parent.test, name);
    }
    return type === "LogicalExpression" && within(parent.right) && asksFor(parent.left, name);
  });
}

function asksFor(test: Node, name: string | undefined): boolean {
  let asks = false;
  simple(test, {
    UnaryExpression({ operator, argument }) {
      asks ||= operator === "typeof" && argument.type === "Identifier" && argument.name === name;
    },
  });
  return asks;
}

/** `require.main === module`: in the bundle it is undefined, so that the program knows that it is a module. */
const isMain = (ancestors: readonly AnyNode[]): boolean =>
  propertyOf(ancestors) === "main" && isCompared(ancestors);

/** The property that is read of the node at the end. */
function propertyOf(ancestors: readonly AnyNode[]): string | undefined {
  const parent = ancestors.at(-2);
  if (parent?.type !== "MemberExpression" || parent.object !== ancestors.at(-1)) return undefined;
  return parent.property.type === "Identifier" ? parent.property.name : undefined;
}

/** Whether it is only compared, perhaps through functions such as `fileURLToPath`. */
function isCompared(ancestors: readonly AnyNode[]): boolean {
  const comparison = ancestors.findLast(
    ({ type }) =>
      type !== "MemberExpression" &&
      type !== "CallExpression" &&
      type !== "MetaProperty" &&
      type !== "Identifier",
  );
  return comparison?.type === "BinaryExpression" && /^[!=]==?$/.test(comparison.operator);
}
