/** Whether a KMS key that somebody else made lets a service do what this stack needs of it. Pure. */
import type { PolicyDocument, Statement } from "../../infra/identity/document.ts";

/** A statement of a key's policy, in every form that KMS takes. */
export interface KeyStatement {
  readonly Effect: string;
  readonly Principal?: string | Readonly<Record<string, string | readonly string[]>>;
  readonly Action?: string | readonly string[];
  readonly Condition?: Readonly<
    Record<string, Readonly<Record<string, string | readonly string[]>>>
  >;
}

export interface KeyPolicy {
  readonly Statement: readonly KeyStatement[] | KeyStatement;
}

/** One service that asks the key for something on the stack's behalf. */
interface Request {
  readonly principal: string;
  readonly action: string;
  /** What AWS says about the request. */
  readonly context: Readonly<Record<string, string>>;
}

/** The statements of `needed` that the policy of a key does not make up for. */
export const missingStatements = (
  policy: KeyPolicy,
  needed: PolicyDocument,
): readonly Statement[] => {
  const statements = [policy.Statement].flat();
  const admits = (request: Request) =>
    statements.some((one) => one.Effect === "Allow" && covers(one, request)) &&
    !statements.some((one) => one.Effect === "Deny" && covers(one, request));
  return needed.Statement.filter((statement) => !requestsOf(statement).every(admits));
};

/** What a statement of ours is there for: each action, for each thing that its conditions name. */
function requestsOf({ Principal = {}, Action, Condition = {} }: Statement): readonly Request[] {
  const contexts = Object.values(Condition)
    .flatMap((keys) => Object.entries(keys))
    .reduce<readonly Readonly<Record<string, string>>[]>(
      (found, [key, values]) =>
        found.flatMap((context) => [values].flat().map((value) => ({ ...context, [key]: value }))),
      [{}],
    );
  return Object.values(Principal).flatMap((principal) =>
    Action.flatMap((action) => contexts.map((context) => ({ principal, action, context }))),
  );
}

function covers(
  { Principal, Action = [], Condition = {} }: KeyStatement,
  { principal, action, context }: Request,
): boolean {
  const principals = typeof Principal === "string" ? [Principal] : Object.values(Principal ?? {});
  return (
    principals.flat().some((one) => one === "*" || samePrincipal(one, principal)) &&
    [Action].flat().some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase())) &&
    Object.entries(Condition).every(([operator, keys]) =>
      Object.entries(keys).every(([key, values]) =>
        holds(operator, [values].flat(), contextValue(context, key)),
      ),
    )
  );
}

/** An account may be named by its number as well. */
const samePrincipal = (one: string, principal: string): boolean =>
  one === principal || principal === one.replace(/^(\d{12})$/, "arn:aws:iam::$1:root");

/** IAM compares the names of condition keys without case. */
const contextValue = (context: Request["context"], key: string): string | undefined =>
  Object.entries(context).find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1];

/** A condition on something that this stack does not know of counts as not fulfilled. */
function holds(operator: string, values: readonly string[], actual: string | undefined): boolean {
  const [, quantifier, plain = operator, ifExists] =
    /^(ForAnyValue:|ForAllValues:)?(.*?)(IfExists)?$/.exec(operator) ?? [];
  if (actual === undefined) return ifExists !== undefined || quantifier === "ForAllValues:";
  const equals = (value: string) => value === actual;
  const alike = (value: string) => matches(value, actual);
  switch (plain) {
    case "StringEquals":
      return values.some(equals);
    case "ArnEquals":
    case "ArnLike":
    case "StringLike":
      return values.some(alike);
    case "StringNotEquals":
      return !values.some(equals);
    case "ArnNotEquals":
    case "ArnNotLike":
    case "StringNotLike":
      return !values.some(alike);
    default:
      return false;
  }
}

/**
 * Whether a pattern of theirs admits all that a text of ours stands for. A star of ours is read as plain text:
 * what it stands for, a star of theirs in its stead stands for too.
 */
const matches = (pattern: string, text: string): boolean =>
  new RegExp(
    `^${pattern
      .replaceAll(/[\\^$.+()[\]{}|]/g, String.raw`\$&`)
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
  ).test(text);
