/**
 * Every physical name of the service, one pure function each.
 *
 * `{service}` is the config key `serviceName`, `{environment}` the stack's name. Names are fixed,
 * not generated, because policies, commands and runbooks must be able to state them beforehand.
 */

/** What a name is made of: one service in one environment. */
export interface Scope {
  /** Config key `serviceName`, for example `lambda`. */
  readonly serviceName: string;
  /** The stack's name, for example `staging`. */
  readonly environment: string;
  /** One of the functions of infra/own/functions.ts. Absent: the service's own function. */
  readonly functionId?: string | undefined;
}

/** A service with all its functions. */
export interface ServiceScope extends Scope {
  /** Those beside its own. Default none. */
  readonly functions?: readonly { readonly name: string }[];
}

/** Every function of a service, its own first, each as the scope that its names are made of. */
export const functionScopes = ({
  serviceName,
  environment,
  functions = [],
}: ServiceScope): readonly Scope[] => [
  { serviceName, environment },
  ...functions.map(({ name }) => ({ serviceName, environment, functionId: name })),
];

/** What leads the names of one function, for example `lambda`, or `lambda-reports` for the function `reports`. */
export const functionPrefix = ({ serviceName, functionId }: Scope): string =>
  functionId === undefined ? serviceName : `${serviceName}-${functionId}`;

/** Tags that every resource of a stack carries, by which policies and commands know its own. */
export const SERVICE_TAG = "service";
export const ENVIRONMENT_TAG = "environment";

/** The alias that everything calls. Only a release moves it. */
export const ALIAS_NAME = "live";

/** What the functions of a service share. */
const scoped =
  (thing: string) =>
  ({ serviceName, environment }: Scope): string =>
    `${serviceName}-${thing}-${environment}`;

/** What each function has for itself. */
const ofFunction =
  (thing: string) =>
  ({ serviceName, environment, functionId }: Scope): string => {
    const owner =
      functionId === undefined ? "" : functionId === ANY_FUNCTION ? ANY_FUNCTION : `${functionId}-`;
    return `${serviceName}-${owner}${thing}-${environment}`;
  };

/** As a `functionId` it stands in patterns for every function of a service, its own included: `lambda-*hook-staging`. */
export const ANY_FUNCTION = "*";

/** Everything that a function beside the service's own has, as a pattern: `lambda-reports-*-staging`. */
export const anyOfFunction = ofFunction("*");

// IAM compares names without case, so only the first letter is raised: `my-svc` and `mysvc` stay apart.
const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export const functionName = ofFunction("function");
export const hookFunctionName = ofFunction("hook");
export const deadLetterQueueName = ofFunction("dlq");
export const executionRoleName = ofFunction("execution");
export const hookRoleName = ofFunction("hook");
export const codeDeployRoleName = ofFunction("codedeploy");
export const codeDeployApplicationName = ofFunction("release");
export const deploymentGroupName = ofFunction("release");
export const boundaryName = scoped("boundary");

/**
 * The managed policies, each within IAM's 6,144 characters. `view` reads everything of the environment but
 * secrets; the deploy role has all but `operator`, the preview role has `view`, people get `view`, `release`
 * and `operator`. `own` and `own-view` are a team's own of the same kinds,
 * `options-view` reads what the options of the template made, `growth` changes what database and fronts made (the
 * other options' rights are inside the deploy role); each exists only with rights in it.
 */
export const IDENTITY_POLICIES = [
  "view",
  "service",
  "storage",
  "roles",
  "network",
  "release",
  "own",
  "own-view",
  "options-view",
  "growth",
  "operator",
] as const;
export type IdentityPolicy = (typeof IDENTITY_POLICIES)[number];

/** For example `lambda-service-policy-staging`. */
export const identityPolicyName = (scope: Scope, part: IdentityPolicy | "*"): string =>
  scoped(`${part}-policy`)(scope);

/** Pulumi's state, where it is kept in S3; one bucket an environment keeps them apart. */
export const stateBucketName = (scope: Scope, accountId: string): string =>
  `${scoped("state")(scope)}-${accountId}`;

/** The KMS alias of the key that encrypts the stack's secrets, where the state is kept in S3. */
export const stateKeyAlias = (scope: Scope): string => `alias/${scoped("state")(scope)}`;

/** Lambda's own convention; a log group with any other name would need its own setting. */
export const logGroupName = (scope: Scope): string => `/aws/lambda/${functionName(scope)}`;
export const hookLogGroupName = (scope: Scope): string => `/aws/lambda/${hookFunctionName(scope)}`;

/** Who connected to whom in the service's own VPC. */
export const flowLogGroupName = (scope: Scope): string => `/aws/vpc/${scoped("network")(scope)}`;
export const flowLogsRoleName = scoped("flowlogs");

/** Bucket names are global, so the account is part of this one. */
export const artifactsBucketName = (scope: Scope, accountId: string): string =>
  `${scoped("artifacts")(scope)}-${accountId}`;

/** The role that GitHub Actions takes to deploy, for example `GitHubActions-Lambda-Staging`. */
export const deployRoleName = ({ serviceName, environment }: Scope): string =>
  `GitHubActions-${capitalised(serviceName)}-${capitalised(environment)}`;

