/** An esbuild plugin that leaves out what the Lambda runtime or the build itself brings. */
import { resolve } from "node:path";
import type { Plugin } from "esbuild";

/**
 * `platform/features.ts` is for code that runs from its source: in the bundle, features are constants.
 *
 * Powertools imports AWS's invoke store for its side effect alone: making `awslambda.InvokeStore`, which
 * the runtime client has made before it loads a handler. A package that imports something from it gets it.
 */
export function provided(): Plugin {
  return {
    name: "provided",
    setup(build) {
      build.onResolve({ filter: /^@aws\/lambda-invoke-store$/ }, ({ importer, path }) =>
        /@aws-lambda-powertools[\\/]commons/.test(importer)
          ? { path, namespace: "provided", sideEffects: false }
          : undefined,
      );
      build.onResolve({ filter: /\/features\.ts$/ }, ({ resolveDir, path }) =>
        /[\\/]function[\\/]platform[\\/]features\.ts$/.test(resolve(resolveDir, path))
          ? { path: "features", namespace: "provided", sideEffects: false }
          : undefined,
      );
      build.onLoad({ filter: /.*/, namespace: "provided" }, () => ({ contents: "" }));
    },
  };
}
