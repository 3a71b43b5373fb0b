/**
 * CloudWatch's metric math as far as alarms use it: numbers, metric ids, + - * /, comparisons, parentheses,
 * IF(condition, then, else), MIN and MAX of a list such as [m1, m2], FILL(metric, number), SERVICE_QUOTA(metric).
 * Anything else is an error, never a guess. Source: CloudWatch user guide, "Metric math syntax and functions".
 */

/** What SERVICE_QUOTA answers: the default quota of concurrent executions of a region. */
const SERVICE_QUOTA = 1000;

/** Values by metric id; a metric without a data point is missing here. */
export type Values = Readonly<Record<string, number>>;

/** The value, or `undefined` where a metric that it needs has no data point, as in CloudWatch. */
export function evaluate(expression: string, values: Values): number | undefined {
  const tokens = tokenize(expression);
  const value = comparison(tokens, values);
  const [rest] = tokens;
  if (rest !== undefined) throw new Error(`metric math: unexpected ${rest} in ${expression}`);
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}

const TOKEN = /\s*(\d+(?:\.\d+)?|[A-Za-z]\w*|<=|>=|==|!=|[-+*/()<>,[\]])/y;

function tokenize(expression: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  const text = expression.trim();
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(text)?.[1];
    if (token === undefined) throw new Error(`metric math: cannot read ${text.slice(at)}`);
    tokens.push(token);
  }
  return tokens;
}

type Operation = (left: number, right: number) => number;

const COMPARISONS: Readonly<Record<string, Operation>> = {
  "<": (left, right) => Number(left < right),
  ">": (left, right) => Number(left > right),
  "<=": (left, right) => Number(left <= right),
  ">=": (left, right) => Number(left >= right),
  "==": (left, right) => Number(left === right),
  "!=": (left, right) => Number(left !== right),
};
const SUMS: Readonly<Record<string, Operation>> = {
  "+": (left, right) => left + right,
  "-": (left, right) => left - right,
};
const PRODUCTS: Readonly<Record<string, Operation>> = {
  "*": (left, right) => left * right,
  "/": (left, right) => left / right,
};

type Reader = (tokens: string[], values: Values) => number | undefined;

/** A level of precedence: operands read by `operand`, joined from the left. */
const level =
  (operations: Readonly<Record<string, Operation>>, operand: Reader): Reader =>
  (tokens, values) => {
    let left = operand(tokens, values);
    for (;;) {
      const operation = operations[tokens[0] ?? ""];
      if (!operation) return left;
      tokens.shift();
      const right = operand(tokens, values);
      left = left === undefined || right === undefined ? undefined : operation(left, right);
    }
  };

const product = level(PRODUCTS, (tokens, values) => atom(tokens, values));
const comparison = level(COMPARISONS, level(SUMS, product));

function atom(tokens: string[], values: Values): number | undefined {
  const token = tokens.shift() ?? "the end";
  if (token === "(") {
    const value = comparison(tokens, values);
    take(tokens, ")");
    return value;
  }
  if (/^\d/.test(token)) return Number(token);
  if (!/^[A-Za-z]/.test(token)) throw new Error(`metric math: unexpected ${token}`);
  return tokens[0] === "(" ? call(token, tokens, values) : values[token];
}

function call(name: string, tokens: string[], values: Values): number | undefined {
  take(tokens, "(");
  if (name === "MIN" || name === "MAX") {
    take(tokens, "[");
    const listed = list(tokens, values, "]");
    take(tokens, ")");
    const known = listed.filter((value) => value !== undefined);
    if (known.length === 0) return undefined;
    return name === "MIN" ? Math.min(...known) : Math.max(...known);
  }
  const args = list(tokens, values, ")");
  const [first, second, third] = args;
  if (name === "IF" && args.length === 3) {
    return first === undefined ? undefined : first === 0 ? third : second;
  }
  if (name === "FILL" && args.length === 2) return first ?? second;
  if (name === "SERVICE_QUOTA" && args.length === 1) return SERVICE_QUOTA;
  throw new Error(`metric math: the local cloud does not know ${name} of ${args.length}`);
}

/** Expressions with commas between them, and what closes them. */
function list(tokens: string[], values: Values, end: string): (number | undefined)[] {
  const listed = [comparison(tokens, values)];
  while (tokens[0] === ",") {
    tokens.shift();
    listed.push(comparison(tokens, values));
  }
  take(tokens, end);
  return listed;
}

function take(tokens: string[], expected: string): void {
  const token = tokens.shift() ?? "the end";
  if (token !== expected) throw new Error(`metric math: ${token} where ${expected} should be`);
}
