/** Evaluates GitHub's expressions with GitHub's own parser. */
import { data, Evaluator, Lexer, Parser } from "@actions/expressions";

/** What expressions can read; every context is there, if empty. */
export interface Contexts {
  readonly github: object;
  readonly vars: object;
  readonly inputs: object;
  readonly needs: object;
  readonly steps: object;
  readonly env: object;
}

/** How a job or its needs went so far, for the functions that ask for it. */
export interface Status {
  readonly failed: boolean;
  readonly cancelled: boolean;
}

const NAMES = ["github", "vars", "inputs", "needs", "steps", "env", "secrets", "runner"];

function evaluate(expression: string, contexts: Contexts, status: Status): data.ExpressionData {
  const answers = {
    always: true,
    success: !status.failed && !status.cancelled,
    failure: status.failed,
    cancelled: status.cancelled,
  };
  const functions = Object.entries(answers).map(([name, answer]) => ({
    name,
    minArgs: 0,
    maxArgs: 0,
    call: () => new data.BooleanData(answer),
  }));
  const context = JSON.parse(
    JSON.stringify({ secrets: {}, runner: {}, ...contexts }),
    data.reviver,
  ) as data.Dictionary;
  const tree = new Parser(new Lexer(expression).lex().tokens, NAMES, functions).parse();
  const byName = new Map(functions.map((one) => [one.name, one]));
  return new Evaluator(tree, context, byName).evaluate();
}

/** Whether a condition holds. Without a function that asks how things went, it stands behind `success()`. */
export function holds(condition: string | undefined, contexts: Contexts, status: Status): boolean {
  const bare = (condition ?? "success()").trim().replace(/^\$\{\{(.*)\}\}$/s, "$1");
  const asks = /\b(always|success|failure|cancelled)\(\)/.test(bare);
  const value = evaluate(asks ? bare : `success() && (${bare})`, contexts, status);
  const text = value.coerceString();
  return text !== "false" && text !== "" && text !== "0";
}

/** A value of the workflow with its expressions replaced. */
export const filledIn = (text: string, contexts: Contexts, status: Status): string =>
  text.replaceAll(/\$\{\{(.*?)\}\}/gs, (_, expression: string) =>
    evaluate(expression.trim(), contexts, status).coerceString(),
  );
