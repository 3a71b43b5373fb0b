/**
 * Features for code that runs from its source, in tests and commands: the ones that config can turn on, all on.
 * In the bundle this file is left out, and each `FEATURES.name` is `true` or `false`: see infra/function/features.ts.
 * Put here: nothing. A file that reads `FEATURES` and is run from its source imports this one, for its effect alone.
 */

declare global {
  /** Feature to whether it is in the bundle. */
  const FEATURES: Readonly<Record<string, boolean>>;
}

export const ALL_FEATURES: Readonly<Record<string, boolean>> = { api: true, database: true };

Object.assign(globalThis, { FEATURES: ALL_FEATURES });
