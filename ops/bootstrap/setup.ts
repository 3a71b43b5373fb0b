/** Finds out everything that the steps need to know, and changes nothing. */
import { GetCallerIdentityCommand, type STSClient } from "@aws-sdk/client-sts";
import { isCancel, text } from "@clack/prompts";
import { type AwsLocation, roleArn } from "../../infra/arns.ts";
import {
  deployRoleName,
  planRoleName,
  previewRoleName,
  rollbackEnvironment,
  rollbackRoleName,
  type Scope,
} from "../../infra/names.ts";
import { GITHUB_SUBJECT_PREFIX } from "../../infra/settings/forms.ts";
import { PLACEHOLDER_REPOSITORY } from "../../infra/settings/parse.ts";
import { needsLoggingRole, readLoggingRole } from "../identity/logging-role.ts";
import { readStackConfig, type StackConfig } from "../support/stack-config.ts";
import { Refused } from "../support/refused.ts";
import type { Gh } from "../github/gh.ts";
import { readRepository, type Repository } from "../github/repository.ts";
import type { Variable } from "../github/variables.ts";
import type { AwsClients } from "./clients.ts";
import type { BootstrapOptions } from "./options.ts";
import { decideProvider, findProvider } from "./provider.ts";
import type { ConfigChange } from "./stack-file.ts";
import { backendUrl, secretsProvider } from "./state-backend.ts";

export interface Setup {
  /** The project's name, which is the namespace of its config keys. */
  readonly project: string;
  readonly location: AwsLocation;
  readonly scope: Scope;
  readonly repository: Repository;
  /** Undefined with Pulumi Cloud: whatever the CLI is signed in to. */
  readonly backendUrl: string | undefined;
  readonly secretsProvider: string | undefined;
  /** What the stack's file is to say. */
  readonly change: ConfigChange;
  /** What GitHub is to know. */
  readonly variables: readonly Variable[];
  /** What was found, in words. */
  readonly facts: readonly string[];
  readonly clients: AwsClients;
  /** Whether the stack's API logs by the account's role for it. */
  readonly needsLoggingRole: boolean;
}

/** Asks AWS, GitHub and the stack's files. `run` is absent where gh is not there. Throws `Refused`. */
export async function prepare(
  root: string,
  options: BootstrapOptions,
  clientsOf: (region: string) => AwsClients,
  run: Gh | undefined,
): Promise<Setup> {
  const config = readStackConfig(root, options.stack);
  const own = (key: string) => config.values[`${config.project}:${key}`] ?? "";
  const scope: Scope = { serviceName: own("serviceName"), environment: options.stack };
  const region = options.region ?? config.values["aws:region"];
  if (!region) throw new Refused("no AWS region", "add --region");

  const clients = clientsOf(region);
  const { location, caller } = await whoAmI(clients.sts, region);
  const repository = await findRepository(options, config, run);
  const provider = await findProvider(clients.iam, location);
  const decision = decideProvider(provider, location, scope);
  const inS3 = options.backend === "s3";
  const url = inS3 ? backendUrl(location, scope) : undefined;
  const { subjectPrefix, id, defaultBranch } = repository;
  const needsRole = needsLoggingRole({
    api: own("api") === "rest" ? "rest" : "none",
    apiAccessLogs: own("apiAccessLogs") !== "false",
  });
  const loggingRole = needsRole ? await readLoggingRole(clients.apiGateway) : undefined;
  return {
    project: config.project,
    location,
    scope,
    repository,
    backendUrl: url,
    secretsProvider: inS3 ? secretsProvider(location, scope) : undefined,
    change: {
      ...(options.region !== undefined && { "aws:region": options.region }),
      githubRepository: repository.fullName,
      githubSubjectPrefix: subjectPrefix,
      githubRepositoryId: id ?? (own("githubRepositoryId") || undefined),
      // The default of the config key needs no line in the stack's file.
      ...(defaultBranch !== undefined && {
        githubDefaultBranch: defaultBranch === "main" ? undefined : defaultBranch,
      }),
      // What somebody has adopted on purpose stays adopted.
      oidcProviderArn: decision.adopt ?? ((provider && own("oidcProviderArn")) || undefined),
    },
    variables: variablesOf(location, scope, url),
    facts: [
      `account     ${location.accountId}, as ${caller}`,
      `region      ${region}`,
      `stack       ${options.stack} of ${scope.serviceName}`,
      `repository  ${repository.fullName}${id ? `, number ${id}` : ""}`,
      `subject     ${subjectPrefix ?? `repo:${repository.fullName}`}:environment:${options.stack}`,
      `provider    ${decision.why}`,
      `state       ${url ?? "where pulumi is signed in to"}`,
      ...(loggingRole === undefined
        ? []
        : [`API logs    by ${loggingRole}, which is the account's and stays as it is`]),
      ...(repository.defaultBranch === undefined
        ? []
        : [`branch      ${repository.defaultBranch} is what the workflows deploy`]),
    ],
    clients,
    needsLoggingRole: needsRole,
  };
}

