/** The ARNs that the policies of one environment speak of, each group once, for all functions of the service. */
import * as arns from "../arns.ts";
import type { AwsLocation } from "../arns.ts";
import * as names from "../names.ts";
import type { Scope, ServiceScope } from "../names.ts";
import type { Condition } from "./document.ts";

/** Stands for every metric or policy of the scope, for example in `lambda-*-staging`. */
const EVERY = "*";

export type Targets = ReturnType<typeof targets>;

/**
 * The same by patterns that stand for every function of the service, so that a policy is as long for many as for two.
 * The service's own names where it has no other function.
 */
export const targetsByPattern = (location: AwsLocation, scope: ServiceScope): Targets =>
  (scope.functions ?? []).length === 0
    ? targets(location, scope)
    : targets(location, scope, [{ ...scope, functionId: names.ANY_FUNCTION }]);

export function targets(
  location: AwsLocation,
  scope: ServiceScope,
  scopes: readonly Scope[] = names.functionScopes(scope),
) {
  const { partition, region, accountId } = location;
  const lambda = (nameOf: (one: Scope) => string) =>
    scopes.map((one) => arns.lambdaArn(location, nameOf(one)));
  const handlers = lambda(names.functionName);
  const hooks = lambda(names.hookFunctionName);
  // One pattern for a function and its hook: no name of anything else begins like it (infra/functions/faults.ts).
  const pairs = (nameOf: ((one: Scope) => string)[], all: (one: Scope) => string) =>
    scopes.flatMap((one) =>
      one.functionId === undefined || one.functionId === names.ANY_FUNCTION
        ? nameOf.map((name) => name(one))
        : [all(one)],
    );
  const bucket = arns.bucketArn(location, names.artifactsBucketName(scope, accountId));
  const state = arns.bucketArn(location, names.stateBucketName(scope, accountId));
  const handlerLogGroups = scopes.map(names.logGroupName);
  const logGroupNames = pairs(
    [names.logGroupName, names.hookLogGroupName],
    (one) => `/aws/lambda/${names.anyOfFunction(one)}`,
  );
  const role = (name: string) => arns.roleArn(location, name);
  const roles = (nameOf: (one: Scope) => string) => scopes.map((one) => role(nameOf(one)));
  const runtimeRoles = {
    execution: roles(names.executionRoleName),
    hook: roles(names.hookRoleName),
    codeDeploy: roles(names.codeDeployRoleName),
  };
  return {
    /** The functions and the hooks. */
    functions: pairs([names.functionName, names.hookFunctionName], names.anyOfFunction).map(
      (name) => arns.lambdaArn(location, name),
    ),
    /** The functions alone. */
    handler: handlers,
    /** The hooks alone. */
    hook: hooks,
    /** The versions and the alias of each function. */
    versions: handlers.map((arn) => `${arn}:*`),
    /** What an update puts up first, before it publishes a version: nothing has judged it. */
    unpublished: handlers.map((arn) => `${arn}:$LATEST`),
    queue: scopes.map((one) => arns.queueArn(location, names.deadLetterQueueName(one))),
    /** The log groups, for the calls about their tags. */
    logGroupTags: logGroupNames.map((name) => arns.logGroupArn(location, name)),
    /** Those of the functions, for every other call. */
    handlerLogGroup: handlerLogGroups.flatMap((name) => arns.logGroupArns(location, name)),
    /** The log groups, for every other call. */
    logGroups: logGroupNames.flatMap((name) => arns.logGroupArns(location, name)),
    alarms: [arns.alarmArn(location, names.metricName(scope, EVERY))],
    /** CloudWatch judges a look at alarms on all of them at once. */
    anyAlarm: [arns.alarmArn(location, EVERY)],
    /** X-Ray draws the end of a group's ARN. */
    traceGroups: [
      `arn:${partition}:xray:${region}:${accountId}:group/${names.metricName(scope, EVERY)}/*`,
    ],
    /** Those that releases bring for the version that they move to. */
    canaryAlarms: scopes.map((one) =>
      arns.alarmArn(location, names.metricName(one, `canary-${EVERY}`)),
    ),
    // Dashboards belong to no region.
    dashboards: [
      `arn:${partition}:cloudwatch::${accountId}:dashboard/${names.metricName(scope, EVERY)}`,
    ],
    /** With their subscriptions, which IAM judges on the topic. */
    topics: [arns.topicArn(location, names.metricName(scope, EVERY))],
    application: scopes.map((one) => arns.codeDeployApplicationArn(location, one)),
    deploymentGroup: scopes.map((one) => arns.deploymentGroupArn(location, one)),
    // The predefined configurations; which of them is in force is the deployment group's business.
    deploymentConfigs: [arns.deploymentConfigArn(location, "CodeDeployDefault.Lambda*")],
    bucket: [bucket],
    artifacts: [`${bucket}/function/*`],
    releaseRecords: scopes
      .flatMap((one) => [names.releaseRecordsKey(one), names.replayRecordKey(one)])
      .map((key) => `${bucket}/${key}`),
    stateBucket: [state],
    stateObjects: [`${state}/.pulumi/*`],
    runtimeRoles,
    allRuntimeRoles: Object.values(runtimeRoles).flat(),
    /** What CI may read but never write, for then it could give itself anything. */
    identityRoles: [
      names.deployRoleName,
      names.previewRoleName,
      names.planRoleName,
      names.rollbackRoleName,
    ].map((nameOf) => role(nameOf(scope))),
    identityPolicies: [names.boundaryName(scope), names.identityPolicyName(scope, EVERY)].map(
      (name) => arns.policyArn(location, name),
    ),
    provider: [arns.oidcProviderArn(location)],
    boundary: arns.policyArn(location, names.boundaryName(scope)),
    keys: [`arn:${partition}:kms:${region}:${accountId}:key/*`],
  };
}

/**
 * Bucket names are global: were the bucket gone, another account could make one of the same name.
 * With this condition the policies never reach into it.
 */
export const inOwnAccount = ({ accountId }: AwsLocation): Condition => ({
  StringEquals: { "aws:ResourceAccount": accountId },
});

/** Resources with generated ids are told apart by the tags that every resource of the stack has. */
export const taggedAs = (scope: Scope, source: "RequestTag" | "ResourceTag"): Condition => ({
  StringEquals: {
    [`aws:${source}/${names.SERVICE_TAG}`]: scope.serviceName,
    [`aws:${source}/${names.ENVIRONMENT_TAG}`]: scope.environment,
  },
});

/** The stack's own KMS key among the account's; its id is not known beforehand. */
export const ofStack = (scope: Scope): Condition => ({
  "ForAnyValue:StringEquals": { "kms:ResourceAliases": names.stateKeyAlias(scope) },
});

/** The key that encrypts the alarms, by its alias: the ids of keys are drawn. */
export const ofAlarms = (scope: Scope): Condition => ({
  "ForAnyValue:StringEquals": { "kms:ResourceAliases": names.alarmsKeyAlias(scope) },
});
