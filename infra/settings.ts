/** The only reader of `pulumi.Config`. */
import * as pulumi from "@pulumi/pulumi";
import type { OwnFunction } from "./functions/own-function.ts";
import {
  CONFIG_KEYS,
  parseSettings,
  PLACEHOLDER_REPOSITORY,
  type Settings,
  SettingsError,
  unknownKeys,
} from "./settings/parse.ts";
import { providerKeys } from "./settings/provider.ts";

export type { Settings } from "./settings/parse.ts";

/**
 * Reads and validates the stack's config, and with it the functions beside the service's own.
 * Throws `pulumi.RunError`, which Pulumi prints without a stack trace, with every fault at once.
 * The placeholder repository is a warning in a preview and a fault in an update.
 */
export function readSettings(functions: readonly OwnFunction[] = []): Settings {
  const config = new pulumi.Config();
  const values = Object.fromEntries(CONFIG_KEYS.map((key) => [key, config.get(key)]));
  const stack = { project: pulumi.getProject(), environment: pulumi.getStack() };
  try {
    const unknown = unknownKeys(stack, Object.keys(pulumi.runtime.allConfig()));
    if (unknown.length > 0) throw new SettingsError(stack.environment, unknown);
    const settings = parseSettings({
      environment: stack.environment,
      region: new pulumi.Config("aws").get("region"),
      values,
      provider: providerKeys(pulumi.runtime.allConfig()),
      functions,
    });
    refusePlaceholder(settings);
    return settings;
  } catch (error) {
    if (error instanceof SettingsError) throw new pulumi.RunError(error.message);
    throw error;
  }
}

function refusePlaceholder({ githubRepository, environment }: Settings): void {
  if (githubRepository !== PLACEHOLDER_REPOSITORY) return;
  const fault = `githubRepository: "${githubRepository}"; is still the placeholder; set it in Pulumi.${environment}.yaml`;
  if (!pulumi.runtime.isDryRun()) throw new SettingsError(environment, [fault]);
  void pulumi.log.warn(fault);
}
