/**
 * CloudWatch Logs Insights as far as saved queries use it: fields, filter, stats, sort and limit over lines of
 * JSON (CloudWatch Logs user guide, "CloudWatch Logs Insights language query syntax"). Whatever else a query
 * holds is an error, never a guess.
 */

/** One line of a log. */
export interface LogEvent {
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly message: string;
}

type Value = string | number | boolean | null;

/** One row of a result; what a line does not have is absent. */
export type Row = Readonly<Record<string, Value>>;

/** Rows that Insights answers without a limit of the query's own. */
const DEFAULT_LIMIT = 10_000;

/** Runs a query over the lines of a group. Throws for what it does not know. */
export function runQuery(query: string, events: readonly LogEvent[]): readonly Row[] {
  let rows: Row[] = events.map(discover);
  let shown: readonly string[] | undefined;
  for (const command of query.split(/\n?\s*\|\s*/)) {
    const [, verb = "", rest = ""] = /^(\w+)\s+([\s\S]*)$/.exec(command.trim()) ?? [];
    if (verb === "fields") {
      const parts = split(rest).map(aliased);
      rows = rows.map((row) => ({ ...row, ...computed(row, parts) }));
      shown = [...(shown ?? []), ...parts.map(({ name }) => name)];
    } else if (verb === "filter") {
      const matches = condition(new Tokens(rest));
      rows = rows.filter((row) => matches(row));
    } else if (verb === "stats") {
      rows = stats(rest, rows);
      shown = undefined;
    } else if (verb === "sort") {
      rows = sorted(rest, rows);
    } else if (verb === "limit") {
      rows = rows.slice(0, Number(rest));
    } else {
      throw new Error(`Logs Insights: the command ${command.trim()} is not known here`);
    }
  }
  return rows.slice(0, DEFAULT_LIMIT).map((row) => (shown ? pick(row, shown) : row));
}

/** The fields that Insights finds in a line: its own, and those of JSON by their paths. */
function discover({ timestamp, message }: LogEvent): Row {
  const found: Record<string, Value> = { "@timestamp": timestamp, "@message": message };
  const walk = (value: unknown, path: string): void => {
    if (typeof value !== "object" || value === null) {
      if (path !== "") found[path] = value as Value;
      return;
    }
    for (const [key, item] of Object.entries(value))
      walk(item, path === "" ? key : `${path}.${key}`);
  };
  try {
    walk(JSON.parse(message), "");
  } catch {
    // A line of text has no fields of its own.
  }
  return found;
}

const pick = (row: Row, names: readonly string[]): Row =>
  Object.fromEntries(names.flatMap((name) => (name in row ? [[name, row[name] as Value]] : [])));

interface Named {
  readonly name: string;
  readonly source: string;
}

const aliased = (text: string): Named => {
  const [source = "", name] = text.split(/\s+as\s+/);
  return { source: source.trim(), name: (name ?? source).trim() };
};

const computed = (row: Row, parts: readonly Named[]): Row =>
  Object.fromEntries(
    parts.flatMap(({ name, source }) => {
      const value = valueOf(row, source);
      return value === undefined ? [] : [[name, value]];
    }),
  );

const BIN = /^bin\((\d+)([smhd])\)$/;
const UNIT_MS: Readonly<Record<string, number>> = { s: 1e3, m: 6e4, h: 3.6e6, d: 8.64e7 };

/** A field, or the start of the time bin that a line falls into. */
function valueOf(row: Row, source: string): Value | undefined {
  const bin = BIN.exec(source);
  if (!bin) return row[source];
  const lengthMs = Number(bin[1]) * (UNIT_MS[bin[2] ?? ""] ?? 0);
  return Math.floor(Number(row["@timestamp"]) / lengthMs) * lengthMs;
}

/** Splits at commas that are not within parentheses. */
const split = (text: string): string[] => text.split(/,(?![^()]*\))/).map((part) => part.trim());

type Aggregate = (rows: readonly Row[]) => Value | undefined;

function aggregate(text: string): Aggregate {
  const [, name = "", inner = ""] = /^(\w+)\((.*)\)$/.exec(text) ?? [];
  const [field = "", argument] = split(inner);
  const numbers = (rows: readonly Row[]): number[] =>
    rows.flatMap((row) => (typeof row[field] === "number" ? [row[field]] : []));
  const known: Readonly<Record<string, Aggregate>> = {
    count: (rows) => (field === "*" ? rows : rows.filter((row) => field in row)).length,
    sum: (rows) => numbers(rows).reduce((total, value) => total + value, 0),
    avg: (rows) => mean(numbers(rows)),
    min: (rows) => smallest(numbers(rows)),
    max: (rows) =>
      smallest(
        numbers(rows).map((value) => -value),
        -1,
      ),
    pct: (rows) => percentile(numbers(rows), Number(argument)),
    latest: (rows) => sorted("@timestamp desc", rows).find((row) => field in row)?.[field],
  };
  const found = known[name];
  if (!found) throw new Error(`Logs Insights: the function ${text} is not known here`);
  return found;
}

