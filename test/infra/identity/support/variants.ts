/** Every way to take one thing out of a policy: what is taken out must be missed by someone. */
import type { PolicyDocument, Statement } from "../../../../infra/identity/document.ts";
import type { Call } from "./evaluator.ts";

export interface Variant {
  /** What is missing, for messages. */
  readonly without: string;
  /** Name of the statement that it is taken from. */
  readonly sid: string;
  readonly policy: PolicyDocument;
  /** Whether the judgement of a call can change at all; spares the evaluator most of the work. */
  readonly concerns: (call: Call) => boolean;
}

/** Less is allowed: without one statement, one of its actions, or one of its resources. */
export const narrower = (document: PolicyDocument): readonly Variant[] =>
  ofEffect(document, "Allow").flatMap((statement) => parts(document, statement));

/** More is allowed: without one denial, one of its actions, or one of its resources. */
export const withoutDenials = (document: PolicyDocument): readonly Variant[] =>
  ofEffect(document, "Deny").flatMap((statement) => parts(document, statement));

/** More is allowed: without one condition key of what is allowed. */
export const withoutConditions = (document: PolicyDocument): readonly Variant[] =>
  ofEffect(document, "Allow").flatMap((statement) =>
    Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
      Object.keys(keys).map((key) => ({
        without: `${statement.Sid} ${operator} ${key}`,
        sid: statement.Sid,
        policy: replaced(document, statement, [
          { ...statement, Condition: { ...statement.Condition, [operator]: omit(keys, key) } },
        ]),
        concerns: concernedBy(statement),
      })),
    ),
  );

function parts(document: PolicyDocument, statement: Statement): readonly Variant[] {
  const { Sid, Action, Resource = [] } = statement;
  const variant = (without: string, concerned: Statement, by: readonly Statement[]): Variant => ({
    without: `${Sid}${without}`,
    sid: Sid,
    policy: replaced(document, statement, by),
    concerns: concernedBy(concerned),
  });
  const without = (key: "Action" | "Resource", all: readonly string[]) =>
    all.length < 2
      ? []
      : all.map((one) =>
          variant(` ${one}`, { ...statement, [key]: [one] }, [
            { ...statement, [key]: all.filter((item) => item !== one) },
          ]),
        );
  return [
    variant("", statement, []),
    ...without("Action", Action),
    ...without("Resource", Resource),
  ];
}

/** By the patterns' beginnings only: too many calls cost time, too few would hide a fault. */
const concernedBy = ({ Action, Resource = [] }: Statement): Variant["concerns"] => {
  const begins = (patterns: readonly string[], text: string) =>
    patterns.some((pattern) => text.startsWith(pattern.split(/[*?]/)[0] ?? ""));
  return ({ action, resource }) =>
    begins(Action, action) && (resource.includes("*") || begins(Resource, resource));
};

const ofEffect = ({ Statement }: PolicyDocument, effect: Statement["Effect"]) =>
  Statement.filter(({ Effect }) => Effect === effect);

const replaced = (
  document: PolicyDocument,
  old: Statement,
  by: readonly Statement[],
): PolicyDocument => ({
  ...document,
  Statement: document.Statement.flatMap((statement) => (statement === old ? by : [statement])),
});

const omit = <T>(record: Readonly<Record<string, T>>, key: string): Record<string, T> =>
  Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));
