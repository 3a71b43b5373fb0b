/** The same rights in fewer statements, where a policy would outgrow IAM's limit. Nothing is allowed more or less. */
import {
  MANAGED_POLICY_CHARACTERS,
  type PolicyDocument,
  policy,
  type Statement,
  toJson,
} from "./document.ts";

/** A policy of these statements; where it would be too long, the same in fewer of them, which are only numbered. */
export function fitting(
  statements: readonly Statement[],
  limit = MANAGED_POLICY_CHARACTERS,
): PolicyDocument {
  const whole = policy(...statements);
  if (toJson(whole).length <= limit) return whole;
  return policy(...compact(statements).map((statement, index) => numbered(statement, index)));
}

/** A name says nothing of a statement that several became. A team's own is still known by its name. */
const numbered = (statement: Statement, index: number): Statement =>
  statement.Sid.startsWith("Own") ? statement : { ...statement, Sid: `S${index + 1}` };

/** What differs only in its actions becomes one statement, and then what speaks of other services does. */
export const compact = (statements: readonly Statement[]): readonly Statement[] =>
  joinServices(joinActions(statements));

/** On the same resources under the same condition. */
function joinActions(statements: readonly Statement[]): readonly Statement[] {
  const groups = Map.groupBy(statements, ({ Effect, Resource, Condition }) =>
    JSON.stringify([Effect, Resource, Condition]),
  );
  return [...groups.values()].flatMap(([first, ...more]) =>
    first === undefined ? [] : [more.reduce(together, first)],
  );
}

/**
 * Without a condition: an action finds the resources of its own service only, so two statements that speak of no
 * service both may stand together. Not on all resources, for those are everybody's.
 */
function joinServices(statements: readonly Statement[]): readonly Statement[] {
  return statements.reduce<readonly Statement[]>((joined, statement) => {
    const at = joined.findIndex((other) => mayStandTogether(other, statement));
    return at < 0
      ? [...joined, statement]
      : joined.map((other, index) => (index === at ? together(other, statement) : other));
  }, []);
}

const mayStandTogether = (one: Statement, other: Statement): boolean =>
  [one, other].every(
    ({ Effect, Condition, Resource = [] }) =>
      Effect === "Allow" && Condition === undefined && !Resource.includes("*"),
  ) && !servicesOf(other).some((service) => servicesOf(one).includes(service));

const servicesOf = ({ Action }: Statement): readonly string[] =>
  Action.map((action) => action.split(":", 1)[0] ?? "");

const together = (one: Statement, other: Statement): Statement => ({
  ...one,
  Action: [...new Set([...one.Action, ...other.Action])],
  Resource: [...new Set([...(one.Resource ?? []), ...(other.Resource ?? [])])],
});
