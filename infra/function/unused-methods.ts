/**
 * An esbuild plugin that leaves out methods that nobody calls. esbuild drops unused functions but keeps classes
 * whole, and two thirds of Powertools' methods are never called here.
 *
 * The names decide, as in Closure Compiler's removal of unused prototype properties: a method can go when no code that
 * can run says its name, neither as a property nor in a text. So whatever the service calls comes back by itself, and
 * nothing here has to be kept in step with a new version of a package.
 */
import { readFileSync } from "node:fs";
import { type MethodDefinition, type Node, parse } from "acorn";
import { base, recursive, simple } from "acorn-walk";
import type { Plugin } from "esbuild";

/** Packages that call no method by a name that they put together at run time. */
export const TRIMMED =
  /[\\/]node_modules[\\/]@aws-lambda-powertools[\\/](?:commons|logger|metrics)[\\/].*\.js$/;

/** JavaScript itself calls these. */
const CALLED_BY_THE_ENGINE = ["toString", "valueOf", "toJSON", "then"];

/**
 * The names that can be said when this code runs: by itself, or by methods that `called` names call. It must be built
 * without shortened names.
 */
export function saidNames(code: string, called: Iterable<string> = []): ReadonlySet<string> {
  const program = parse(code, MODULE);
  const methods = new Map(methodsOf(program).map(({ name, node }) => [node.value as Node, name]));
  const outside: string[] = [...CALLED_BY_THE_ENGINE, ...called];
  /** What is said in the methods of a name, methods of inner classes aside. */
  const inside = new Map<string, string[]>();

  const say = (names: string[], key: Node, isComputed = false): void => {
    const name = nameOf(key, isComputed);
    if (name !== undefined) names.push(name);
  };
  recursive<string[]>(program, outside, {
    Function(node, names, visit) {
      const method = methods.get(node);
      const own = method === undefined ? names : (inside.get(method) ?? []);
      if (method !== undefined) inside.set(method, own);
      base.Function?.(node, own, visit);
    },
    MemberExpression(node, names, visit) {
      say(names, node.property, node.computed);
      base.MemberExpression?.(node, names, visit);
    },
    Property(node, names, visit) {
      say(names, node.key, node.computed);
      base.Property?.(node, names, visit);
    },
    ObjectPattern(node, names, visit) {
      for (const property of node.properties) {
        if (property.type === "Property") say(names, property.key, property.computed);
      }
      base.ObjectPattern?.(node, names, visit);
    },
    BinaryExpression(node, names, visit) {
      // `#name in object`
      if (node.left.type === "PrivateIdentifier") say(names, node.left);
      base.BinaryExpression?.(node, names, visit);
    },
    Literal: ({ value }, names) => void (typeof value === "string" && names.push(value)),
    TemplateElement: ({ value }, names) => void names.push(value.cooked ?? ""),
  });

  const said = new Set<string>();
  // Outside of methods everything may run; a method may run, and say names itself, once its own name is said.
  for (let open = outside; open.length > 0; ) {
    const fresh = new Set(open.filter((name) => !said.has(name)));
    for (const name of fresh) said.add(name);
    open = [...fresh].flatMap((name) => inside.get(name) ?? []);
  }
  return said;
}

/** Leaves out the methods whose names are not among `said`. */
export function unusedMethods(said: ReadonlySet<string>): Plugin {
  return {
    name: "unused-methods",
    setup(build) {
      build.onLoad({ filter: TRIMMED }, ({ path }) => {
        const source = readFileSync(path, "utf8");
        return { contents: withoutUnused(source, said), loader: "js" };
      });
    },
  };
}

/** Puts blanks in their place, so that the source map's lines and columns stay right. */
export function withoutUnused(source: string, said: ReadonlySet<string>): string {
  if (!/\bclass\b/.test(source)) return source;
  // A private name has to be there wherever this file says it, also in a class of which the bundle has nothing.
  const saidHere = saidNames(source, said);
  return methodsOf(parse(source, MODULE))
    .filter(({ name }) => !(name.startsWith("#") ? saidHere : said).has(name))
    .reduce(
      (text, { node: { start, end } }) =>
        text.slice(0, start) + text.slice(start, end).replace(/\S/g, " ") + text.slice(end),
      source,
    );
}

const MODULE = { ecmaVersion: "latest", sourceType: "module" } as const;

/** A method that may be left out; a private one's name has its `#`. */
interface Method {
  readonly name: string;
  readonly node: MethodDefinition;
}

function methodsOf(program: Node): readonly Method[] {
  const methods: Method[] = [];
  simple(program, {
    Class({ superClass, body }) {
      // What extends a built-in class is called by that, too.
      if (superClass?.type === "Identifier" && superClass.name in globalThis) return;
      for (const node of body.body) {
        if (node.type !== "MethodDefinition" || node.kind === "constructor") continue;
        const name = nameOf(node.key, node.computed);
        if (name !== undefined) methods.push({ name, node });
      }
    },
  });
  return methods;
}

function nameOf(key: Node & { name?: string }, isComputed: boolean): string | undefined {
  if (key.type === "PrivateIdentifier") return `#${key.name}`;
  return key.type === "Identifier" && !isComputed ? key.name : undefined;
}
