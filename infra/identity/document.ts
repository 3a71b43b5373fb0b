/** IAM policy documents as plain data, and the few words that the policies of this folder are written in. */

/** Condition operator → context key → value or values. */
export type Condition = Readonly<
  Record<string, Readonly<Record<string, string | readonly string[]>>>
>;

/** One statement. `Principal` only in trust policies, `Resource` in all others. */
export interface Statement {
  /** Unique within its policy; letters and digits only, as IAM demands. */
  readonly Sid: string;
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: Readonly<Record<string, string>>;
  readonly Action: readonly string[];
  readonly Resource?: readonly string[];
  readonly Condition?: Condition;
}

export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly Statement[];
}

export const policy = (...statements: readonly Statement[]): PolicyDocument => ({
  Version: "2012-10-17",
  Statement: statements,
});

const statement =
  (effect: Statement["Effect"]) =>
  (
    sid: string,
    actions: readonly string[],
    resources: readonly string[],
    condition?: Condition,
  ): Statement => ({
    Sid: sid,
    Effect: effect,
    Action: actions,
    Resource: resources,
    ...(condition && { Condition: condition }),
  });

export const allow = statement("Allow");
export const deny = statement("Deny");

/** For actions that IAM cannot scope to a resource. */
export const ANY = ["*"] as const;

/** Prefixes each verb with its service: `of("sqs", "CreateQueue")` is `sqs:CreateQueue`. */
export const of = (service: string, ...verbs: readonly string[]): readonly string[] =>
  verbs.map((verb) => `${service}:${verb}`);

/** IAM counts characters without whitespace, which compact JSON has none of. */
export const toJson = (document: PolicyDocument): string => JSON.stringify(document);

/** The most that IAM takes of a managed policy, and of all policies inside one role (IAM quotas). */
export const MANAGED_POLICY_CHARACTERS = 6144;
export const INLINE_POLICIES_CHARACTERS = 10_240;

/** What is wrong with a document that is longer than IAM takes; undefined where it fits. */
export function overlong(
  name: string,
  document: PolicyDocument,
  limit: number,
): string | undefined {
  const { length } = toJson(document);
  return length <= limit
    ? undefined
    : `the policy ${name} has ${length} characters, and IAM takes ${limit}; shorten serviceName, turn off an option, or take a function out of infra/own/functions.ts`;
}
