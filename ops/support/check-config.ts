/** Checks a stack's config before any engine starts, so that every fault is told at once and in our words. */
import { parseSettings, SettingsError } from "../../infra/settings/parse.ts";
import { Refused } from "./refused.ts";
import { rawSettings, readStackConfig, type StackConfig } from "./stack-config.ts";

/** The config of a stack whose settings are valid. Throws `Refused` with all faults. */
export function checkConfig(root: string, stack: string): StackConfig {
  const config = readStackConfig(root, stack);
  const faults = [...unknownKeys(config), ...faultsOfSettings(config)];
  if (faults.length > 0) throw new Refused(new SettingsError(stack, faults).message);
  return config;
}

/** A misspelt key would otherwise go unnoticed, and the default be used. */
function unknownKeys({ project, stack, declared, stackValues }: StackConfig): string[] {
  const namespace = `${project}:`;
  return Object.keys(stackValues)
    .filter((key) => key.startsWith(namespace))
    .map((key) => key.slice(namespace.length))
    .filter((key) => !declared.includes(key))
    .map(
      (key) =>
        `${key}: no such key; Pulumi.yaml declares ${declared.join(", ")}; correct it in Pulumi.${stack}.yaml`,
    );
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
