/** Another value of config keys, as the stack's file would hold it: `--set KEY=VALUE` of the commands on this machine. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { InvalidArgumentError, Option } from "commander";
import { parse } from "yaml";
import { checked, type CheckedConfig } from "../ops/support/check-config.ts";
import { isRefusal, Refused } from "../ops/support/refused.ts";
import { withFullValues } from "../ops/support/stack-config.ts";

export type Changes = Readonly<Record<string, string>>;

/** The option `--set`, which may be given several times: `{ memoryMb: "1024" }`. */
export const setOption = (description: string): Option =>
  new Option("--set <key=value>", `${description}; may be given several times`).argParser(
    (text: string, others: Changes | undefined): Changes => {
      const [, key, value] = /^([A-Za-z]\w*)=([^]*)$/.exec(text) ?? [];
      if (key === undefined || value === undefined) {
        throw new InvalidArgumentError("must be key=value, such as memoryMb=1024");
      }
      return { ...others, [key]: value };
    },
  );

/** The config with other values, given as text. Throws `Refused` with all faults. */
export function withSettings(
  root: string,
  config: CheckedConfig,
  changes: Changes = {},
): CheckedConfig {
  if (Object.keys(changes).length === 0) return config;
  const typeOf = declaredTypes(root);
  const values = Object.entries(changes).map(([key, text]) => [
    `${config.project}:${key}`,
    valueOf(key, text, typeOf(key)),
  ]);
  return checked(withFullValues(config, Object.fromEntries(values) as Record<string, unknown>));
}

/** Whether the settings would take another value for a key. */
export function accepts(root: string, config: CheckedConfig, changes: Changes): boolean {
  try {
    withSettings(root, config, changes);
    return true;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

function declaredTypes(root: string): (key: string) => string | undefined {
  const { config = {} } = parse(readFileSync(path.join(root, "Pulumi.yaml"), "utf8")) as {
    readonly config?: Readonly<Record<string, { readonly type?: string } | string>>;
  };
  return (key) => {
    const declared = config[key];
    return typeof declared === "object" ? declared.type : undefined;
  };
}

/** As YAML would give it: the engine compares it with the type that Pulumi.yaml declares. */
function valueOf(key: string, text: string, type: string | undefined): unknown {
  if (type === undefined || type === "string") return text;
  try {
    return JSON.parse(text);
  } catch {
    throw new Refused(
      `--set ${key}=${text}: Pulumi.yaml declares it as ${type}, and this is no JSON`,
      `write it as JSON, for example --set '${key}=${type === "array" ? '["a"]' : "1"}'`,
    );
  }
}
