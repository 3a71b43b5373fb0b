/**
 * CloudWatch's metric math as far as alarms use it: numbers, metric ids, + - * /, comparisons, parentheses,
 * IF(condition, then, else), MIN and MAX of a list such as [m1, m2], FILL(metric, number), SERVICE_QUOTA(metric).
 * Anything else is an error, never a guess. Source: CloudWatch user guide, "Metric math syntax and functions".
 */

/** What SERVICE_QUOTA answers: the default quota of concurrent executions of a region. */
const SERVICE_QUOTA = 1000;

/** Values by metric id; a metric without a data point is missing here. */
export type Values = Readonly<Record<string, number>>;

/** What an expression comes to. */
type Formula = (values: Values) => number | undefined;

/** An alarm's expression is read once, and evaluated every minute. */
const formulas = new Map<string, Formula>();

/** The value, or `undefined` where a metric that it needs has no data point, as in CloudWatch. */
export function evaluate(expression: string, values: Values): number | undefined {
  const formula = formulas.get(expression) ?? read(expression);
  formulas.set(expression, formula);
  const value = formula(values);
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}

function read(expression: string): Formula {
  const tokens = tokenize(expression);
  const formula = comparison(tokens);
  const [rest] = tokens;
  if (rest !== undefined) throw new Error(`metric math: unexpected ${rest} in ${expression}`);
  return formula;
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

/** Takes what it reads from the front of the tokens. */
type Reader = (tokens: string[]) => Formula;

/** A level of precedence: operands read by `operand`, joined from the left. */
const level =
  (operations: Readonly<Record<string, Operation>>, operand: Reader): Reader =>
  (tokens) => {
    let formula = operand(tokens);
    for (;;) {
      const operation = operations[tokens[0] ?? ""];
      if (!operation) return formula;
      tokens.shift();
      formula = joined(operation, formula, operand(tokens));
    }
  };

const joined =
  (operation: Operation, left: Formula, right: Formula): Formula =>
  (values) => {
    const [one, other] = [left(values), right(values)];
    return one === undefined || other === undefined ? undefined : operation(one, other);
  };

const product = level(PRODUCTS, (tokens) => atom(tokens));
const comparison = level(COMPARISONS, level(SUMS, product));

function atom(tokens: string[]): Formula {
  const token = tokens.shift() ?? "the end";
  if (token === "(") {
    const formula = comparison(tokens);
    take(tokens, ")");
    return formula;
  }
  if (/^\d/.test(token)) {
    const number = Number(token);
    return () => number;
  }
  if (!/^[A-Za-z]/.test(token)) throw new Error(`metric math: unexpected ${token}`);
  return tokens[0] === "(" ? call(token, tokens) : (values) => values[token];
}

function call(name: string, tokens: string[]): Formula {
  take(tokens, "(");
  if (name === "MIN" || name === "MAX") {
    take(tokens, "[");
    const listed = list(tokens, "]");
    take(tokens, ")");
    return (values) => {
      const known = listed.map((one) => one(values)).filter((value) => value !== undefined);
      if (known.length === 0) return undefined;
      return name === "MIN" ? Math.min(...known) : Math.max(...known);
    };
  }
  const args = list(tokens, ")");
  const [first, second, third] = args;
  if (name === "IF" && args.length === 3) {
    return (values) => {
      const condition = first?.(values);
      return condition === undefined ? undefined : (condition === 0 ? third : second)?.(values);
    };
  }
  if (name === "FILL" && args.length === 2) return (values) => first?.(values) ?? second?.(values);
  if (name === "SERVICE_QUOTA" && args.length === 1) return () => SERVICE_QUOTA;
  throw new Error(`metric math: the local cloud does not know ${name} of ${args.length}`);
}

/** Expressions with commas between them, and what closes them. */
function list(tokens: string[], end: string): Formula[] {
  const listed = [comparison(tokens)];
  while (tokens[0] === ",") {
    tokens.shift();
    listed.push(comparison(tokens));
  }
  take(tokens, end);
  return listed;
}

function take(tokens: string[], expected: string): void {
  const token = tokens.shift() ?? "the end";
  if (token !== expected) throw new Error(`metric math: ${token} where ${expected} should be`);
}
