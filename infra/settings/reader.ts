/** Reads mappings within lists of config, fault by fault: where, key, value, rule, remedy. */
import { integer, Refusal } from "./rules.ts";

/** What one mapping is read by: each call takes a key out, so that what is left is unknown. */
export class Reader {
  readonly faults: string[] = [];
  readonly #where: string;
  readonly #values: Record<string, unknown>;

  constructor(where: string, values: Readonly<Record<string, unknown>>) {
    this.#where = where;
    this.#values = { ...values };
  }

  refuse(key: string, value: unknown, rule: string, remedy = "correct it"): void {
    const shown = value === undefined ? "no value" : JSON.stringify(value);
    this.faults.push(`${this.#where} ${key}: ${shown}; ${rule}; ${remedy}`);
  }

  take(key: string): unknown {
    const value = this.#values[key];
    delete this.#values[key];
    return value;
  }

  number(key: string, least: number, most: number, standard: number, unit = ""): number {
    return this.optionalNumber(key, least, most, unit) ?? standard;
  }

  /** A number without a default; the least where it is refused, so that what depends on it is not refused too. */
  required(key: string, least: number, most: number, unit = ""): number {
    if (this.#values[key] === undefined) {
      this.refuse(
        key,
        undefined,
        `must be a whole number, ${least} or more ${unit}`.trim(),
        "add it",
      );
    }
    return this.optionalNumber(key, least, most, unit) ?? least;
  }

  optionalNumber(key: string, least: number, most: number, unit = ""): number | undefined {
    const value = this.take(key);
    if (value === undefined) return undefined;
    const read = integer(least, most, unit)(JSON.stringify(value).replaceAll('"', ""));
    if (!(read instanceof Refusal)) return read;
    this.refuse(key, value, read.rule);
    return undefined;
  }

  text(key: string, form: RegExp, rule: string, standard?: string): string {
    const value = this.take(key) ?? standard;
    if (typeof value === "string" && form.test(value)) return value;
    this.refuse(key, value, rule);
    return "";
  }

  flag(key: string): boolean {
    const value = this.take(key) ?? false;
    // Pulumi's own command writes what it is given as text.
    if (typeof value === "boolean") return value;
    if (value === "true" || value === "false") return value === "true";
    this.refuse(key, value, "must be true or false");
    return false;
  }

  /** A mapping, or its text in JSON, as consoles and documentation show patterns. */
  pattern(key: string, value: unknown): Readonly<Record<string, unknown>> | undefined {
    const read = typeof value === "string" ? parsed(value) : value;
    if (typeof read === "object" && read !== null && !Array.isArray(read))
      return read as Readonly<Record<string, unknown>>;
    this.refuse(key, value, "must be a mapping, or its text in JSON");
    return undefined;
  }

  end(known: readonly string[]): void {
    for (const [key, value] of Object.entries(this.#values)) {
      this.refuse(key, value, `no such key; the keys are ${known.join(", ")}`);
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
