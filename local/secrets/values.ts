/** Values of the service's secrets on this machine: a file's, or made up. Real ones have no business here. */
import { readFile } from "node:fs/promises";
import type { SecretNames } from "../../infra/options/secrets.ts";
import { Refused } from "../../ops/support/refused.ts";

/** Text of the option by which commands take the file. */
export const SECRETS_OPTION = [
  "--secrets <file>",
  "values of the config's secrets on this machine: a JSON object of key and text. Without it, they are made up. Never put real ones there",
] as const;

/** Value by the name that the secret has in AWS. Throws `Refused` where the file does not say it. */
export async function localSecrets(
  names: SecretNames,
  file: string | undefined,
): Promise<Readonly<Record<string, string>>> {
  const given = file === undefined ? {} : await readValues(file, names);
  return Object.fromEntries(
    Object.entries(names).map(([key, name]) => [name, given[key] ?? `made-up value of ${key}`]),
  );
}

async function readValues(
  file: string,
  names: SecretNames,
): Promise<Readonly<Record<string, string>>> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new Refused(`--secrets ${file}: cannot be read (${error.code})`, "name another file");
  });
  const values = parsed(text);
  const remedy = 'write a JSON object of key and text, such as { "bank": "any password" }';
  if (typeof values !== "object" || values === null || Array.isArray(values)) {
    // Never with the parser's message, which would show part of the file.
    throw new Refused(`--secrets ${file}: holds no JSON object`, remedy);
  }
  for (const [key, value] of Object.entries(values)) {
    if (typeof value !== "string")
      throw new Refused(`--secrets ${file}: ${key} is no text`, remedy);
    if (!(key in names)) {
      throw new Refused(
        `--secrets ${file}: ${key} is no key of the config's secrets, which has ${Object.keys(names).join(", ") || "none"}`,
        "correct it in the file, or add it to secrets in the stack's config",
      );
    }
  }
  return values as Record<string, string>;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
