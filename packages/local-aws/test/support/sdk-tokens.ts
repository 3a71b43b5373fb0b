/** Every resource type of the installed SDK, out of its compiled classes: another source than its declarations. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { sdkPackage } from "../../provider/sdk.ts";

/** A resource class as its constructor's code treats the arguments. */
export interface CompiledClass {
  readonly token: string;
  /** Properties that it takes from the arguments. */
  readonly inputs: readonly string[];
  /** Arguments that it throws without. */
  readonly required: readonly string[];
  /** Properties that it leaves to AWS. */
  readonly computed: readonly string[];
}

export function compiledClasses(): CompiledClass[] {
  const { folder } = sdkPackage();
  const services = readdirSync(folder, { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  return services.flatMap(({ name }) =>
    readdirSync(path.join(folder, name))
      .filter((file) => file.endsWith(".js"))
      .flatMap((file) => compiledClass(readFileSync(path.join(folder, name, file), "latin1"))),
  );
}

function compiledClass(text: string): CompiledClass | [] {
  const token = /__pulumiType = '(aws:[^']+)'/.exec(text)?.[1];
  if (token === undefined) return [];
  const branch = text.slice(text.indexOf("const args = argsOrState;"));
  const all = (pattern: RegExp): string[] =>
    [...branch.matchAll(pattern)].map(([, key = ""]) => key).sort();
  return {
    token,
    inputs: all(/resourceInputs\["(\w+)"\] = (?!undefined)/g),
    required: all(/if \(args\?\.(\w+) === undefined && !opts\.urn\)/g),
    computed: all(/resourceInputs\["(\w+)"\] = undefined \/\*out\*\//g),
  };
}
