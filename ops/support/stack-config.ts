/** Reads a stack's config from Pulumi.yaml and Pulumi.<stack>.yaml as the engine would, without an engine. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import {
  CONFIG_KEYS,
  PLACEHOLDER_REPOSITORY,
  type RawSettings,
} from "../../infra/settings/parse.ts";
import { Refused } from "./refused.ts";

/** What stands in for a secret, which only its own passphrase or key could open. */
export const SECRET_PLACEHOLDER = "offline-placeholder-of-a-secret";

export interface StackConfig {
  /** The project's name, which is also the namespace of its keys. */
  readonly project: string;
  readonly stack: string;
  /** Values as text by full key, for example `lambda-service:memoryMb`. Lists are JSON. */
  readonly values: Readonly<Record<string, string>>;
  /** What the stack's own file sets, in its own types; a secret is `SECRET_PLACEHOLDER`. */
  readonly stackValues: Readonly<Record<string, unknown>>;
}

type Document = Readonly<Record<string, unknown>>;

const isDocument = (value: unknown): value is Document =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function readYaml(file: string): Document {
  let parsed: unknown;
  try {
    parsed = parse(readFileSync(file, "utf8"));
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    throw new Refused(`${path.basename(file)} cannot be read: ${reason}`);
  }
  // Empty, or nothing but comments.
  if (parsed === null) return {};
  if (!isDocument(parsed)) throw new Refused(`${path.basename(file)} is not a YAML mapping`);
  return parsed;
}

/** The stacks that have a file in the project's root. */
export const knownStacks = (root: string): string[] =>
  readdirSync(root)
    .flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? [])
    .sort();

/** A value as Pulumi hands it to a program. */
const asText = (value: unknown): string =>
  typeof value === "string" ? value : JSON.stringify(value);

/** Reads the config of one stack. Refuses a stack without a file, naming those that have one. */
export function readStackConfig(root: string, stack: string): StackConfig {
  const known = knownStacks(root);
  if (!known.includes(stack)) {
    throw new Refused(
      `stack ${JSON.stringify(stack)} has no Pulumi.${stack}.yaml; the stacks are ${known.join(", ")}`,
    );
  }
  const projectFile = readYaml(path.join(root, "Pulumi.yaml"));
  const project = asText(projectFile["name"]);
  const fullKey = (key: string): string => (key.includes(":") ? key : `${project}:${key}`);
  const values: Record<string, string> = {};
  const stackValues: Record<string, unknown> = {};

  const declarations = projectFile["config"];
  for (const [key, entry] of Object.entries(isDocument(declarations) ? declarations : {})) {
    const value = isDocument(entry) ? (entry["value"] ?? entry["default"]) : entry;
    if (value !== undefined && value !== null) values[fullKey(key)] = asText(value);
  }
  const set = readYaml(path.join(root, `Pulumi.${stack}.yaml`))["config"];
  for (const [key, value] of Object.entries(isDocument(set) ? set : {})) {
    const open = holdsSecret(value) ? SECRET_PLACEHOLDER : value;
    stackValues[fullKey(key)] = open;
    values[fullKey(key)] = asText(open);
  }
  return { project, stack, values, stackValues };
}

/** The same config with some keys of the project set otherwise. */
export function withValues(
  config: StackConfig,
  overrides: Readonly<Record<string, string | number>>,
): StackConfig {
  const full = Object.entries(overrides).map(([key, value]) => [`${config.project}:${key}`, value]);
  return {
    ...config,
    values: {
      ...config.values,
      ...Object.fromEntries(full.map(([key, value]) => [key, asText(value)])),
    },
    stackValues: { ...config.stackValues, ...Object.fromEntries(full) },
  };
}

const holdsSecret = (value: unknown): boolean => {
  if (Array.isArray(value)) return value.some(holdsSecret);
  if (!isDocument(value)) return false;
  return "secure" in value || Object.values(value).some(holdsSecret);
};

/** Stands in for the placeholder repository where an update would refuse that. */
const SUBSTITUTE_REPOSITORY = "example-organisation/example-repository";

/** The same config with a repository that an update accepts, if it still holds the placeholder. */
export const withoutPlaceholder = (config: StackConfig): StackConfig =>
  config.values[`${config.project}:githubRepository`] === PLACEHOLDER_REPOSITORY
    ? withValues(config, { githubRepository: SUBSTITUTE_REPOSITORY })
    : config;

/** The part of the config that the program's settings are made of. */
export function rawSettings({ project, stack, values }: StackConfig): RawSettings {
  return {
    environment: stack,
    region: values["aws:region"],
    values: Object.fromEntries(
      CONFIG_KEYS.flatMap((key) => {
        const value = values[`${project}:${key}`];
        return value === undefined ? [] : [[key, value]];
      }),
    ),
  };
}
