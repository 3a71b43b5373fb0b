/** ARNs of the service's resources, as pure functions of where and what, so that policies are plain data. */
import * as names from "./names.ts";
import type { Scope } from "./names.ts";

/** Where a stack lives. */
export interface AwsLocation {
  /** `aws`, or for example `aws-cn`. */
  readonly partition: string;
  readonly region: string;
  /** Twelve digits. */
  readonly accountId: string;
}

/** Host of the console, by partition (AWS's service endpoints and quotas, "AWS Management Console"). */
const CONSOLE_HOSTS: Readonly<Record<string, string>> = {
  "aws-cn": "console.amazonaws.cn",
  "aws-us-gov": "console.amazonaws-us-gov.com",
  "aws-eusc": "console.amazonaws-eusc.eu",
};

/** Without the region that leads it. */
export const consoleHost = ({ partition }: AwsLocation): string =>
  CONSOLE_HOSTS[partition] ?? "console.aws.amazon.com";

/** What the names of a partition's hosts and of some services end with (the SDK's partition data, `dnsSuffix`). */
const DNS_SUFFIXES: Readonly<Record<string, string>> = {
  "aws-cn": "amazonaws.com.cn",
  "aws-eusc": "amazonaws.eu",
};

/** A service of the region by its host, for example `sqs.eu-central-1.amazonaws.com`, as KMS and Logs call it. */
export const serviceHost = ({ partition, region }: AwsLocation, service: string): string =>
  `${service}.${region}.${DNS_SUFFIXES[partition] ?? "amazonaws.com"}`;

const regional = (
  { partition, region, accountId }: AwsLocation,
  service: string,
  resource: string,
) => `arn:${partition}:${service}:${region}:${accountId}:${resource}`;

/** Anything of IAM, for example `role/aws-service-role/…`. */
export const iamArn = ({ partition, accountId }: AwsLocation, resource: string) =>
  `arn:${partition}:iam::${accountId}:${resource}`;

export const lambdaArn = (location: AwsLocation, functionName: string): string =>
  regional(location, "lambda", `function:${functionName}`);

/** Every scalable target of Application Auto Scaling: the ids are drawn. */
export const scalableTargetArn = (location: AwsLocation): string =>
  regional(location, "application-autoscaling", "scalable-target/*");

/**
 * Every scaling policy of a resource of Application Auto Scaling, for example `lambda/function:orders:live`, as its
 * alarms name it; the id is drawn.
 */
export const scalingPolicyArns = (location: AwsLocation, resource: string): string =>
  regional(location, "autoscaling", `scalingPolicy:*:resource/${resource}:policyName/*`);

export const queueArn = (location: AwsLocation, queueName: string): string =>
  regional(location, "sqs", queueName);

export const tableArn = (location: AwsLocation, tableName: string): string =>
  regional(location, "dynamodb", `table/${tableName}`);

export const eventBusArn = (location: AwsLocation, busName: string): string =>
  regional(location, "events", `event-bus/${busName}`);

/** Without the trailing `:*`: so the calls about tags name a group, and so do some messages of denial. */
export const logGroupArn = (location: AwsLocation, logGroupName: string): string =>
  regional(location, "logs", `log-group:${logGroupName}`);

/**
 * A log group in both forms by which AWS compares its calls: CloudWatch Logs documents the end `:*` for all but
 * the calls about tags, and some of its messages of denial show the ARN without it.
 */
export const logGroupArns = (location: AwsLocation, logGroupName: string): readonly string[] => {
  const bare = logGroupArn(location, logGroupName);
  return [bare, `${bare}:*`];
};

/** A secret of this name: Secrets Manager ends its ARN with a hyphen and six characters, which it draws. */
export const secretArn = (location: AwsLocation, name: string): string =>
  regional(location, "secretsmanager", `secret:${name}-??????`);

/** A parameter of Parameter Store, whose name begins with `/`. */
export const parameterArn = (location: AwsLocation, name: string): string =>
  regional(location, "ssm", `parameter${name}`);

export const alarmArn = (location: AwsLocation, alarmName: string): string =>
  regional(location, "cloudwatch", `alarm:${alarmName}`);

export const topicArn = (location: AwsLocation, topicName: string): string =>
  regional(location, "sns", topicName);

/** Everything of one type, for example `subnet`: the ids are generated. */
export const ec2Arn = (location: AwsLocation, type: string): string =>
  regional(location, "ec2", `${type}/*`);

/** The same, whichever account of the partition owns it: the subnets of a shared VPC belong to another. */
export const anyEc2Arn = ({ partition, region }: AwsLocation, type: string): string =>
  `arn:${partition}:ec2:${region}:*:${type}/*`;

export const bucketArn = ({ partition }: AwsLocation, bucketName: string): string =>
  `arn:${partition}:s3:::${bucketName}`;

export const roleArn = (location: AwsLocation, roleName: string): string =>
  iamArn(location, `role/${roleName}`);

export const policyArn = (location: AwsLocation, policyName: string): string =>
  iamArn(location, `policy/${policyName}`);

export const oidcProviderArn = (location: AwsLocation): string =>
  iamArn(location, "oidc-provider/token.actions.githubusercontent.com");

export const codeDeployApplicationArn = (location: AwsLocation, scope: Scope): string =>
  regional(location, "codedeploy", `application:${names.codeDeployApplicationName(scope)}`);

export const deploymentGroupArn = (location: AwsLocation, scope: Scope): string =>
  regional(
    location,
    "codedeploy",
    `deploymentgroup:${names.codeDeployApplicationName(scope)}/${names.deploymentGroupName(scope)}`,
  );

export const deploymentConfigArn = (location: AwsLocation, configName: string): string =>
  regional(location, "codedeploy", `deploymentconfig:${configName}`);
