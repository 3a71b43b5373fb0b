/** Compares a token as GitHub would send it with what a role trusts, and says in words where they part. */
import { GITHUB_ISSUER } from "../../infra/identity/trust.ts";
import type { Finding } from "./check.ts";

/** The claims that a role can be asked for. */
export interface Token {
  readonly aud: string;
  readonly sub: string;
  readonly repository_id: string | undefined;
  /** The branch, for example `refs/heads/main`. */
  readonly ref: string;
}

/** A trust policy as IAM gives it back: one value or several, in any order. */
export interface TrustDocument {
  readonly Statement?: readonly TrustStatement[] | TrustStatement;
}

interface TrustStatement {
  readonly Effect?: string;
  readonly Action?: string | readonly string[];
  readonly Principal?: { readonly Federated?: string | readonly string[] };
  readonly Condition?: Readonly<
    Record<string, Readonly<Record<string, string | readonly string[]>>>
  >;
}

const listOf = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : ([value].flat() as readonly T[]);

/** What is wrong between a token and a role; empty when the token can take the role. */
export function judgeTrust(
  role: string,
  trust: TrustDocument,
  token: Token,
  providerArn: string,
): readonly Finding[] {
  const statements = listOf(trust.Statement).filter(
    ({ Effect, Action }) =>
      Effect === "Allow" && listOf(Action).includes("sts:AssumeRoleWithWebIdentity"),
  );
  if (statements.length === 0) {
    return [wrong(`${role} trusts no web identity at all`)];
  }
  const judged = statements.map((statement) => judgeStatement(role, statement, token, providerArn));
  const wide = statements.flatMap((statement) => tooWide(role, statement));
  // One statement that fits is enough; otherwise the one that comes closest is explained.
  const closest = judged.toSorted((a, b) => a.length - b.length)[0] ?? [];
  return [...closest, ...wide];
}

const wrong = (problem: string, remedy = RENEW): Finding => ({
  severity: "error",
  problem,
  remedy,
});

const RENEW = "as an administrator, run: npm run bootstrap";

function judgeStatement(
  role: string,
  { Principal, Condition = {} }: TrustStatement,
  token: Token,
  providerArn: string,
): readonly Finding[] {
  const findings: Finding[] = [];
  const federated = listOf(Principal?.Federated);
  if (!federated.includes(providerArn)) {
    findings.push(wrong(`${role} trusts ${federated.join(", ")}, and not ${providerArn}`));
  }
  for (const [operator, keys] of Object.entries(Condition)) {
    for (const [key, values] of Object.entries(keys)) {
      const trusted = listOf(values);
      const claim = key.slice(key.lastIndexOf(":") + 1);
      if (!key.startsWith(`${GITHUB_ISSUER}:`)) continue;
      const sent = token[claim as keyof Token];
      const known = CLAIMS.some((one) => one === claim);
      if (!known || (claim === "repository_id" && sent === undefined)) continue;
      const fits = trusted.some((value) =>
        operator.endsWith("Like") ? like(value, sent ?? "") : value === sent,
      );
      if (!fits) findings.push(wrong(`${role} ${explain(claim as Claim, sent ?? "", trusted)}`));
    }
  }
  return findings;
}

const CLAIMS = ["aud", "sub", "repository_id", "ref"] as const;
type Claim = (typeof CLAIMS)[number];

function explain(claim: Claim, sent: string, trusted: readonly string[]): string {
  const wanted = trusted.join(" or ");
  const words = {
    aud: `trusts the audience ${wanted}, and the workflows ask for ${sent}`,
    repository_id: `trusts the repository number ${wanted}, and this repository has ${sent}: it is another one, perhaps made again under the old name`,
    ref: `trusts jobs on ${wanted}, and the workflows run on ${sent}`,
    sub: `trusts ${wanted}, and GitHub sends ${sent}: ${difference(sent, trusted[0] ?? "")}`,
  };
  return words[claim];
}

/** Where two subjects part, in words. */
export function difference(sent: string, trusted: string): string {
  if (sent.toLowerCase() === trusted.toLowerCase()) {
    return "they differ in upper and lower case only, and IAM compares both";
  }
  const [ours, theirs] = [subjectParts(sent), subjectParts(trusted)];
  if (!theirs) return "what is trusted is no subject of GitHub's";
  if (!ours) return "what is sent is no usual subject";
  if (ours.repository.toLowerCase() !== theirs.repository.toLowerCase()) {
    return `the role is for another repository, ${theirs.repository}`;
  }
  if (ours.ids !== theirs.ids) {
    if (ours.ids === "") {
      return "the role expects ids in the subject, and this repository's tokens have none (githubSubjectPrefix must be empty)";
    }
    return theirs.ids === ""
      ? "this repository's tokens have ids in the subject, and the role expects the older form without (set githubSubjectPrefix)"
      : "the ids differ, so the repository was made again or moved";
  }
  return `the role is for ${theirs.context}, and the job runs as ${ours.context}`;
}

/** `repo:owner@1/name@2:environment:staging`, taken apart. */
function subjectParts(subject: string) {
  const match = /^repo:([^@/:]+)(@\d+)?\/([^@/:]+)(@\d+)?:(.+)$/.exec(subject);
  if (!match) return undefined;
  const [, owner = "", ownerId = "", name = "", nameId = "", context = ""] = match;
  return { repository: `${owner}/${name}`, ids: ownerId + nameId, context };
}

/** Trust that lets in more than one repository and environment. */
function tooWide(role: string, { Condition = {} }: TrustStatement): readonly Finding[] {
  const operators = Object.entries(Condition);
  const exact = (claim: string) =>
    operators.some(
      ([operator, keys]) =>
        operator === "StringEquals" && keys[`${GITHUB_ISSUER}:${claim}`] !== undefined,
    );
  const loose = ["aud", "sub"].filter((claim) => !exact(claim));
  if (loose.length === 0) return [];
  return [
    {
      severity: "warning",
      problem: `${role} does not compare ${loose.join(" and ")} exactly, so others may be able to take it`,
      remedy: RENEW,
    },
  ];
}

/** IAM's StringLike: `*` is any text, `?` any one character. */
function like(pattern: string, text: string): boolean {
  const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
  const expression = escaped.replaceAll("*", ".*").replaceAll("?", ".");
  return new RegExp(`^${expression}$`, "s").test(text);
}
