/**
 * Parts of the handler that are in the bundle only where the service uses them: an adapter with an SDK client is
 * 100 KB and 30 ms of every cold start.
 *
 * To add one, name it here and ask for it in `function/handler.ts`:
 *
 * ```ts
 * const store = FEATURES.table ? dynamoDbTable({ tableName }) : noStore;
 * ```
 *
 * `FEATURES.table` becomes `true` or `false` when the bundle is built, and what only the other branch imports is
 * left out: a feature that is off adds no byte. It is of the service, not of an environment, because a release
 * builds once for all of them. So a setting that needs a feature refuses to be used without it, and names this file.
 */
import { resolve } from "node:path";
import type { Plugin } from "esbuild";

/** Feature to whether it is in the bundle. */
export type Features = Readonly<Record<string, boolean>>;

/** The features of this service. The one that is shipped has none. */
export const BUNDLED_FEATURES: Features = {};

declare global {
  /** There in the bundle alone: code that tests run from its source takes its adapters as arguments. */
  const FEATURES: Features;
}

/**
 * An esbuild plugin that leaves out an adapter (a file of a folder `adapters`) of which nothing is used, also where
 * it makes its client when it is loaded. So an adapter does nothing for whoever does not call it.
 */
export const unusedAdapters = (): Plugin => ({
  name: "unused-adapters",
  setup(build) {
    build.onResolve({ filter: /^\.(?:.*\/)?adapters\/[\w.-]+\.ts$/ }, ({ resolveDir, path }) => ({
      path: resolve(resolveDir, path),
      sideEffects: false,
    }));
  },
});
