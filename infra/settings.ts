/** The only reader of `pulumi.Config`. */
import * as pulumi from "@pulumi/pulumi";
import {
  CONFIG_KEYS,
  parseSettings,
  PLACEHOLDER_REPOSITORY,
  type Settings,
  SettingsError,
} from "./settings/parse.ts";

export type { Settings } from "./settings/parse.ts";

/**
 * Reads and validates the stack's config.
 * Throws `pulumi.RunError`, which Pulumi prints without a stack trace, with every fault at once.
 * The placeholder repository is a warning in a preview and a fault in an update.
 */
export function readSettings(): Settings {
  const config = new pulumi.Config();
  const values = Object.fromEntries(CONFIG_KEYS.map((key) => [key, config.get(key)]));
  try {
    const settings = parseSettings({
      environment: pulumi.getStack(),
      region: new pulumi.Config("aws").get("region"),
      values,
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
  const fault = `githubRepository: "${githubRepository}"; is still the placeholder; set it with: pulumi config set githubRepository owner/name --stack ${environment}`;
  if (!pulumi.runtime.isDryRun()) throw new SettingsError(environment, [fault]);
  void pulumi.log.warn(fault);
}
