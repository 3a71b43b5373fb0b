/** One rule a config key: raw text in, a typed value or the fault out. */

/** A value that a rule refuses. The message states the rule; key and value are added by the caller. */
export class Refusal {
  readonly rule: string;
  /** Of a value with parts: what is wrong with each, as whole lines in place of the one for the key. */
  readonly faults: readonly string[] | undefined;
  constructor(rule: string, faults?: readonly string[]) {
    this.rule = rule;
    this.faults = faults;
  }
}

/** Reads the raw text of one key. Absent keys arrive as `undefined`. */
export type Rule<T> = (raw: string | undefined) => T | Refusal;

/** What a rule yields when it does not refuse. */
export type Ruled<R> = R extends Rule<infer T> ? T : never;

const present = (raw: string | undefined): raw is string => raw !== undefined && raw !== "";

/** A whole number within both bounds. */
export const integer =
  (min: number, max: number, unit = ""): Rule<number> =>
  (raw) => {
    const range = max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `${min} to ${max}`;
    const refusal = new Refusal(`must be a whole number, ${range}${unit && ` ${unit}`}`);
    if (!present(raw) || !/^-?\d{1,15}$/.test(raw)) return refusal;
    const value = Number(raw);
    return value >= min && value <= max ? value : refusal;
  };

/** One of a closed list of words. */
export const oneOf =
  <const T extends string>(words: readonly T[]): Rule<T> =>
  (raw) =>
    words.find((word) => word === raw) ?? new Refusal(`must be one of ${words.join(", ")}`);

/** One of a closed list of numbers. */
export const oneOfNumbers =
  (numbers: readonly number[], what: string): Rule<number> =>
  (raw) =>
    numbers.find((number) => String(number) === raw) ??
    new Refusal(`must be ${what}: ${numbers.join(", ")}`);

/** Yes or no. */
export const flag: Rule<boolean> = (raw) =>
  raw === "true" ? true : raw === "false" ? false : new Refusal("must be true or false");

/** Text of a form that `rule` puts into words. */
export const text =
  (form: RegExp, rule: string): Rule<string> =>
  (raw) =>
    present(raw) && form.test(raw) ? raw : new Refusal(rule);

/** The same, where leaving it empty means that there is none. */
export const optional =
  <T>(inner: Rule<T>): Rule<T | undefined> =>
  (raw) =>
    present(raw) ? inner(raw) : undefined;

/** A list of at most so many texts, each of the given form. Pulumi hands lists over as JSON. */
export const list =
  (form: RegExp, most: number, rule: string): Rule<readonly string[]> =>
  (raw) => {
    if (!present(raw)) return [];
    const refusal = new Refusal(rule);
    try {
      const items: unknown = JSON.parse(raw);
      const valid = (item: unknown): item is string => typeof item === "string" && form.test(item);
      const fits = Array.isArray(items) && items.length <= most && items.every(valid);
      return fits ? Object.freeze(items) : refusal;
    } catch {
      return refusal;
    }
  };

/**
 * A list or mapping of one's own form, which Pulumi hands over as JSON. `read` gets the parsed value, `undefined` where
 * the key is empty or absent, and answers with the typed value or with what is wrong with which part of it.
 */
export const structured =
  <T>(rule: string, read: (value: unknown) => T | Refusal): Rule<T> =>
  (raw) => {
    try {
      return read(present(raw) ? JSON.parse(raw) : undefined);
    } catch {
      return new Refusal(rule);
    }
  };
