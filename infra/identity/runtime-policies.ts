/**
 * What the running service may do: the function, the pre-traffic hook and CodeDeploy, each by a role
 * of its own, each policy a pure function of names.
 */
import {
  codeDeployApplicationArn,
  deploymentGroupArn,
  ec2Arn,
  lambdaArn,
  logGroupArn,
  type AwsLocation,
  queueArn,
} from "../arns.ts";
import * as names from "../names.ts";
import type { Scope } from "../names.ts";
import { ownRights } from "../own/rights.ts";
import { allow, ANY, deny, of, type PolicyDocument, policy, type Statement } from "./document.ts";

/** The services that a role of the program may be given to. */
export type TrustedService =
  | "chatbot.amazonaws.com"
  | "codedeploy.amazonaws.com"
  | "lambda.amazonaws.com";

/**
 * Trust of a role that a service takes.
 * With a place, only calls on behalf of that account count; CodeDeploy states the account, Lambda does not.
 */
export const serviceTrust = (service: TrustedService, location?: AwsLocation): PolicyDocument =>
  policy({
    Sid: "Service",
    Effect: "Allow",
    Principal: { Service: service },
    Action: ["sts:AssumeRole"],
    ...(location && { Condition: { StringEquals: { "aws:SourceAccount": location.accountId } } }),
  });

/** The group exists before the function does, so no right to create one is needed. */
const writeLogs = (location: AwsLocation, logGroupName: string): Statement =>
  allow(
    "WriteLogs",
    of("logs", "CreateLogStream", "PutLogEvents"),
    // The colon and star stand for the streams of this group.
    [`${logGroupArn(location, logGroupName)}:*`],
  );

export interface ExecutionRoleOptions {
  /** Whether the function runs in a VPC: then Lambda handles its network interfaces by this role. */
  readonly vpc: boolean;
}

/** The function: its own log streams, traces, its own dead letters. */
export function executionRolePolicy(
  location: AwsLocation,
  scope: Scope,
  { vpc }: ExecutionRoleOptions,
): PolicyDocument {
  return policy(
    writeLogs(location, names.logGroupName(scope)),
    allow("SendTraces", of("xray", "PutTelemetryRecords", "PutTraceSegments"), ANY),
    allow("SendDeadLetters", of("sqs", "SendMessage"), [
      queueArn(location, names.deadLetterQueueName(scope)),
    ]),
    ...(vpc ? networkInterfaces(location, scope) : []),
    ...ownRights(location, scope),
  );
}

const INTERFACE_CREATION = of("ec2", "CreateNetworkInterface");
const INTERFACE_CHANGES = of(
  "ec2",
  "AssignPrivateIpAddresses",
  "DeleteNetworkInterface",
  "UnassignPrivateIpAddresses",
);
const INTERFACE_READS = of("ec2", "DescribeNetworkInterfaces", "DescribeSubnets");

/**
 * Lambda calls these itself, before the function's code runs. The code never needs them, and a call that
 * comes from inside the function carries `lambda:SourceFunctionArn`, so there they are denied.
 */
function networkInterfaces(location: AwsLocation, scope: Scope): readonly Statement[] {
  const interfaces = ec2Arn(location, "network-interface");
  return [
    allow("CreateInterfaces", INTERFACE_CREATION, [
      interfaces,
      ec2Arn(location, "security-group"),
      ec2Arn(location, "subnet"),
    ]),
    allow("ChangeInterfaces", INTERFACE_CHANGES, [interfaces]),
    allow("SeeInterfaces", INTERFACE_READS, ANY),
    deny(
      "NoInterfacesForCode",
      [...INTERFACE_CREATION, ...INTERFACE_CHANGES, ...INTERFACE_READS],
      ANY,
      { ArnEquals: { "lambda:SourceFunctionArn": lambdaArn(location, names.functionName(scope)) } },
    ),
  ];
}

/** The pre-traffic hook: reads which version is to be judged, calls it, reports to CodeDeploy. */
export const hookRolePolicy = (location: AwsLocation, scope: Scope): PolicyDocument =>
  policy(
    writeLogs(location, names.hookLogGroupName(scope)),
    allow("ReadDeployment", of("codedeploy", "GetDeployment"), [
      deploymentGroupArn(location, scope),
    ]),
    // The AppSpec's text, which the deployment names by its hash only.
    allow("ReadRevision", of("codedeploy", "GetApplicationRevision"), [
      codeDeployApplicationArn(location, scope),
    ]),
    // IAM knows no resource for this one.
    allow("ReportVerdict", of("codedeploy", "PutLifecycleEventHookExecutionStatus"), ANY),
    allow("CallVersions", of("lambda", "InvokeFunction"), [
      `${lambdaArn(location, names.functionName(scope))}:*`,
    ]),
  );

/** CodeDeploy: moves this one alias, watches the alarms, calls the hook. */
export function codeDeployRolePolicy(location: AwsLocation, scope: Scope): PolicyDocument {
  const functionArn = lambdaArn(location, names.functionName(scope));
  return policy(
    allow("MoveAlias", of("lambda", "GetAlias", "GetProvisionedConcurrencyConfig", "UpdateAlias"), [
      functionArn,
      `${functionArn}:${names.ALIAS_NAME}`,
    ]),
    allow("CallHook", of("lambda", "InvokeFunction"), [
      lambdaArn(location, names.hookFunctionName(scope)),
    ]),
    // CloudWatch answers for composite alarms only where this is not scoped.
    allow("WatchAlarms", of("cloudwatch", "DescribeAlarms"), ANY),
  );
}
