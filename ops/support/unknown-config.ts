/**
 * What a run without an account does about config that it cannot know: values of secrets, which only the
 * stack's key opens, and of Pulumi ESC environments, which only Pulumi's service has.
 */
import {
  type Declaration,
  type StackConfig,
  SUBSTITUTE_REPOSITORY,
  withFullValues,
} from "./stack-config.ts";

export interface Assumed {
  /** The config with a value for each key that is not known. */
  readonly config: StackConfig;
  /** One line each for what is assumed instead of the unknown. */
  readonly notes: readonly string[];
  /** One line each for what nothing can be assumed of. */
  readonly faults: readonly string[];
}

/** Fills in what is not known: the key's default, or else a repository. */
export function assumeUnknown(config: StackConfig): Assumed {
  const { project, stack, unknown } = config;
  const notes: string[] = [];
  const faults: string[] = [];
  const assumed: Record<string, unknown> = {};
  const assume = (key: string, declaration: Declaration, why: string): void => {
    const name = key.startsWith(`${project}:`) ? key.slice(project.length + 1) : key;
    const value = standInFor(name, declaration);
    if (key.startsWith("aws:") && key !== "aws:region") {
      assumed[key] = undefined;
      notes.push(`${key}: ${why}: its value is not known offline, and is left out`);
    } else if (value === undefined) {
      faults.push(
        `${name}: ${why}: its value is not known offline, and it has no default to plan with; declare one in Pulumi.yaml`,
      );
    } else {
      assumed[key] = value;
      const shown =
        declaration.default === undefined ? "a stand-in" : `the default ${JSON.stringify(value)}`;
      notes.push(`${name}: ${why}: its value is not known offline; ${shown} is used`);
    }
  };
  const { secrets = {}, unset = {}, environments = [] } = unknown ?? {};
  for (const [key, declaration] of Object.entries(secrets)) assume(key, declaration, "is a secret");
  if (environments.length > 0) {
    const names = environments.join(", ");
    notes.push(
      `Pulumi.${stack}.yaml imports the ESC environment ${names}: what it sets is not known offline; the values of Pulumi.yaml and Pulumi.${stack}.yaml are used`,
    );
    for (const [key, declaration] of Object.entries(unset)) {
      assume(key, declaration, `may come from the ESC environment ${names}`);
    }
  }
  return { config: withFullValues(config, assumed), notes, faults };
}

/** A value to plan with; undefined where the program's rule is one that no made-up value can be sure to keep. */
function standInFor(key: string, declaration: Declaration): unknown {
  if (declaration.default !== undefined) return declaration.default;
  return key === "githubRepository" ? SUBSTITUTE_REPOSITORY : undefined;
}