async function whoAmI(
  sts: STSClient,
  region: string,
): Promise<{ location: AwsLocation; caller: string }> {
  const { Account, Arn } = await sts.send(new GetCallerIdentityCommand({}));
  if (Account === undefined || Arn === undefined) throw new Error("STS did not say who calls");
  const [, partition = "aws"] = Arn.split(":");
  return { location: { partition, region, accountId: Account }, caller: Arn };
}

async function findRepository(
  { repository, subject }: BootstrapOptions,
  { project, values }: StackConfig,
  run: Gh | undefined,
): Promise<Repository> {
  const configured = values[`${project}:githubRepository`];
  const fullName = repository ?? (configured === PLACEHOLDER_REPOSITORY ? undefined : configured);
  if (!fullName) throw new Refused("no repository", "add --repository owner/name");
  if (run) return readRepository(fullName, run);
  const form = subject ?? (await askSubject(fullName));
  return {
    fullName,
    id: undefined,
    subjectPrefix: form === "classic" ? undefined : form,
    defaultBranch: undefined,
    isPublic: undefined,
  };
}

/** GitHub changed the form in July 2026, and nobody but GitHub knows which one a repository has. */
async function askSubject(repository: string): Promise<string> {
  const known =
    "repositories made, renamed or moved since 15 July 2026 have ids in it, older ones have not";
  if (!process.stdin.isTTY) {
    throw new Refused(
      `the form of GitHub's token subject is not known without gh (${known})`,
      "sign in with: gh auth login, or add --subject classic, or --subject repo:owner@id/name@id",
    );
  }
  const answer = await text({
    message: `What does the subject of ${repository}'s tokens begin with? (${known})`,
    placeholder: "classic",
    defaultValue: "classic",
    validate: (value) =>
      !value || value === "classic" || GITHUB_SUBJECT_PREFIX.test(value)
        ? undefined
        : "classic, or a prefix such as repo:acme@1/orders@2",
    output: process.stderr,
  });
  if (isCancel(answer)) throw new Refused("not answered", "nothing was changed");
  return answer;
}

/**
 * What the workflows read: per environment for deployments and rollbacks, per repository for plans, which name none.
 * With Pulumi Cloud, which has no `backendUrl`, pull requests get no role: they could not read the state, because a
 * token for that could delete it too. Their plan is the one without an account.
 */
export function variablesOf(
  location: AwsLocation,
  scope: Scope,
  backendUrl: string | undefined,
): readonly Variable[] {
  const { environment } = scope;
  const rollback = rollbackEnvironment(environment);
  const suffix = environment.toUpperCase().replaceAll("-", "_");
  const both = (name: string, value: string): readonly Variable[] => [
    { name, value, environment },
    { name: `${name}_${suffix}`, value },
  ];
  return [
    { name: "AWS_ROLE_ARN", value: roleArn(location, deployRoleName(scope)), environment },
    { name: `AWS_PLAN_ROLE_ARN_${suffix}`, value: roleArn(location, planRoleName(scope)) },
    ...(backendUrl === undefined
      ? []
      : [
          {
            name: `AWS_PREVIEW_ROLE_ARN_${suffix}`,
            value: roleArn(location, previewRoleName(scope)),
          },
        ]),
    {
      name: "AWS_ROLE_ARN",
      value: roleArn(location, rollbackRoleName(scope)),
      environment: rollback,
    },
    { name: "AWS_REGION", value: location.region, environment: rollback },
    { name: "AWS_ACCOUNT_ID", value: location.accountId, environment: rollback },
    ...both("AWS_REGION", location.region),
    ...both("AWS_ACCOUNT_ID", location.accountId),
    ...(backendUrl === undefined ? [] : both("PULUMI_BACKEND_URL", backendUrl)),
  ];
}
