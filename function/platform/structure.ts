/**
 * What any input must be before its fields are looked at: JSON of bounded size and depth.
 * Put here: limits that hold whatever the event means.
 */
import { type Fault, RefusedError } from "./errors.ts";

/** Characters of all keys and strings, plus one for each value: what an asynchronous invocation can carry. */
export const MAX_SIZE = 1_048_576;
/** Levels of objects and arrays in one another. */
export const MAX_DEPTH = 32;
/** Faults listed at most; an input made of faults must not make an answer of megabytes. */
export const MAX_FAULTS = 20;
/** Characters of a fault's path: its keys come from the caller. */
const MAX_PATH = 200;

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const tooLarge = (path: string): RefusedError =>
  new RefusedError([{ path, message: `must have at most ${MAX_SIZE} characters` }], 413);

/** All structural faults of the input, nearest to its root first. Throws `RefusedError` when it is too large. */
export function structureFaults(input: unknown): Fault[] {
  const faults: Fault[] = [];
  // A queue instead of recursion: input that is nested a million levels deep must not end the stack.
  const queue = [{ value: input, path: "", depth: 0 }];
  let size = 0;
  const grow = (by: number): void => {
    size += by;
    if (size > MAX_SIZE) throw tooLarge("");
  };
  for (const { value, path, depth } of queue) {
    const fault = (message: string): void => {
      if (faults.length < MAX_FAULTS) faults.push({ path: path.slice(0, MAX_PATH), message });
    };
    if (typeof value === "string") {
      grow(value.length);
      if (!value.isWellFormed()) fault("must be Unicode text");
    } else if (typeof value === "object" && value !== null) {
      if (depth === MAX_DEPTH) {
        fault(`must not be nested deeper than ${MAX_DEPTH} levels`);
        continue;
      }
      // Counted before they are listed, so that a huge array is refused for the price of reading its length.
      if (Array.isArray(value)) grow(value.length);
      for (const key of Object.keys(value)) {
        grow(key.length + 1);
        const child: unknown = Reflect.get(value, key);
        queue.push({ value: child, path: path ? `${path}.${key}` : key, depth: depth + 1 });
      }
      if (Object.hasOwn(value, "__proto__")) fault("must not have a key __proto__");
    } else if (typeof value === "number") {
      if (!isExact(value)) fault("is a number that JSON readers round; send it as text");
    } else if (!isScalar(value)) fault(`must be JSON, not ${typeof value}`);
  }
  return faults;
}

const isScalar = (value: unknown): boolean =>
  value === null || value === undefined || typeof value === "boolean";

/** Beyond 2^53 a whole number may have been another one before it was read. */
const isExact = (value: number): boolean =>
  Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
