/** The identity part of the doctor: would GitHub's tokens get the roles of this stack? */
import { GetRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { oidcProviderArn, roleArn } from "../../infra/arns.ts";
import {
  AUDIENCE,
  branchRef,
  GITHUB_ISSUER,
  SESSION_SECONDS,
  subjectPrefix,
} from "../../infra/identity/trust.ts";
import {
  deployRoleName,
  planRoleName,
  previewRoleName,
  rollbackEnvironment,
  rollbackRoleName,
} from "../../infra/names.ts";
import { gh, type Gh, GhFailure, ghIsReady } from "../github/gh.ts";
import { readRepository } from "../github/repository.ts";
import { readVariable } from "../github/variables.ts";
import { findProvider } from "../bootstrap/provider.ts";
import { unlessAbsent } from "../bootstrap/steps.ts";
import type { Check, DoctorContext, Finding } from "./check.ts";
import { judgeTrust, type Token, type TrustDocument } from "./identity-trust.ts";

/** What the check asks; tests bring their own. */
export interface IdentityTools {
  readonly iam: IAMClient;
  readonly gh: Gh;
}

export const identityCheck: Check = {
  name: "identity",
  run: (context) =>
    checkIdentity(context, { iam: new IAMClient({ region: context.settings.region }), gh }),
};

/** Everything that is wrong between GitHub, the provider and the roles. */
export async function checkIdentity(
  context: DoctorContext,
  { iam, gh }: IdentityTools,
): Promise<readonly Finding[]> {
  const { settings, location } = context;
  const github = await askGitHub(context, gh);
  const provider = await findProvider(iam, location);
  const providerArn = settings.oidcProviderArn ?? oidcProviderArn(location);
  const findings: Finding[] = [...github.findings];
  if (!provider) {
    findings.push({
      severity: "error",
      problem: `the account has no OIDC provider for ${GITHUB_ISSUER}, so no token of GitHub's is accepted`,
      remedy: RENEW,
    });
  } else if (!provider.ClientIDList?.includes(AUDIENCE)) {
    findings.push({
      severity: "error",
      problem: `the OIDC provider takes ${provider.ClientIDList?.join(", ") || "no audience"}, and the workflows ask for ${AUDIENCE}`,
      remedy: `aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn ${providerArn} --client-id ${AUDIENCE}`,
    });
  }
  const subjects = [
    [deployRoleName(settings), `environment:${settings.environment}`],
    [rollbackRoleName(settings), `environment:${rollbackEnvironment(settings.environment)}`],
    [previewRoleName(settings), "pull_request"],
    [planRoleName(settings), `ref:refs/heads/${github.defaultBranch}`],
  ] as const;
  for (const [role, suffix] of subjects) {
    const token: Token = {
      aud: AUDIENCE,
      sub: `${github.subjectPrefix}:${suffix}`,
      repository_id: github.repositoryId,
      ref: branchRef(github.defaultBranch),
    };
    findings.push(...(await checkRole(iam, role, token, providerArn)));
  }
  return findings;
}

const RENEW = "as an administrator, run: npm run bootstrap";

async function checkRole(
  iam: IAMClient,
  name: string,
  token: Token,
  providerArn: string,
): Promise<readonly Finding[]> {
  const found = await unlessAbsent(
    iam.send(new GetRoleCommand({ RoleName: name })),
    "NoSuchEntityException",
    "NoSuchEntity",
  );
  const { AssumeRolePolicyDocument, MaxSessionDuration = SESSION_SECONDS } = found?.Role ?? {};
  if (AssumeRolePolicyDocument === undefined) {
    return [{ severity: "error", problem: `the account has no role ${name}`, remedy: RENEW }];
  }
  // IAM hands documents over URL-encoded.
  const trust = JSON.parse(decodeURIComponent(AssumeRolePolicyDocument)) as TrustDocument;
  const findings = [...judgeTrust(name, trust, token, providerArn)];
  if (MaxSessionDuration > SESSION_SECONDS) {
    findings.push({
      severity: "warning",
      problem: `${name} gives sessions of up to ${MaxSessionDuration} s, and ${SESSION_SECONDS} s are enough`,
      remedy: RENEW,
    });
  }
  return findings;
}

interface GitHubAnswer {
  /** What GitHub's tokens really begin with; what is configured where GitHub cannot be asked. */
  readonly subjectPrefix: string;
  readonly repositoryId: string | undefined;
  readonly defaultBranch: string;
  readonly findings: readonly Finding[];
}

async function askGitHub({ settings, location }: DoctorContext, run: Gh): Promise<GitHubAnswer> {
  const { githubRepository, environment } = settings;
  if (!(await ghIsReady(run))) {
    return {
      subjectPrefix: subjectPrefix(settings),
      repositoryId: settings.githubRepositoryId,
      defaultBranch: settings.githubDefaultBranch,
      findings: [
        {
          severity: "warning",
          problem:
            "gh is not signed in, so what GitHub sends was taken from the stack's config instead of being asked",
          remedy: "gh auth login",
        },
      ],
    };
  }
  const repository = await readRepository(githubRepository, run);
  const { fullName } = repository;
  const findings = [
    ...(await checkEnvironment(fullName, environment, run)),
    ...(await checkRoleVariable(
      fullName,
      environment,
      roleArn(location, deployRoleName(settings)),
      run,
    )),
  ];
  return {
    subjectPrefix: repository.subjectPrefix ?? `repo:${fullName}`,
    repositoryId: repository.id,
    defaultBranch: repository.defaultBranch ?? settings.githubDefaultBranch,
    findings,
  };
}

/** A job that names an environment which is not there makes it, without any rule. */
async function checkEnvironment(
  repository: string,
  environment: string,
  run: Gh,
): Promise<readonly Finding[]> {
  const answer = await orUndefined(run(["api", `repos/${repository}/environments`]));
  if (answer === undefined) return [];
  const { environments = [] } = JSON.parse(answer) as { environments?: { name: string }[] };
  const names = environments.map(({ name }) => name);
  if (names.includes(environment)) return [];
  const alike = names.find((name) => name.toLowerCase() === environment.toLowerCase());
  return [
    {
      severity: "error",
      problem: alike
        ? `the environment is called ${alike} on GitHub and ${environment} here; a token's subject has GitHub's spelling, and IAM compares upper and lower case`
        : `${repository} has no environment ${environment}`,
      remedy: alike ? `delete it on GitHub and run: npm run bootstrap` : RENEW,
    },
  ];
}

async function checkRoleVariable(
  repository: string,
  environment: string,
  arn: string,
  run: Gh,
): Promise<readonly Finding[]> {
  const variable = { name: "AWS_ROLE_ARN", environment };
  const value = await orUndefined(readVariable(repository, variable, run).then((it) => it ?? ""));
  if (value === undefined || value === arn) return [];
  return [
    {
      severity: "error",
      problem: `the variable AWS_ROLE_ARN of environment ${environment} is ${value || "not set"}, and the role is ${arn}`,
      remedy: `gh variable set AWS_ROLE_ARN --repo ${repository} --env ${environment} --body ${arn}`,
    },
  ];
}

/** GitHub refuses some questions to those who may not administer the repository. */
export const orUndefined = <T>(answer: Promise<T>): Promise<T | undefined> =>
  answer.catch((error: unknown) => {
    if (error instanceof GhFailure) return undefined;
    throw error;
  });
