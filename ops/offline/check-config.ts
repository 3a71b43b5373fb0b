/** Checks a stack's config before any engine starts, so that every fault is told at once and in our words. */
import { parseSettings, SettingsError } from "../../infra/settings/parse.ts";
import { Refused } from "../support/command.ts";
import { rawSettings, readStackConfig, type StackConfig } from "./stack-config.ts";

/** The config of a stack whose settings are valid. Throws `Refused` with all faults. */
export function checkConfig(root: string, stack: string): StackConfig {
  const config = readStackConfig(root, stack);
  try {
    parseSettings(rawSettings(config));
  } catch (error) {
    if (error instanceof SettingsError) throw new Refused(error.message);
    throw error;
  }
  return config;
}
