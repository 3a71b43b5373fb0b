/**
 * Who may take which role: the subjects that GitHub puts into its tokens, and the trust policies.
 * Every comparison is exact. A wildcard would admit other branches, pull requests, or a repository
 * whose name begins alike.
 */
import { oidcProviderArn, type AwsLocation } from "../arns.ts";
import { rollbackEnvironment } from "../names.ts";
import { type PolicyDocument, policy } from "./document.ts";

/** Where GitHub's tokens come from; IAM leads its condition keys with the same words. */
export const GITHUB_ISSUER = "token.actions.githubusercontent.com";

/** The audience that `aws-actions/configure-aws-credentials` asks for. */
export const AUDIENCE = "sts.amazonaws.com";

/** Longest session of GitHub's roles, in seconds. One hour is also IAM's smallest maximum. */
export const SESSION_SECONDS = 3600;

/** The settings that decide whom the roles trust. */
export interface TrustSettings {
  /** The stack's name, which is the GitHub environment's name too, case included. */
  readonly environment: string;
  /** `owner/name`. */
  readonly githubRepository: string;
  /** What the subject begins with where it is not `repo:owner/name`: the immutable form with ids. */
  readonly githubSubjectPrefix: string | undefined;
  /** The repository's number, checked besides the subject where it is known. */
  readonly githubRepositoryId: string | undefined;
  /** The branch whose jobs may plan with the stack's secrets: what is on it has been reviewed. */
  readonly githubDefaultBranch: string;
  /** ARN of the provider where the account has one already. */
  readonly oidcProviderArn: string | undefined;
}

/** What the subject of every token of the repository begins with, without the last colon. */
export const subjectPrefix = (settings: TrustSettings): string =>
  settings.githubSubjectPrefix ?? `repo:${settings.githubRepository}`;

/** The subject of a job that names the environment. */
export const deploySubject = (settings: TrustSettings): string =>
  `${subjectPrefix(settings)}:environment:${settings.environment}`;

/** The subject of pull requests of the repository itself; those of forks get no token at all. */
export const previewSubject = (settings: TrustSettings): string =>
  `${subjectPrefix(settings)}:pull_request`;

/** The subject of jobs on the default branch that name no environment. */
export const planSubject = (settings: TrustSettings): string =>
  `${subjectPrefix(settings)}:ref:${branchRef(settings.githubDefaultBranch)}`;

/** A branch as GitHub's tokens name it. */
export const branchRef = (branch: string): string => `refs/heads/${branch}`;

/** Trust of the deploy role: this repository, in a job of this environment. */
export const deployTrust = (settings: TrustSettings, location: AwsLocation): PolicyDocument =>
  githubTrust(settings, location, deploySubject(settings), true);

/** The subject of a job that rolls back: an environment of its own, because at night nobody is there to approve. */
export const rollbackSubject = (settings: TrustSettings): string =>
  `${subjectPrefix(settings)}:environment:${rollbackEnvironment(settings.environment)}`;

/** Trust of the rollback role: this repository, in a job that rolls this environment back. */
export const rollbackTrust = (settings: TrustSettings, location: AwsLocation): PolicyDocument =>
  githubTrust(settings, location, rollbackSubject(settings), true);

/** Trust of the preview role: this repository's pull requests. */
export const previewTrust = (settings: TrustSettings, location: AwsLocation): PolicyDocument =>
  githubTrust(settings, location, previewSubject(settings));

/** Trust of the plan role: this repository's default branch. */
export const planTrust = (settings: TrustSettings, location: AwsLocation): PolicyDocument =>
  githubTrust(settings, location, planSubject(settings));

function githubTrust(
  settings: TrustSettings,
  location: AwsLocation,
  subject: string,
  ofEnvironment = false,
): PolicyDocument {
  const { githubRepositoryId, githubDefaultBranch } = settings;
  return policy({
    Sid: "GitHubActions",
    Effect: "Allow",
    Principal: { Federated: settings.oidcProviderArn ?? oidcProviderArn(location) },
    Action: ["sts:AssumeRoleWithWebIdentity"],
    Condition: {
      // Never ForAllValues: it is true where the claim is missing.
      StringEquals: {
        [`${GITHUB_ISSUER}:aud`]: AUDIENCE,
        [`${GITHUB_ISSUER}:sub`]: subject,
        // An environment takes the place of the branch in the subject, so the branch is compared besides: what
        // somebody opens in the environment's rules on GitHub stays closed here.
        ...(ofEnvironment && { [`${GITHUB_ISSUER}:ref`]: branchRef(githubDefaultBranch) }),
        ...(githubRepositoryId && { [`${GITHUB_ISSUER}:repository_id`]: githubRepositoryId }),
      },
    },
  });
}