/** The read-only role of pull requests, for example `GitHubActions-Lambda-Staging-Preview`. */
export const previewRoleName = (scope: Scope): string => `${deployRoleName(scope)}-Preview`;

/** The read-only role of the default branch, which may open the stack's secrets to plan with them. */
export const planRoleName = (scope: Scope): string => `${deployRoleName(scope)}-Plan`;

/** The role of jobs that roll back and do nothing else, for example `GitHubActions-Lambda-Staging-Rollback`. */
export const rollbackRoleName = (scope: Scope): string => `${deployRoleName(scope)}-Rollback`;

/** Anything of a team's own, for example `lambda-orders-staging`. Rights are bounded by names of this form. */
export const ownName = (scope: Scope, thing: string): string => scoped(thing)(scope);

/** The service's table, with `database: dynamodb`. */
export const tableName = scoped("table");

/** Alarms and dashboards, for example `lambda-errors-staging`. */
export const metricName = (scope: Scope, metric: string): string => ofFunction(metric)(scope);

/** The API in front of the function, for example `lambda-api-staging`; CloudWatch counts REST APIs by this name. */
export const apiName = scoped("api");

/** The stage of a REST API, as the alias is named; an HTTP API's is `$default`, which no path begins with. */
export const REST_STAGE_NAME = ALIAS_NAME;
export const HTTP_STAGE_NAME = "$default";

/**
 * The API's access logs. HTTP APIs deliver by vended logs, whose groups begin so (CloudWatch Logs guide, "Enable
 * logging from AWS services"): any other name takes up room in the one policy that all deliveries of a region share.
 */
export const apiLogGroupName = (scope: Scope): string =>
  `/aws/vendedlogs/apigateway/${apiName(scope)}`;

export const dashboardName = ofFunction("overview");

/** The topic that alarms of one severity are published to, for example `lambda-p1-staging`. */
export const topicName = (scope: Scope, severity: string): string =>
  scoped(severity.toLowerCase())(scope);

/** The KMS alias of the key that encrypts the topics. */
export const alarmsKeyAlias = (scope: Scope): string => `alias/${scoped("alarms")(scope)}`;

/** The KMS alias of the key that the service makes for its data. */
export const dataKeyAlias = (scope: Scope): string => `alias/${scoped("data")(scope)}`;

/** The role of AWS's chat service, and its configuration for one Slack channel. */
export const slackRoleName = scoped("slack");
export const slackConfigurationName = (scope: Scope, channel: string): string =>
  scoped(`slack-${channel}`)(scope);

/** Where the handler's zip lies in the artifacts bucket: its content is its name. */
export const artifactKey = (sha256Hex: string): string => `function/${sha256Hex}.zip`;

/** The GitHub environment of jobs that roll back; it asks for nobody's approval. */
export const rollbackEnvironment = (environment: string): string => `${environment}-rollback`;

const releaseObject =
  (name: string) =>
  ({ functionId }: Pick<Scope, "functionId">): string =>
    functionId === undefined ? `releases/${name}` : `releases/${functionId}/${name}`;

/** Where releases of a function remember which versions are good and bad; nothing prunes it. */
export const releaseRecordsKey = releaseObject("records.json");

/** Where a replay says that it is under way, for a release of the function to see. */
export const replayRecordKey = releaseObject("replay.json");

/** The source map lies beside the zip; it is never part of it. */
export const sourceMapKey = (sha256Hex: string): string => `function/${sha256Hex}.map.json`;

/** Longest names that AWS takes; each derived name that could grow past one is listed by `longNames`. */
const LIMITS = { lambda: 64, iamRole: 64, bucket: 63, queue: 80 } as const;

/** The derived names that are too long for AWS, each as one readable clause; empty when all fit. */
export function longNames(scope: ServiceScope): string[] {
  const candidates: [kind: string, name: string, limit: number][] = [
    ...functionScopes(scope).flatMap((one): [string, string, number][] => [
      ["function", functionName(one), LIMITS.lambda],
      ["dead-letter queue", deadLetterQueueName(one), LIMITS.queue],
      ["execution role", executionRoleName(one), LIMITS.iamRole],
      ["CodeDeploy role", codeDeployRoleName(one), LIMITS.iamRole],
    ]),
    ["artifacts bucket", artifactsBucketName(scope, "0".repeat(12)), LIMITS.bucket],
    ["rollback role", rollbackRoleName(scope), LIMITS.iamRole],
  ];
  return candidates
    .filter(([, name, limit]) => name.length > limit)
    .map(
      ([kind, name, limit]) => `${kind} ${name} has ${name.length} of at most ${limit} characters`,
    );
}

/** How what watches a function is called in the program: that of the service's own function has plain names. */
export const functionPart = ({ functionId }: Pick<Scope, "functionId">, part: string): string =>
  functionId === undefined ? part : `${functionId}-${part}`;

/**
 * How a component names its parts in the program. Pulumi tells resources apart by type and name and not by whose part
 * they are, so those of a second function carry its name; those of the first have had plain ones from the beginning.
 */
export const partNames =
  (component: string, first: string) =>
  (part: string): string =>
    component === first ? part : `${component}-${part}`;
