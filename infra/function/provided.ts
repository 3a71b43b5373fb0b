/** An esbuild plugin that leaves out what the Lambda runtime brings itself. */
import type { Plugin } from "esbuild";

/**
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
      build.onLoad({ filter: /.*/, namespace: "provided" }, () => ({ contents: "" }));
    },
  };
}
