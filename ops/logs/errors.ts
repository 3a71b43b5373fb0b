/** Errors inside of log lines, whatever form they have: their stacks are read by lines, below the message. */

export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** An error as Lambda writes it: `errorType`, `errorMessage`, and the stack as a list of lines. */
export function lambdaError(value: unknown): { message: string; fields: Fields } | undefined {
  if (!isFields(value) || typeof value["errorMessage"] !== "string") return undefined;
  const { errorType, errorMessage, ...fields } = value;
  const type = typeof errorType === "string" && errorType !== "" ? `${errorType}: ` : "";
  return { message: `${type}${errorMessage}`, fields };
}

const STACK_KEYS = ["stack", "stackTrace", "trace"];

/** The text of a stack, which is a string or a list of lines. */
function stackText(key: string, value: unknown): string | undefined {
  if (!STACK_KEYS.includes(key)) return undefined;
  if (typeof value === "string") return value.includes("\n") ? value : undefined;
  const isLines = Array.isArray(value) && value.length > 0;
  return isLines && value.every((line) => typeof line === "string") ? value.join("\n") : undefined;
}

/** Takes the stacks out of the fields, the outer error's before that of its cause. */
export function withoutStacks(fields: Fields): { stacks: string[]; rest: Fields } {
  const stacks: string[] = [];
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(visit);
    if (!isFields(value)) return value;
    const own = Object.entries(value).flatMap(([key, item]) => stackText(key, item) ?? []);
    stacks.push(...own);
    const kept = Object.entries(value)
      .filter(([key, item]) => stackText(key, item) === undefined)
      // What the stack begins with need not be said twice.
      .filter(([key, item]) => !own.some((stack) => begins(stack, key, item)))
      .map(([key, item]) => [key, item, visit(item)] as const)
      .filter(([, item, rest]) => isEmpty(item) || !isEmpty(rest))
      .map(([key, , rest]) => [key, rest] as const);
    return Object.fromEntries(kept);
  };
  return { stacks, rest: visit(fields) as Fields };
}

/** Whether the first line of a stack, `Type: message`, says this too. */
function begins(stack: string, key: string, item: unknown): boolean {
  if (typeof item !== "string" || item === "" || item.includes("\n")) return false;
  const [first = ""] = stack.split("\n");
  if (key === "name" || key === "type") return first === item || first.startsWith(`${item}: `);
  return key === "message" && first.endsWith(`: ${item}`);
}

const isEmpty = (value: unknown): boolean => isFields(value) && Object.keys(value).length === 0;
