/**
 * An esbuild plugin that takes Node's built-in modules from `process.getBuiltinModule()`.
 *
 * An ES module's `import "node:http"` reads every export of the module, getters included, and one of them
 * loads undici: 29 ms and 5 MB in a cold start. `getBuiltinModule` returns the module and touches nothing.
 * It also serves CommonJS packages in an ES bundle, which would otherwise need a `require` made by hand.
 */
import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import type { OnResolveArgs, Plugin } from "esbuild";

const NAMESPACE = "node-builtin";

/** Functions that a package imports at load and calls rarely if ever: each loads its module when it is called. */
const LAZY: readonly { importer: RegExp; module: string }[] = [
  // Powertools' Logger draws a random number only when log sampling is on; node:crypto costs 3 ms to load.
  { importer: /@aws-lambda-powertools[\\/]logger/, module: "node:crypto" },
];

const load = (module: string): string => `process.getBuiltinModule(${JSON.stringify(module)})`;

/** Rewrites every import and `require` of a built-in module. */
export function builtins(): Plugin {
  return {
    name: "builtins",
    setup(build) {
      build.onResolve({ filter: /^[a-z][a-z0-9_:/]*$/ }, (args) => {
        if (!isBuiltin(args.path)) return undefined;
        const module = args.path.startsWith("node:") ? args.path : `node:${args.path}`;
        const pluginData = contents(module, args);
        // The path is what the module is known by, so different contents need different paths.
        return { path: pluginData, namespace: NAMESPACE, pluginData, sideEffects: false };
      });
      build.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ pluginData }) => ({
        contents: String(pluginData),
      }));
    },
  };
}

/** A module that stands for the built-in one. Where the names are known it needs no helper for CommonJS. */
function contents(module: string, args: OnResolveArgs): string {
  const names = importedNames(args);
  if (names.length === 0) return `module.exports = ${load(module)};`;
  const lazy = LAZY.some((rule) => rule.module === module && rule.importer.test(args.importer));
  return lazy
    ? names
        .map((name) => `export const ${name} = (...a) => ${load(module)}.${name}(...a);`)
        .join("")
    : `export const { ${names.join(", ")} } = ${load(module)};`;
}

/** What the importer takes by name, sorted; none where it takes the module as a whole. */
function importedNames({ kind, path, importer, namespace }: OnResolveArgs): string[] {
  if (kind !== "import-statement" || namespace !== "file") return [];
  const statements = [
    ...readFileSync(importer, "utf8").matchAll(
      /\b(?:import|export)\s+([^;"']*?)\s*from\s*["']([^"']+)["']/g,
    ),
  ].filter(([, , from]) => from === path);
  const clauses = statements.map(([, clause = ""]) => /^\{([^}]*)\}$/.exec(clause)?.[1]);
  if (clauses.includes(undefined)) return [];
  const names = clauses
    .join(",")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "" && !name.startsWith("type "))
    .map((name) => name.split(/\s+as\s+/)[0] ?? name);
  return [...new Set(names)].sort();
}
