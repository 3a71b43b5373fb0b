/**
 * An esbuild plugin that takes Node's built-in modules from `process.getBuiltinModule()`.
 *
 * An ES module's `import "node:http"` reads every export of the module, getters included, and one of them
 * loads undici: 29 ms and 5 MB in a cold start. `getBuiltinModule` returns the module and touches nothing.
 * It also serves CommonJS packages in an ES bundle, which would otherwise need a `require` made by hand.
 */
import { isBuiltin } from "node:module";
import type { Plugin } from "esbuild";

const NAMESPACE = "node-builtin";

/** Built-ins that one package imports at load and calls rarely if ever: each named function loads it on its first call. */
const LAZY: readonly { importer: RegExp; module: string; functions: readonly string[] }[] = [
  // Powertools' Logger draws a random number only when log sampling is on; node:crypto costs 3 ms to load.
  {
    importer: /@aws-lambda-powertools[\\/]logger/,
    module: "node:crypto",
    functions: ["randomInt"],
  },
];

const lazyFunctions = (module: string, importer: string): readonly string[] | undefined =>
  LAZY.find((rule) => rule.module === module && rule.importer.test(importer))?.functions;

const load = (module: string): string => `process.getBuiltinModule(${JSON.stringify(module)})`;

/** Rewrites every import and `require` of a built-in module. */
export function builtins(): Plugin {
  return {
    name: "builtins",
    setup(build) {
      build.onResolve({ filter: /^[a-z][a-z0-9_:/]*$/ }, ({ path, importer }) => {
        if (!isBuiltin(path)) return undefined;
        const module = path.startsWith("node:") ? path : `node:${path}`;
        const functions = lazyFunctions(module, importer);
        return {
          path: functions ? `${module}?${functions.join(",")}` : module,
          namespace: NAMESPACE,
          sideEffects: false,
        };
      });
      build.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path }) => {
        const [module = path, functions] = path.split("?");
        return {
          contents: functions
            ? functions
                .split(",")
                .map(
                  (name) => `export const ${name} = (...args) => ${load(module)}.${name}(...args);`,
                )
                .join("\n")
            : `module.exports = ${load(module)};`,
        };
      });
    },
  };
}
