/** The ARNs that the policies of one environment speak of, each group once. */
import * as arns from "../arns.ts";
import type { Place } from "../arns.ts";
import * as names from "../names.ts";
import type { Scope } from "../names.ts";
import type { Condition } from "./document.ts";

/** Stands for every metric or policy of the scope, for example in `lambda-*-staging`. */
const EVERY = "*";

export type Targets = ReturnType<typeof targets>;

export function targets(place: Place, scope: Scope) {
  const { partition, region, accountId } = place;
  const functions = [names.functionName(scope), names.hookFunctionName(scope)].map((name) =>
    arns.lambdaArn(place, name),
  );
  const bucket = arns.bucketArn(place, names.artifactsBucketName(scope, accountId));
  const state = arns.bucketArn(place, names.stateBucketName(scope, accountId));
  const role = (name: string) => arns.roleArn(place, name);
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
    queue: [arns.queueArn(place, names.deadLetterQueueName(scope))],
    logGroups: [names.logGroupName(scope), names.hookLogGroupName(scope)].map((name) =>
      arns.logGroupArn(place, name),
    ),
    alarms: [arns.alarmArn(place, names.metricName(scope, EVERY))],
    // Dashboards belong to no region.
    dashboards: [
      `arn:${partition}:cloudwatch::${accountId}:dashboard/${names.metricName(scope, EVERY)}`,
    ],
    topics: [arns.topicArn(place, names.metricName(scope, EVERY))],
    application: [arns.codeDeployApplicationArn(place, scope)],
    deploymentGroup: [arns.deploymentGroupArn(place, scope)],
    // The predefined configurations; which of them is in force is the deployment group's business.
    deploymentConfigs: [arns.deploymentConfigArn(place, "CodeDeployDefault.Lambda*")],
    bucket: [bucket],
    artifacts: [`${bucket}/function/*`],
    releaseMarks: [`${bucket}/${names.RELEASE_MARKS_KEY}`],
    stateBucket: [state],
    stateObjects: [`${state}/.pulumi/*`],
    runtimeRoles,
    allRuntimeRoles: Object.values(runtimeRoles),
    /** What CI may read but never write, for then it could give itself anything. */
    identityRoles: [names.deployRoleName, names.previewRoleName, names.planRoleName].map((nameOf) =>
      role(nameOf(scope)),
    ),
    identityPolicies: [names.boundaryName(scope), names.identityPolicyName(scope, EVERY)].map(
      (name) => arns.policyArn(place, name),
    ),
    provider: [arns.oidcProviderArn(place)],
    boundary: arns.policyArn(place, names.boundaryName(scope)),
    keys: [`arn:${partition}:kms:${region}:${accountId}:key/*`],
  };
}

/**
 * Bucket names are global: were the bucket gone, another account could make one of the same name.
 * With this condition the policies never reach into it.
 */
export const inOwnAccount = ({ accountId }: Place): Condition => ({
  StringEquals: { "aws:ResourceAccount": accountId },
});

/** The stack's own KMS key among the account's; its id is not known beforehand. */
export const ofStack = (scope: Scope): Condition => ({
  "ForAnyValue:StringEquals": { "kms:ResourceAliases": names.stateKeyAlias(scope) },
});
