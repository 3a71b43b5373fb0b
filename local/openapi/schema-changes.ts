/**
 * What changed between two rules. Pure.
 *
 * A request is safe where the new rule takes whatever the old one took, an answer where the new rule gives only what
 * the old one could give. What a rule says nothing of is open: fields that a schema does not name may be there.
 */
import type { JsonSchema, OpenApi } from "./document.ts";
import { limitsBoth } from "./limits.ts";
import { resolve } from "./resolve.ts";

export interface SchemaChange {
  /** `body.lines[].count` */
  readonly path: string;
  readonly what: string;
  readonly isBreaking: boolean;
}

/** A rule, and the document in which its references lie. */
export interface Rule {
  readonly document: OpenApi;
  readonly schema: JsonSchema | undefined;
}

/** Callers send by the old rule; the new one reads it. */
export const requestChanges = (old: Rule, now: Rule, path: string): SchemaChange[] =>
  compared(old, now, path, ofRequest);

/** The service answers by the new rule; callers read it by the old one. */
export const answerChanges = (old: Rule, now: Rule, path: string): SchemaChange[] =>
  compared(old, now, path, ofAnswer);

/** What changed of two rules themselves; what lies below is compared apart. */
type Compare = (old: JsonSchema, now: JsonSchema, path: string) => SchemaChange[];

const ofRequest: Compare = (old, now, path) => {
  const [wanted, gone] = limitsBoth(now, old);
  return [
    ...wanted.map((limit) => breaking(path, `must be ${limit}`)),
    ...gone.map((limit) => other(path, `need not be ${limit} any more`)),
    ...required(now)
      .filter((name) => !required(old).includes(name))
      .map((name) =>
        breaking(
          `${path}.${name}`,
          old.properties?.[name] ? "is required" : "is required, and new",
        ),
      ),
    ...required(old)
      .filter((name) => !required(now).includes(name) && now.properties?.[name])
      .map((name) => other(`${path}.${name}`, "is not required any more")),
    ...added(now, old)
      .filter((name) => !required(now).includes(name))
      .map((name) => other(`${path}.${name}`, "is taken too")),
    ...added(old, now).map((name) => breaking(`${path}.${name}`, "is not taken any more")),
  ];
};

const ofAnswer: Compare = (old, now, path) => {
  const [gone, won] = limitsBoth(old, now);
  return [
    ...gone.map((limit) => breaking(path, `is not always ${limit} any more`)),
    ...won.map((limit) => other(path, `is always ${limit}`)),
    ...added(old, now).map((name) => breaking(`${path}.${name}`, "is gone")),
    ...required(old)
      .filter((name) => now.properties?.[name] && !required(now).includes(name))
      .map((name) => breaking(`${path}.${name}`, "is not always there any more")),
    ...added(now, old).map((name) => other(`${path}.${name}`, "is new")),
  ];
};

const required = (schema: JsonSchema): readonly string[] => schema.required ?? [];

/** Fields that the first has and the second has not. */
const added = ({ properties = {} }: JsonSchema, than: JsonSchema): string[] =>
  Object.keys(properties).filter((name) => !than.properties?.[name]);

/** Rules that are made of others. The service's own documents have none. */
const COMPOSED = ["allOf", "oneOf", "anyOf", "not"];

/** References that are being compared already are not again: a schema may refer to itself. */
function compared(
  oldRule: Rule,
  nowRule: Rule,
  path: string,
  compare: Compare,
  open: ReadonlySet<string> = new Set(),
): SchemaChange[] {
  const references = `${oldRule.schema?.$ref ?? ""} ${nowRule.schema?.$ref ?? ""}`;
  if (references !== " " && open.has(references)) return [];
  const old = resolve(oldRule.document, oldRule.schema) ?? {};
  const now = resolve(nowRule.document, nowRule.schema) ?? {};
  if (COMPOSED.some((keyword) => keyword in old || keyword in now)) {
    return JSON.stringify(old) === JSON.stringify(now)
      ? []
      : [breaking(path, `changed, and ${COMPOSED.join(", ")} cannot be compared`)];
  }
  const below = (name: string, from: JsonSchema, to: JsonSchema): SchemaChange[] =>
    compared(
      { ...oldRule, schema: from },
      { ...nowRule, schema: to },
      name,
      compare,
      new Set([...open, references]),
    );
  return [
    ...compare(old, now, path),
    ...Object.entries(old.properties ?? {}).flatMap(([name, schema]) => {
      const same = now.properties?.[name];
      return same ? below(`${path}.${name}`, schema, same) : [];
    }),
    ...(old.items || now.items ? below(`${path}[]`, old.items ?? {}, now.items ?? {}) : []),
  ];
}

const breaking = (path: string, what: string): SchemaChange => ({ path, what, isBreaking: true });
const other = (path: string, what: string): SchemaChange => ({ path, what, isBreaking: false });
