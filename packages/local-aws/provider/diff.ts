/** Compares a resource's inputs as the AWS provider would: by value, and knowing which changes replace. */
import { isDeepStrictEqual } from "node:util";
import { automaticName, awsTypeOf } from "./aws-outputs.ts";
import { type Properties, text } from "./aws-types.ts";
import { SIGNATURE } from "./secrets.ts";

export type ChangeKind = "add" | "update" | "delete";

export interface Change {
  /** Where, as a property path: `environment.variables.LOG_LEVEL`, `rules[0].id`. */
  readonly path: string;
  readonly kind: ChangeKind;
  /** Whether it makes a new resource of it. */
  readonly replaces: boolean;
}

export interface Difference {
  readonly changes: readonly Change[];
  /** Top-level inputs that change. */
  readonly changed: readonly string[];
  /** Those of them that make a new resource of it. */
  readonly replaceKeys: readonly string[];
  /** Whether the old one has to go first, because both would have the same physical name. */
  readonly deleteBeforeReplace: boolean;
}

/** The engine's marks of files and archives. */
const ASSET_MARKS: readonly unknown[] = [
  "c44067f5952c0a294b673a41bacd8c17",
  "0def7320c3a5731c473e5ecbe6d01bc7",
];

const isObject = (value: unknown): value is Properties =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Files and archives are their content; where they lie on this machine is no property of theirs. */
const contentHash = (value: unknown): unknown =>
  isObject(value) && ASSET_MARKS.includes(value[SIGNATURE]) ? value["hash"] : undefined;

/** JSON in a string (policies, dashboards) is compared as what it says. */
function parsedJson(value: unknown): unknown {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return undefined;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return undefined;
  }
}

function same(before: unknown, after: unknown): boolean {
  const hash = contentHash(before);
  if (hash !== undefined) return hash === contentHash(after);
  const json = parsedJson(before);
  if (json !== undefined) return isDeepStrictEqual(json, parsedJson(after));
  return isDeepStrictEqual(before, after);
}

const step = (path: string, key: string): string => {
  if (!/^[A-Za-z_][\w-]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
};

function* changesAt(
  path: string,
  before: unknown,
  after: unknown,
): Generator<{ path: string; kind: ChangeKind }> {
  if (same(before, after)) return;
  if (before === undefined) yield { path, kind: "add" };
  else if (after === undefined) yield { path, kind: "delete" };
  else if (contentHash(before) !== undefined) yield { path, kind: "update" };
  else if (isObject(before) && isObject(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      yield* changesAt(step(path, key), before[key], after[key]);
    }
  } else if (Array.isArray(before) && Array.isArray(after)) {
    const length = Math.max(before.length, after.length);
    for (let index = 0; index < length; index += 1) {
      yield* changesAt(`${path}[${index}]`, before[index], after[index]);
    }
  } else yield { path, kind: "update" };
}

/** The difference between the inputs of one resource before and after. Throws `UnknownToken`. */
export function difference(
  type: string,
  logicalName: string,
  before: Properties,
  after: Properties,
): Difference {
  const { replaceOn, nameKey } = awsTypeOf(type);
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const changed = keys.filter((key) => !same(before[key], after[key]));
  // In provider 7 every regional resource may name its region; another one is another resource.
  const replaceKeys = changed.filter((key) => key === "region" || replaceOn.includes(key));
  const name = nameKey === undefined ? undefined : after[nameKey];
  return {
    changed,
    replaceKeys,
    changes: changed.flatMap((key) =>
      [...changesAt(step("", key), before[key], after[key])].map((change) => ({
        ...change,
        replaces: replaceKeys.includes(key),
      })),
    ),
    deleteBeforeReplace:
      name !== undefined &&
      name === before[nameKey ?? ""] &&
      name !== automaticName(type, logicalName, text(after, `${nameKey}Prefix`)),
  };
}
