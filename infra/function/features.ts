/**
 * Parts of the handler that are in the bundle only where the service uses them: an adapter with an SDK client is
 * 100 KB and 30 ms of every cold start.
 *
 * Some are turned on by config (`CONFIGURED`). To add one of the service's own, name it in `OWN_FEATURES` and ask for
 * it in `function/handler.ts`:
 *
 * ```ts
 * const prices = FEATURES.prices ? priceService() : noPrices;
 * ```
 *
 * `FEATURES.prices` becomes `true` or `false` when the bundle is built, and what only the other branch imports is
 * left out: a feature that is off adds no byte. It is of the service, not of an environment, because a release
 * builds once for all of them. So one stack that turns a feature on brings it into the bundle of every stack, where
 * the environment says whether it is used. A file that reads `FEATURES` and also runs from its source, in tests or
 * commands, imports `function/platform/features.ts`.
 */
import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";
import { parse } from "yaml";

/** Feature to whether it is in the bundle. */
export type Features = Readonly<Record<string, boolean>>;

/** The features of this service alone. The one that is shipped has none. */
export const OWN_FEATURES: Features = {};

/** Config keys that bring a feature of the same name into the bundle, where their value is another than `none`. */
export const CONFIGURED = ["api", "database"] as const;

const PROJECT_ROOT = fileURLToPath(new URL("../..", import.meta.url));

/**
 * All features, by what the project's files say: one that config knows is on when the default in `Pulumi.yaml` or any
 * `Pulumi.<stack>.yaml` turns it on. The same for everybody who has the same files. Throws an `Error`, one line,
 * where a file cannot be read.
 */
export const bundledFeatures = (folder = PROJECT_ROOT): Features => ({
  ...configuredFeatures(folder),
  ...OWN_FEATURES,
});

/**
 * What one stack's settings turn on, for `BundleOptions.needed`: config that stands in no file of the project, such as
 * a test's or that of `--set`, brings its features as well.
 */
export const neededFeatures = (settings: object): readonly string[] =>
  CONFIGURED.filter((key) => turnsOn(Reflect.get(settings, key)));

/** Those of several things, such as smoke events, whose feature is in a bundle that is built with these `needed`. */
export function bundled<T extends { readonly feature?: string }>(
  things: readonly T[],
  needed: readonly string[] = [],
): readonly T[] {
  const features = bundledFeatures();
  return things.filter(
    ({ feature }) =>
      feature === undefined || features[feature] === true || needed.includes(feature),
  );
}

function configuredFeatures(folder: string): Features {
  const read = (name: string) => readMapping(resolve(folder, name), name);
  const files = readdirSync(folder).filter((name) => /^Pulumi(\..+)?\.yaml$/.test(name));
  const project = files.includes("Pulumi.yaml") ? read("Pulumi.yaml")["name"] : undefined;
  const configs = files.map((name) => read(name)["config"]).filter(isMapping);
  const isOn = (key: string): boolean =>
    configs.some((config) => turnsOn(config[key]) || turnsOn(config[`${String(project)}:${key}`]));
  return Object.fromEntries(CONFIGURED.map((key) => [key, isOn(key)]));
}

/** Pulumi.yaml declares a key as a mapping, stack files give its value. An encrypted one is taken for on. */
function turnsOn(entry: unknown): boolean {
  const value = isMapping(entry) ? (entry["value"] ?? entry["default"] ?? entry["secure"]) : entry;
  return value !== undefined && value !== null && value !== "none";
}

function readMapping(file: string, name: string): Readonly<Record<string, unknown>> {
  try {
    const document: unknown = parse(readFileSync(file, "utf8"));
    return isMapping(document) ? document : {};
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new Error(`${name} cannot be read: ${reason}`, { cause: error });
  }
}

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * An esbuild plugin that leaves out an adapter (a file of a folder `adapters`) of which nothing is used, also where
 * it makes its client when it is loaded, and a domain's `routes.ts`. So an adapter does nothing for whoever does not
 * call it.
 */
export const unusedAdapters = (): Plugin => ({
  name: "unused-adapters",
  setup(build) {
    build.onResolve(
      { filter: /^\.(?:.*\/)?(?:adapters\/[\w.-]+|routes)\.ts$/ },
      ({ resolveDir, path }) => ({
        path: resolve(resolveDir, path),
        sideEffects: false,
      }),
    );
  },
});
