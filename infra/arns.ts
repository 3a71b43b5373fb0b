/** ARNs of the service's resources, as pure functions of where and what, so that policies are plain data. */
import * as names from "./names.ts";
import type { Scope } from "./names.ts";

/** Where a stack lives. */
export interface Place {
  /** `aws`, or for example `aws-cn`. */
  readonly partition: string;
  readonly region: string;
  /** Twelve digits. */
  readonly accountId: string;
}

const regional = ({ partition, region, accountId }: Place, service: string, resource: string) =>
  `arn:${partition}:${service}:${region}:${accountId}:${resource}`;

const iam = ({ partition, accountId }: Place, resource: string) =>
  `arn:${partition}:iam::${accountId}:${resource}`;

export const lambdaArn = (place: Place, functionName: string): string =>
  regional(place, "lambda", `function:${functionName}`);

export const queueArn = (place: Place, queueName: string): string =>
  regional(place, "sqs", queueName);

/** Without the trailing `:*` that stands for the streams of the group. */
export const logGroupArn = (place: Place, logGroupName: string): string =>
  regional(place, "logs", `log-group:${logGroupName}`);

export const alarmArn = (place: Place, alarmName: string): string =>
  regional(place, "cloudwatch", `alarm:${alarmName}`);

export const topicArn = (place: Place, topicName: string): string =>
  regional(place, "sns", topicName);

/** Everything of one type, for example `subnet`: the ids are generated. */
export const ec2Arn = (place: Place, type: string): string => regional(place, "ec2", `${type}/*`);

export const bucketArn = ({ partition }: Place, bucketName: string): string =>
  `arn:${partition}:s3:::${bucketName}`;

export const roleArn = (place: Place, roleName: string): string => iam(place, `role/${roleName}`);

export const policyArn = (place: Place, policyName: string): string =>
  iam(place, `policy/${policyName}`);

export const oidcProviderArn = (place: Place): string =>
  iam(place, "oidc-provider/token.actions.githubusercontent.com");

export const codeDeployApplicationArn = (place: Place, scope: Scope): string =>
  regional(place, "codedeploy", `application:${names.codeDeployApplicationName(scope)}`);

export const deploymentGroupArn = (place: Place, scope: Scope): string =>
  regional(
    place,
    "codedeploy",
    `deploymentgroup:${names.codeDeployApplicationName(scope)}/${names.deploymentGroupName(scope)}`,
  );

export const deploymentConfigArn = (place: Place, configName: string): string =>
  regional(place, "codedeploy", `deploymentconfig:${configName}`);
