/** Every Lambda that the program deploys, as it is built: the service's own, its hook, and those of infra/own/functions.ts. */
import type { OwnFunction } from "../functions/own-function.ts";
import type { BundleOptions } from "./bundle.ts";

const HOOK = "hook/index.ts";

/** The hook of the service's own function. */
export const HOOK_BUILD = { entryPoint: HOOK } as const satisfies BundleOptions;

export const functionBuild = ({ entryPoint }: OwnFunction): BundleOptions => ({ entryPoint });

/** The hook of another function has that function's smoke events in place of the domain's. */
export const functionHookBuild = ({ name, smokeEvents }: OwnFunction): BundleOptions => ({
  name: `${HOOK} of ${name}`,
  entryPoint: HOOK,
  smokeEvents,
});

/** What a pipeline builds once for all environments; each zip once. */
export const buildsOf = (functions: readonly OwnFunction[]): readonly BundleOptions[] => {
  const all: readonly BundleOptions[] = [
    {},
    HOOK_BUILD,
    ...functions.flatMap((own) => [functionBuild(own), functionHookBuild(own)]),
  ];
  return [...new Map(all.map((build) => [buildName(build), build])).values()];
};

/** What a build is called in the manifest: its entry point, where nothing else tells it apart. */
export const buildName = ({ name, entryPoint }: BundleOptions = {}): string =>
  name ?? entryPoint ?? "function/handler.ts";
