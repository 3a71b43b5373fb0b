/** Checks a stack's config before any engine starts, so that every fault is told at once and in our words. */
import { parseSettings, SettingsError, unknownKeys } from "../../infra/settings/parse.ts";
import { Refused } from "./refused.ts";
import { rawSettings, readStackConfig, type StackConfig } from "./stack-config.ts";

/** The config of a stack whose settings are valid. Throws `Refused` with all faults. */
export function checkConfig(root: string, stack: string): StackConfig {
  const config = readStackConfig(root, stack);
  const { project, values } = config;
  const faults = [
    ...unknownKeys({ project, environment: stack }, Object.keys(values)),
    ...faultsOfSettings(config),
  ];
  if (faults.length > 0) throw new Refused(new SettingsError(stack, faults).message);
  return config;
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