const mean = (values: readonly number[]): number | undefined =>
  values.length === 0
    ? undefined
    : values.reduce((total, value) => total + value, 0) / values.length;

const smallest = (values: readonly number[], sign = 1): number | undefined =>
  values.length === 0 ? undefined : sign * Math.min(...values);

function percentile(values: readonly number[], percent: number): number | undefined {
  const ordered = values.toSorted((a, b) => a - b);
  return ordered[Math.max(0, Math.ceil((percent / 100) * ordered.length) - 1)];
}

function stats(text: string, rows: readonly Row[]): Row[] {
  const [aggregates = "", by] = text.split(/\s+by\s+/);
  const keys = by === undefined ? [] : split(by);
  const columns = split(aggregates).map((part) => {
    const { name, source } = aliased(part);
    return { name, of: aggregate(source) };
  });
  const groups = Map.groupBy(rows, (row) =>
    JSON.stringify(keys.map((key) => valueOf(row, key) ?? null)),
  );
  return [...groups.values()].map((group) => {
    const [first = {}] = group;
    const labels = computed(
      first,
      keys.map((key) => ({ name: key, source: key })),
    );
    const figures = columns.flatMap(({ name, of }) => {
      const value = of(group);
      return value === undefined ? [] : [[name, value] as const];
    });
    return { ...labels, ...Object.fromEntries(figures) };
  });
}

function sorted(text: string, rows: readonly Row[]): Row[] {
  const [, key = "", order = "desc"] = /^(\S+)(?:\s+(asc|desc))?$/.exec(text.trim()) ?? [];
  if (key === "") throw new Error(`Logs Insights: cannot sort by ${text}`);
  const sign = order === "asc" ? 1 : -1;
  return rows.toSorted((a, b) => sign * compare(a[key], b[key]));
}

const compare = (a: Value | undefined, b: Value | undefined): number =>
  typeof a === "number" && typeof b === "number"
    ? a - b
    : String(a ?? "").localeCompare(String(b ?? ""), "en");

type Condition = (row: Row) => boolean;

/** The words of a filter, taken one by one. */
class Tokens {
  readonly #words: string[];
  constructor(text: string) {
    const words = text.match(/"[^"]*"|\/(?:[^/\\]|\\.)+\/|<=|>=|!=|[=<>()]|[^\s=<>()!"]+/g) ?? [];
    this.#words = [...words];
  }
  get next(): string | undefined {
    return this.#words[0];
  }
  take(): string {
    return this.#words.shift() ?? "";
  }
}

function condition(tokens: Tokens): Condition {
  const whole = disjunction(tokens);
  if (tokens.next !== undefined) {
    throw new Error(`Logs Insights: ${tokens.next} is not expected in a filter`);
  }
  return whole;
}

function disjunction(tokens: Tokens): Condition {
  const parts = [conjunction(tokens)];
  while (tokens.next === "or") {
    tokens.take();
    parts.push(conjunction(tokens));
  }
  return (row) => parts.some((part) => part(row));
}

function conjunction(tokens: Tokens): Condition {
  const parts = [comparison(tokens)];
  while (tokens.next === "and") {
    tokens.take();
    parts.push(comparison(tokens));
  }
  return (row) => parts.every((part) => part(row));
}

const OPERATORS: Readonly<Record<string, (order: number, equal: boolean) => boolean>> = {
  "=": (_order, equal) => equal,
  "!=": (_order, equal) => !equal,
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  ">": (order) => order > 0,
  ">=": (order) => order >= 0,
};

function comparison(tokens: Tokens): Condition {
  if (tokens.next === "(") {
    tokens.take();
    const inner = disjunction(tokens);
    tokens.take();
    return inner;
  }
  const field = tokens.take();
  const operator = tokens.take();
  const literal = tokens.take();
  if (operator === "like") {
    const pattern = literal.startsWith("/")
      ? new RegExp(literal.slice(1, -1))
      : new RegExp(literal.slice(1, -1).replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    return (row) => typeof row[field] === "string" && pattern.test(row[field]);
  }
  const holds = OPERATORS[operator];
  if (!holds) throw new Error(`Logs Insights: the operator ${operator} is not known here`);
  const wanted: Value = literal.startsWith('"') ? literal.slice(1, -1) : Number(literal);
  return (row) => {
    const value = row[field];
    return value !== undefined && holds(compare(value, wanted), value === wanted);
  };
}
