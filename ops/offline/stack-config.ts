/** Reads a stack's config from Pulumi.yaml and Pulumi.<stack>.yaml as the engine would, without an engine. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { CONFIG_KEYS, type RawSettings } from "../../infra/settings/parse.ts";
import { Refused } from "../support/command.ts";

/** What stands in for a secret, which only its own passphrase or key could open. */
export const SECRET_PLACEHOLDER = "offline-placeholder-of-a-secret";

export interface StackConfig {
  /** The project's name, which is also the namespace of its keys. */
  readonly project: string;
  readonly stack: string;
  /** Values as text by full key, for example `lambda-service:memoryMb`. Lists are JSON. */
  readonly values: Readonly<Record<string, string>>;
  /** Full keys whose values are secret; their values are `SECRET_PLACEHOLDER`. */
  readonly secretKeys: readonly string[];
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
  const secretKeys: string[] = [];

  const declared = projectFile["config"];
  for (const [key, entry] of Object.entries(isDocument(declared) ? declared : {})) {
    const value = isDocument(entry) ? (entry["value"] ?? entry["default"]) : entry;
    if (value !== undefined && value !== null) values[fullKey(key)] = asText(value);
  }
  const set = readYaml(path.join(root, `Pulumi.${stack}.yaml`))["config"];
  for (const [key, value] of Object.entries(isDocument(set) ? set : {})) {
    if (holdsSecret(value)) {
      secretKeys.push(fullKey(key));
      values[fullKey(key)] = SECRET_PLACEHOLDER;
    } else {
      values[fullKey(key)] = asText(value);
    }
  }
  return { project, stack, values, secretKeys };
}

const holdsSecret = (value: unknown): boolean => {
  if (Array.isArray(value)) return value.some(holdsSecret);
  if (!isDocument(value)) return false;
  return "secure" in value || Object.values(value).some(holdsSecret);
};

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
