/** Reads a stack's config from Pulumi.yaml and Pulumi.<stack>.yaml as the engine would, without an engine. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { ownFunctions } from "../../infra/own/functions.ts";
import {
  CONFIG_KEYS,
  PLACEHOLDER_REPOSITORY,
  type RawSettings,
} from "../../infra/settings/parse.ts";
import { providerKeys } from "../../infra/settings/provider.ts";
import type { StackConfig as EngineConfig } from "local-aws/provider/stack-config.ts";
import { Refused } from "./refused.ts";

/** What stands in for a secret, which only its own passphrase or key could open. */
export const SECRET_PLACEHOLDER = "offline-placeholder-of-a-secret";

/** As the engine takes it, where the project's name is also the namespace of its keys, and more. */
export interface StackConfig extends EngineConfig {
  /** Values as text by full key, for example `lambda-service:memoryMb`. Lists are JSON. */
  readonly values: Readonly<Record<string, string>>;
  /** What stays unknown without Pulumi's service and the stack's key. */
  readonly unknown?: Unknown;
}

export interface Unknown {
  /** Keys whose value is a secret, by full name, and what Pulumi.yaml says of each. */
  readonly secrets: Readonly<Record<string, Declaration>>;
  /** Keys that have no value anywhere, in the same way. */
  readonly unset: Readonly<Record<string, Declaration>>;
  /** ESC environments that the stack's file imports, for example `acme/staging`. */
  readonly environments: readonly string[];
}

/** What Pulumi.yaml declares of a key. */
export interface Declaration {
  /** Pulumi's name of its type, for example `integer`; absent: anything. */
  readonly type?: string;
  readonly default?: unknown;
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
      `stack ${JSON.stringify(stack)} has no Pulumi.${stack}.yaml`,
      `the stacks are ${known.join(", ")}`,
    );
  }
  const projectFile = readYaml(path.join(root, "Pulumi.yaml"));
  const project = asText(projectFile["name"]);
  const fullKey = (key: string): string => (key.includes(":") ? key : `${project}:${key}`);
  const values: Record<string, string> = {};
  const stackValues: Record<string, unknown> = {};

  const declarations: Record<string, Declaration> = {};
  const section = projectFile["config"];
  for (const [key, entry] of Object.entries(isDocument(section) ? section : {})) {
    const value = isDocument(entry) ? (entry["value"] ?? entry["default"]) : entry;
    if (value !== undefined && value !== null) values[fullKey(key)] = asText(value);
    declarations[fullKey(key)] = {
      ...(isDocument(entry) && typeof entry["type"] === "string" && { type: entry["type"] }),
      ...(value !== undefined && value !== null && { default: value }),
    };
  }
  const stackFile = readYaml(path.join(root, `Pulumi.${stack}.yaml`));
  const set = stackFile["config"];
  const secrets: Record<string, Declaration> = {};
  for (const [key, value] of Object.entries(isDocument(set) ? set : {})) {
    if (holdsSecret(value)) secrets[fullKey(key)] = declarations[fullKey(key)] ?? {};
    const open = holdsSecret(value) ? SECRET_PLACEHOLDER : value;
    stackValues[fullKey(key)] = open;
    values[fullKey(key)] = asText(open);
  }
  const unset = Object.fromEntries(
    Object.entries(declarations).filter(([key]) => values[key] === undefined),
  );
  const unknown = { secrets, unset, environments: importsOf(stackFile["environment"]) };
  return { project, stack, values, stackValues, unknown };
}

/** Names of the ESC environments in a stack file's `environment:`, a list or a mapping with `imports`. */
function importsOf(environment: unknown): string[] {
  const imports = isDocument(environment) ? (environment["imports"] ?? ["its own"]) : environment;
  return (Array.isArray(imports) ? imports : [])
    .flatMap((item: unknown) => (isDocument(item) ? Object.keys(item) : [item]))
    .map(String);
}

/** The same config with some keys of the project set otherwise. */
export function withValues(
  config: StackConfig,
  overrides: Readonly<Record<string, string | number>>,
): StackConfig {
  const full = Object.entries(overrides).map(([key, value]) => [`${config.project}:${key}`, value]);
  return withFullValues(config, Object.fromEntries(full) as Readonly<Record<string, unknown>>);
}

/** The same by full keys, of any namespace; `undefined` takes a key out. */
export function withFullValues(
  config: StackConfig,
  overrides: Readonly<Record<string, unknown>>,
): StackConfig {
  const set = <T>(all: Readonly<Record<string, T>>, form: (value: unknown) => T) => {
    const kept = Object.entries(all).filter(([key]) => !(key in overrides));
    const given = Object.entries(overrides).filter(([, value]) => value !== undefined);
    return Object.fromEntries([
      ...kept,
      ...given.map(([key, value]) => [key, form(value)] as const),
    ]);
  };
  return {
    ...config,
    values: set(config.values, asText),
    stackValues: set(config.stackValues, (value) => value),
  };
}

const holdsSecret = (value: unknown): boolean => {
  if (Array.isArray(value)) return value.some(holdsSecret);
  if (!isDocument(value)) return false;
  return "secure" in value || Object.values(value).some(holdsSecret);
};

/** Stands in for the placeholder repository where an update would refuse that. */
export const SUBSTITUTE_REPOSITORY = "example-organisation/example-repository";

/** The same config with a repository that an update accepts, if it still holds the placeholder. */
export const withoutPlaceholder = (config: StackConfig): StackConfig =>
  config.values[`${config.project}:githubRepository`] === PLACEHOLDER_REPOSITORY
    ? withValues(config, { githubRepository: SUBSTITUTE_REPOSITORY })
    : config;

/** What the program's settings are made of: a part of the config, and the list of infra/own/functions.ts. */
export function rawSettings(
  { project, stack, values }: StackConfig,
  functions: RawSettings["functions"] = ownFunctions,
): RawSettings {
  return {
    functions,
    environment: stack,
    region: values["aws:region"],
    provider: providerKeys(values),
    values: Object.fromEntries(
      CONFIG_KEYS.flatMap((key) => {
        const value = values[`${project}:${key}`];
        return value === undefined ? [] : [[key, value]];
      }),
    ),
  };
}
