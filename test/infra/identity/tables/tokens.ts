/** Tokens as GitHub would send them, and which role of `environment` each may take. */
import type { Token } from "../support/evaluator.ts";

const AUD = "sts.amazonaws.com";

export interface TokenRow extends Token {
  readonly what: string;
  readonly deploy: boolean;
  readonly preview: boolean;
  readonly plan: boolean;
}

/**
 * `repository` as `owner/name`, in a stack that trusts the classic subject form, and a `branch` that is its
 * default.
 */
export function tokens(
  repository: string,
  environment: string,
  branch: string,
): readonly TokenRow[] {
  const [owner = "", name = ""] = repository.split("/");
  const other = environment === "staging" ? "production" : "staging";
  const refused = { deploy: false, preview: false, plan: false };
  const own = `repo:${repository}`;
  const rows: readonly TokenRow[] = [
    {
      what: "a job of the environment",
      aud: AUD,
      sub: `${own}:environment:${environment}`,
      ...refused,
      deploy: true,
    },
    {
      what: "a pull request of the repository",
      aud: AUD,
      sub: `${own}:pull_request`,
      ...refused,
      preview: true,
    },
    {
      what: "a job on the default branch without an environment",
      aud: AUD,
      sub: `${own}:ref:refs/heads/${branch}`,
      ...refused,
      plan: true,
    },
    {
      what: "a job of the environment on another branch",
      aud: AUD,
      sub: `${own}:environment:${environment}`,
      ref: "refs/heads/feature",
      ...refused,
    },
    {
      what: "a job of the environment on a tag that is named like the branch",
      aud: AUD,
      sub: `${own}:environment:${environment}`,
      ref: `refs/tags/${branch}`,
      ...refused,
    },
    { what: "the other environment", aud: AUD, sub: `${own}:environment:${other}`, ...refused },
    {
      what: "an environment whose name begins alike",
      aud: AUD,
      sub: `${own}:environment:${environment}-2`,
      ...refused,
    },
    {
      what: "an environment with another case",
      aud: AUD,
      sub: `${own}:environment:${environment.toUpperCase()}`,
      ...refused,
    },
    { what: "another branch", aud: AUD, sub: `${own}:ref:refs/heads/feature`, ...refused },
    {
      what: "a branch whose name begins alike",
      aud: AUD,
      sub: `${own}:ref:refs/heads/${branch}2`,
      ...refused,
    },
    { what: "a tag named like it", aud: AUD, sub: `${own}:ref:refs/tags/${branch}`, ...refused },
    {
      what: "main where the default branch is another",
      aud: AUD,
      sub: `${own}:ref:refs/heads/main`,
      ...refused,
    },
    {
      what: "a fork",
      aud: AUD,
      sub: `repo:mallory/${name}:environment:${environment}`,
      ...refused,
    },
    {
      what: "a fork's pull request",
      aud: AUD,
      sub: `repo:mallory/${name}:pull_request`,
      ...refused,
    },
    {
      what: "a repository whose name begins alike",
      aud: AUD,
      sub: `repo:${repository}-evil:environment:${environment}`,
      ...refused,
    },
    {
      what: "an organisation whose name begins alike",
      aud: AUD,
      sub: `repo:${owner}-evil/${name}:environment:${environment}`,
      ...refused,
    },
    {
      what: "an organisation whose name ends alike",
      aud: AUD,
      sub: `repo:evil-${owner}/${name}:environment:${environment}`,
      ...refused,
    },
    {
      what: "a repository of the same organisation",
      aud: AUD,
      sub: `repo:${owner}/other:environment:${environment}`,
      ...refused,
    },
    { what: "a subject with a star", aud: AUD, sub: `${own}:*`, ...refused },
    { what: "a subject that is only a star", aud: AUD, sub: "*", ...refused },
    {
      what: "an environment smuggled into a branch's name",
      aud: AUD,
      sub: `${own}:ref:refs/heads/x%3Aenvironment%3A${environment}`,
      ...refused,
    },
    {
      what: "another audience",
      aud: "https://github.com/acme",
      sub: `${own}:environment:${environment}`,
      ...refused,
    },
    {
      what: "another audience, by a pull request",
      aud: "https://github.com/acme",
      sub: `${own}:pull_request`,
      ...refused,
    },
    { what: "no audience", sub: `${own}:environment:${environment}`, ...refused },
    { what: "no subject", aud: AUD, ...refused },
    { what: "no claim at all", ...refused },
    {
      what: "another issuer with the same claims",
      iss: "evil.example",
      aud: AUD,
      sub: `${own}:environment:${environment}`,
      ...refused,
    },
    {
      what: "the immutable form where the classic one is trusted",
      aud: AUD,
      sub: `repo:${owner}@1/${name}@2:environment:${environment}`,
      ...refused,
    },
  ];
  // What a row does not say of the branch is the default one: nothing else is to be what refuses it.
  return rows.map((row) => ({ ref: `refs/heads/${branch}`, ...row }));
}
