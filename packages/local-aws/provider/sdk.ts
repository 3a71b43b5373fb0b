/**
 * What the installed `@pulumi/aws` declares of a resource type or function, read from the one declaration
 * file of it when it is asked for. Loading the SDK's classes instead would cost every preview a second.
 *
 * The declarations are generated, all in one form: members stand four spaces deep, each ended by a semicolon.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

export interface SdkProperty {
  /** As declared, without `pulumi.Output<…>` and `undefined`: `string`, `outputs.dynamodb.TableReplica[]`. */
  readonly type: string;
  /** Whether it may be absent. */
  readonly optional: boolean;
  /** Its documentation. */
  readonly comment: string;
}

export type SdkProperties = ReadonlyMap<string, SdkProperty>;

export interface SdkResource {
  readonly inputs: SdkProperties;
  readonly outputs: SdkProperties;
}

export interface SdkFunction {
  readonly results: SdkProperties;
}

const require = createRequire(import.meta.url);

/** The SDK that the program runs with. */
export const sdkPackage = once(() => {
  const file = require.resolve("@pulumi/aws/package.json");
  const { version } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
  return { folder: path.dirname(file), version };
});

/** The resource class of a token such as `aws:dynamodb/table:Table`; undefined where the SDK has none. */
export const sdkResource = memoised((token: string): SdkResource | undefined => {
  const { text, name } = declarations(token) ?? {};
  const start = `export declare class ${name} extends pulumi.CustomResource {`;
  const outputs = text === undefined ? undefined : membersOf(text, start);
  if (text === undefined || outputs === undefined) return undefined;
  return { outputs, inputs: membersOf(text, `export interface ${name}Args {`) ?? new Map() };
});

/** The function of a token such as `aws:ssm/getParameter:getParameter`; undefined where the SDK has none. */
export const sdkFunction = memoised((token: string): SdkFunction | undefined => {
  const { text, name = "" } = declarations(token) ?? {};
  const capitalised = name.charAt(0).toUpperCase() + name.slice(1);
  if (text?.includes(`export declare function ${name}(`) !== true) return undefined;
  return { results: membersOf(text, `export interface ${capitalised}Result {`) ?? new Map() };
});

/** The members of a type such as `outputs.dynamodb.TableReplica`; empty where it is not an object's. */
export const sdkObject = memoised((type: string): SdkProperties => {
  const names = type.replace(/^outputs\./, "").split(".");
  const text = outputTypes();
  const name = names.pop() ?? "";
  const [namespace] = names;
  if (namespace === undefined) return membersOf(text, `\nexport interface ${name} {`) ?? new Map();
  const begin = text.indexOf(`\nexport declare namespace ${namespace} {`);
  const end = text.indexOf("\n}", begin);
  if (begin === -1) return new Map();
  // Members of a namespace stand one level deeper.
  const found = text
    .slice(begin, end)
    .split(`\n    interface ${name} {`)[1]
    ?.split("\n    }", 1)[0];
  return found === undefined ? new Map() : members(found.replaceAll("\n    ", "\n") + "\n}");
});

/** Tokens of the same module, for a better guess than the one that was not found. */
export function siblings(token: string): readonly string[] {
  const [pkg, module = ""] = token.split(":");
  const service = module.split("/", 1)[0] ?? "";
  const folder = path.join(sdkPackage().folder, service);
  if (pkg !== "aws" || service === "" || !existsSync(folder)) return [];
  return filesOf(folder).flatMap((file) => {
    const text = readFileSync(path.join(folder, file.replace(/\.d\.ts$/, ".js")), "utf8");
    return /__pulumiType = '(aws:[^']+)'/.exec(text)?.[1] ?? [];
  });
}

const outputTypes = once(() =>
  readFileSync(path.join(sdkPackage().folder, "types", "output.d.ts"), "latin1"),
);

const filesOf = memoised((folder: string): readonly string[] =>
  existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".d.ts")) : [],
);

/** The text of the file that declares a token, and the name in it. */
function declarations(token: string): { text: string; name: string } | undefined {
  const [pkg, module = "", name = ""] = token.split(":");
  const parts = module.replace(/^index\//, "").split("/");
  const stem = parts.pop()?.toLowerCase() ?? "";
  if (pkg !== "aws" || parts.length > 1 || stem === "" || name === "") return undefined;
  const folder = path.join(sdkPackage().folder, ...parts);
  // File names follow the token but for their case, and `index` has an underscore.
  const wanted = [`${stem}.d.ts`, `${stem}_.d.ts`];
  for (const file of filesOf(folder)) {
    if (!wanted.includes(file.toLowerCase())) continue;
    const text = readFileSync(path.join(folder, file), "utf8");
    if (new RegExp(`^export declare (?:class|function) ${name}\\b`, "m").test(text)) {
      return { text, name };
    }
  }
  return undefined;
}

function membersOf(text: string, start: string): SdkProperties | undefined {
  const begin = text.indexOf(start);
  if (begin === -1) return undefined;
  const end = text.indexOf("\n}", begin);
  return members(text.slice(begin, end + 2));
}

const MEMBER =
  /^(?: {4}\/\*\*\n((?: {5}\*.*\n)*))? {4}(?:readonly )?(\w+)(\??): ([\s\S]*?);(?=\n {4}[^ }]|\n\})/gm;

function members(block: string): SdkProperties {
  return new Map(
    [...block.matchAll(MEMBER)].map(([, comment = "", key = "", mark, declared = ""]) => {
      const bare = declared.replace(/^pulumi\.(?:Output|Input)<([\s\S]*)>$/, "$1");
      const type = bare.replace(/ \| undefined$/, "");
      return [key, { type, optional: mark === "?" || type !== bare, comment }];
    }),
  );
}

function memoised<T>(find: (key: string) => T): (key: string) => T {
  const found = new Map<string, T>();
  return (key) => {
    if (!found.has(key)) found.set(key, find(key));
    return found.get(key) as T;
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
