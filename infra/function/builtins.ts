/**
 * An esbuild plugin that takes Node's built-in modules from `process.getBuiltinModule()`.
 *
 * An ES module's `import "node:http"` reads every export of the module, getters included, and one of them
 * loads undici: 29 ms and 5 MB in a cold start. `getBuiltinModule` returns the module and touches nothing.
 * It also serves CommonJS packages in an ES bundle, which would otherwise need a `require` made by hand.
 *
 * Nothing is read in the importer: the stand-in exports every name, and esbuild drops those that nobody uses.
 */
import { isBuiltin } from "node:module";
import type { OnResolveArgs, Plugin } from "esbuild";

/** What leads the names of the stand-ins, in source maps too. */
export const NAMESPACE = "node-builtin";

/** Functions and classes that a package imports at load and uses rarely if ever: they load their module when used. */
const LAZY: readonly { importer: RegExp; module: string }[] = [
  // Powertools' Logger draws a random number only when log sampling is on; node:crypto costs 3 ms to load.
  { importer: /@aws-lambda-powertools[\\/]logger/, module: "node:crypto" },
  // The handler's own utilities print through function/platform/sink.ts.
  { importer: /@aws-lambda-powertools[\\/]/, module: "node:console" },
];

/** Rewrites every import and `require` of a built-in module. */
export function builtins(): Plugin {
  return {
    name: "builtins",
    setup(build) {
      build.onResolve({ filter: /^[\w:/]+$/ }, (args) => {
        if (!isBuiltin(args.path)) return undefined;
        // Modules such as _http_agent have no name with `node:`.
        const name = args.path.replace(/^node:/, "");
        const module = isBuiltin(`node:${name}`) ? `node:${name}` : name;
        const form = formFor(module, args);
        const path = form === FORMS.names ? module : `${module} (${form.name})`;
        return { path, namespace: NAMESPACE, pluginData: form(module), sideEffects: false };
      });
      build.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ pluginData }) => ({
        contents: String(pluginData),
      }));
    },
  };
}

const load = (module: string): string => `process.getBuiltinModule(${JSON.stringify(module)})`;

/** What stands for a built-in module. esbuild drops again what nobody uses. */
const FORMS = {
  /** For `import`: one read for each name that is used. */
  names: (module: string): string =>
    [
      `const builtin = /* @__PURE__ */ ${load(module)};`,
      "export default builtin;",
      ...namesOf(module).map(
        (name) => `export const ${name} = /* @__PURE__ */ (() => builtin.${name})();`,
      ),
    ].join("\n"),
  /** For `import` of functions and classes that are used rarely. */
  lazy: (module: string): string =>
    namesOf(module)
      .map(
        (name) =>
          `export function ${name}(...a) { const it = ${load(module)}.${name}; return new.target ? new it(...a) : it(...a); }`,
      )
      .join("\n"),
  /** For `require()` and `import()`, which take the module as a whole. */
  whole: (module: string): string => `module.exports = ${load(module)};`,
} as const;

function formFor(module: string, { kind, importer }: OnResolveArgs) {
  if (kind !== "import-statement") return FORMS.whole;
  const lazy = LAZY.some((rule) => rule.module === module && rule.importer.test(importer));
  return lazy ? FORMS.lazy : FORMS.names;
}

/** The names that Node itself gives to `import`: all enumerable keys. Listing them reads no getter. */
const namesOf = (module: string): string[] =>
  Object.keys(process.getBuiltinModule(module) ?? {}).filter((name) => name !== "default");
