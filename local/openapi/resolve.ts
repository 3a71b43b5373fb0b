/** References within a document. */
import type { OpenApi, Reference } from "./document.ts";

/** What a part stands for: itself, or what it refers to. Throws an `Error` where that is not in the document. */
export function resolve<T extends object>(document: OpenApi, part: T | Reference): T;
export function resolve<T extends object>(
  document: OpenApi,
  part: T | Reference | undefined,
): T | undefined;
export function resolve(document: OpenApi, part: object | undefined): object | undefined {
  const seen = new Set<string>();
  let found: unknown = part;
  while (isReference(found)) {
    const { $ref } = found;
    if (seen.has($ref)) throw new Error(`${$ref} refers to itself`);
    seen.add($ref);
    found = $ref.startsWith("#/") ? walk(document, $ref.slice(2).split("/")) : undefined;
    if (typeof found !== "object" || found === null) {
      throw new Error(`${$ref} is not in the document`);
    }
  }
  return found as object | undefined;
}

const isReference = (part: unknown): part is Reference =>
  typeof part === "object" && part !== null && "$ref" in part && typeof part.$ref === "string";

const walk = (document: OpenApi, keys: readonly string[]): unknown =>
  keys.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null
        ? Reflect.get(value, decodeURIComponent(key).replaceAll("~1", "/").replaceAll("~0", "~"))
        : undefined,
    document,
  );
