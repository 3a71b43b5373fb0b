/** The ARNs that the policies of one environment speak of, each group once. */
import * as arns from "../arns.ts";
import type { AwsLocation } from "../arns.ts";
import * as names from "../names.ts";
import type { Scope } from "../names.ts";
import type { Condition } from "./document.ts";

/** Stands for every metric or policy of the scope, for example in `lambda-*-staging`. */
const EVERY = "*";

export type Targets = ReturnType<typeof targets>;

export function targets(location: AwsLocation, scope: Scope) {
  const { partition, region, accountId } = location;
  const functions = [names.functionName(scope), names.hookFunctionName(scope)].map((name) =>
    arns.lambdaArn(location, name),
  );
  const bucket = arns.bucketArn(location, names.artifactsBucketName(scope, accountId));
  const state = arns.bucketArn(location, names.stateBucketName(scope, accountId));
  const logGroupNames = [names.logGroupName(scope), names.hookLogGroupName(scope)];
  const role = (name: string) => arns.roleArn(location, name);
  const runtimeRoles = {
    execution: role(names.executionRoleName(scope)),
    hook: role(names.hookRoleName(scope)),
    codeDeploy: role(names.codeDeployRoleName(scope)),
  };
  return {
    /** The function and the hook. */
    functions,
    /** The function alone. */
    handler: functions.slice(0, 1),
    /** The hook alone. */
    hook: functions.slice(1),
    /** The versions and the alias of the function. */
    versions: functions.slice(0, 1).map((arn) => `${arn}:*`),
    /** What an update puts up first, before it publishes a version: nothing has judged it. */
    unpublished: functions.slice(0, 1).map((arn) => `${arn}:$LATEST`),
    queue: [arns.queueArn(location, names.deadLetterQueueName(scope))],
    /** The log groups, for the calls about their tags. */
    logGroupTags: logGroupNames.map((name) => arns.logGroupArn(location, name)),
    /** The function's own, for every other call. */
    handlerLogGroup: arns.logGroupArns(location, names.logGroupName(scope)),
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
    canaryAlarms: [arns.alarmArn(location, names.metricName(scope, `canary-${EVERY}`))],
    // Dashboards belong to no region.
    dashboards: [
      `arn:${partition}:cloudwatch::${accountId}:dashboard/${names.metricName(scope, EVERY)}`,
    ],
    /** With their subscriptions, which IAM judges on the topic. */
    topics: [arns.topicArn(location, names.metricName(scope, EVERY))],
    application: [arns.codeDeployApplicationArn(location, scope)],
    deploymentGroup: [arns.deploymentGroupArn(location, scope)],
    // The predefined configurations; which of them is in force is the deployment group's business.
    deploymentConfigs: [arns.deploymentConfigArn(location, "CodeDeployDefault.Lambda*")],
    bucket: [bucket],
    artifacts: [`${bucket}/function/*`],
    releaseRecords: [names.RELEASE_RECORDS_KEY, names.REPLAY_RECORD_KEY].map(
      (key) => `${bucket}/${key}`,
    ),
    stateBucket: [state],
    stateObjects: [`${state}/.pulumi/*`],
    runtimeRoles,
    allRuntimeRoles: Object.values(runtimeRoles),
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
