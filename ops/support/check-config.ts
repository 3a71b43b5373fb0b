/** Checks a stack's config before any engine starts, so that every fault is reported at once and in our words. */
import { parseSettings, SettingsError, unknownKeys } from "../../infra/settings/parse.ts";
import { assumeUnknown } from "./unknown-config.ts";
import { Refused } from "./refused.ts";
import { rawSettings, readStackConfig, type StackConfig } from "./stack-config.ts";

/** A config that can be planned with. */
export interface CheckedConfig extends StackConfig {
  /** What is not known offline and what is used instead, one line each. */
  readonly notes: readonly string[];
}

/** The config of a stack whose settings are valid. Throws `Refused` with all faults. */
export const checkConfig = (root: string, stack: string): CheckedConfig =>
  checked(readStackConfig(root, stack));

/** The same for a config that is read already. */
export function checked(read: StackConfig): CheckedConfig {
  const { config, notes, faults: unknowable } = assumeUnknown(read);
  // What nothing can be assumed of would be a second fault of the same key.
  const faults = unknowable.length > 0 ? unknowable : faultsOfSettings(config);
  const { project, stack, values } = config;
  const misspelt = unknownKeys({ project, environment: stack }, Object.keys(values));
  const all = [...misspelt, ...faults];
  if (all.length > 0) throw new Refused(new SettingsError(stack, all).message);
  return { ...config, notes };
}

function faultsOfSettings(config: StackConfig): readonly string[] {
  try {
    parseSettings(rawSettings(config));
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.faults;
    throw error;
  }
}
