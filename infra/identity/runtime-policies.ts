/**
 * What the running service may do: the function, the pre-traffic hook and CodeDeploy, each by a role
 * of its own, each policy a pure function of names.
 */
import {
  alarmArn,
  codeDeployApplicationArn,
  deploymentGroupArn,
  ec2Arn,
  anyEc2Arn,
  lambdaArn,
  logGroupArn,
  type AwsLocation,
  queueArn,
} from "../arns.ts";
import * as names from "../names.ts";
import type { Scope } from "../names.ts";
import { taggedAs } from "./targets.ts";
import { optionRights, optionRoleRights } from "../options.ts";
import { ownFunctionOf } from "../functions/settings.ts";
import { ownRights } from "../own/rights.ts";
import type { Settings } from "../settings/parse.ts";
import { allow, ANY, deny, of, type PolicyDocument, policy, type Statement } from "./document.ts";

/** The services that a role of the program may be given to. */
export type TrustedService =
  | "apigateway.amazonaws.com"
  | "chatbot.amazonaws.com"
  | "codedeploy.amazonaws.com"
  | "lambda.amazonaws.com"
  | "scheduler.amazonaws.com"
  | "vpc-flow-logs.amazonaws.com";

/**
 * Trust of a role that a service takes.
 * With a location, only calls on behalf of its account count; CodeDeploy states the account, Lambda does not.
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

/** The function: its own log streams, traces, its own dead letters, and what a team adds. */
export const executionRolePolicy = (location: AwsLocation, settings: Settings): PolicyDocument =>
  policy(...templateRights(location, settings), ...teamRights(location, settings));

/** What a team lets the function do, over what every function may. */
export function teamRights(location: AwsLocation, settings: Settings): readonly Statement[] {
  const own = ownFunctionOf(settings);
  return own === undefined
    ? ownRights(location, settings)
    : (own.rights?.(location, settings) ?? []);
}

/** What the function may do without a team's own rights. */
export const templateRights = (location: AwsLocation, settings: Settings): readonly Statement[] => [
  writeLogs(location, names.logGroupName(settings)),
  allow("SendTraces", of("xray", "PutTelemetryRecords", "PutTraceSegments"), ANY),
  allow("SendDeadLetters", of("sqs", "SendMessage"), [
    queueArn(location, names.deadLetterQueueName(settings)),
  ]),
  ...(settings.network === "none" ? [] : networkInterfaces(location, settings)),
  ...optionRights(location, settings),
];

const INTERFACE_CREATION = of("ec2", "CreateNetworkInterface");
const INTERFACE_CHANGES = of(
  "ec2",
  "AssignPrivateIpAddresses",
  "DeleteNetworkInterface",
  "UnassignPrivateIpAddresses",
);
const INTERFACE_READS = of("ec2", "DescribeNetworkInterfaces", "DescribeSubnets");

/**
 * Lambda calls these itself, by the function's role. No code needs them, and a call that comes from inside a
 * function carries `lambda:SourceFunctionArn`: there they are denied, whichever function it is.
 * Interfaces are made in the service's own subnets and groups only. To change and delete them, Lambda's
 * documentation asks for all: it checks these rights before an interface exists.
 */
function networkInterfaces(location: AwsLocation, settings: Settings): readonly Statement[] {
  const interfaces = ec2Arn(location, "network-interface");
  return [
    allow("CreateInterfaces", INTERFACE_CREATION, [interfaces]),
    ...(settings.network === "existing"
      ? [
          allow("InOwnSubnets", INTERFACE_CREATION, [anyEc2Arn(location, "subnet")], {
            StringEquals: { "ec2:SubnetID": settings.subnetIds },
          }),
          allow("InOwnGroups", INTERFACE_CREATION, [anyEc2Arn(location, "security-group")], {
            StringEquals: { "ec2:SecurityGroupID": settings.securityGroupIds },
          }),
        ]
      : [
          allow(
            "InOwnNetwork",
            INTERFACE_CREATION,
            [ec2Arn(location, "subnet"), ec2Arn(location, "security-group")],
            taggedAs(settings, "ResourceTag"),
          ),
        ]),
    allow("ChangeInterfaces", INTERFACE_CHANGES, [interfaces]),
    allow("SeeInterfaces", INTERFACE_READS, ANY),
    deny(
      "NoInterfacesForCode",
      of("ec2", "*NetworkInterface*", "*PrivateIpAddresses", "DescribeSubnets"),
      ANY,
      { Null: { "lambda:SourceFunctionArn": "false" } },
    ),
  ];
}

/** The pre-traffic hook: reads which version is to be judged, calls it, reports to CodeDeploy. */
export const hookRolePolicy = (location: AwsLocation, settings: Settings): PolicyDocument =>
  policy(
    writeLogs(location, names.hookLogGroupName(settings)),
    allow("ReadDeployment", of("codedeploy", "GetDeployment"), [
      deploymentGroupArn(location, settings),
    ]),
    // The AppSpec's text, which the deployment names by its hash only.
    allow("ReadRevision", of("codedeploy", "GetApplicationRevision"), [
      codeDeployApplicationArn(location, settings),
    ]),
    // IAM knows no resource for this one.
    allow("ReportVerdict", of("codedeploy", "PutLifecycleEventHookExecutionStatus"), ANY),
    allow("CallVersions", of("lambda", "InvokeFunction"), [
      `${lambdaArn(location, names.functionName(settings))}:*`,
    ]),
    deny("NotUnpublished", of("lambda", "InvokeFunction"), [
      `${lambdaArn(location, names.functionName(settings))}:$LATEST`,
    ]),
    ...optionRoleRights("hook", location, settings),
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
    // CloudWatch judges a look at alarms on all of them at once, composite ones among them.
    allow("WatchAlarms", of("cloudwatch", "DescribeAlarms"), [alarmArn(location, "*")]),
  );
}
