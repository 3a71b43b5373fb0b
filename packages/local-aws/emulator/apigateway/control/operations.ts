/** REST operations by method and path, as both control planes have them. */
import type { Answer, Call } from "../../http.ts";
import { json, listed, scalarText } from "../document.ts";
import type { Json } from "../definition.ts";

/** Carries out a call; the parts of its path come in order. Nothing is answered as an empty body. */
export type Operate = (
  parts: readonly string[],
  call: Call,
) => Json | undefined | Promise<Json | undefined>;

export type Operation = readonly [method: string, path: string, run: Operate];

/** The answer of the operation that a call means, or nothing where there is none. */
export async function operated(
  operations: readonly Operation[],
  call: Call,
): Promise<Answer | undefined> {
  for (const [method, path, run] of operations) {
    if (method !== call.method) continue;
    const match = new RegExp(`^${path.replaceAll(/\{\w+\}/g, "([^/]+)")}/?$`).exec(call.path);
    if (!match) continue;
    const body = await run(match.slice(1).map(decodeURIComponent), call);
    const status = method === "POST" ? 201 : 200;
    return body === undefined ? { status: 204, body: new Uint8Array() } : { status, body };
  }
  return undefined;
}

/** One change of a PATCH (API reference, PatchOperation). */
export interface Patch {
  readonly op: string;
  /** Parts of the path, each with its slashes back. */
  readonly path: readonly string[];
  readonly value: string;
}

export const patchesOf = (call: Call): readonly Patch[] =>
  listed(call.json()["patchOperations"]).map((operation) => {
    const { op, path, value } = json(operation);
    return {
      op: String(op),
      path: String(path).split("/").slice(1).map(unescaped),
      value: scalarText(value),
    };
  });

const unescaped = (part: string): string => part.replaceAll("~1", "/").replaceAll("~0", "~");

/** Lists of the first API are called `item`. */
export const items = (all: Iterable<Json>): Json => ({ item: [...all] });

export const isTrue = (text: string): boolean => text === "true";
