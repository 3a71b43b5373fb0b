/**
 * What the AWS provider calls for each resource type of the program, create to delete.
 *
 * Sources: recorded calls of the provider's underlying code (recorded-calls.json; a test holds that no recorded
 * call is missing here), and AWS's service authorization reference for what such a record does not show: PassRole,
 * the tagging actions behind tags at creation, what a creation is judged on besides what it makes.
 * The types of your own resources go to test/infra/own/calls.ts.
 */
import { ALIAS_NAME } from "../../../../infra/names.ts";
import { OWN_PROVIDER_CALLS } from "../../own/calls.ts";
import { API_CALLS } from "./api.ts";
import { CONCURRENCY_CALLS } from "./concurrency.ts";
import { DATABASE_CALLS } from "./database.ts";
import type { Call, Context } from "../support/evaluator.ts";
import type { Program } from "../support/program.ts";
import { SIGNING_CALLS, signatureCalls } from "./signing.ts";
import { NETWORK_CALLS } from "./network.ts";
import { RELATIONAL_CALLS } from "./relational.ts";
import { functionKeyCalls, objectKeyCalls } from "./encryption.ts";
import {
  arn,
  globalArn,
  type Inputs,
  logGroupArns,
  on,
  passRole,
  type ProviderCall,
  type Rows,
  type RowTable,
  s3Arn,
  text,
  type Words,
} from "../support/rows.ts";

const functionArn = (inputs: Inputs, program: Program): string => {
  const name = text(inputs, "functionName" in inputs ? "functionName" : "name");
  return name.startsWith("arn:") ? name : arn(program, "lambda", `function:${name}`);
};

const bucketArn = (inputs: Inputs, program: Program): string =>
  s3Arn(program, text(inputs, "bucket"));

/** Rows of a resource that only sets one aspect of a bucket. */
const bucketAspect =
  (words: Words): Rows =>
  (inputs, program) =>
    on(bucketArn(inputs, program), words);

/** What a role of the program is created and changed with: its boundary, as IAM sees it in the request. */
const boundaryContext = (roleName: string, { boundaryOf }: Program): Context => {
  const boundary = boundaryOf(roleName);
  return boundary === undefined ? {} : { "iam:PermissionsBoundary": boundary };
};

const topicArn = (inputs: Inputs, program: Program): string => {
  const topic = text(inputs, "topic" in inputs ? "topic" : "arn" in inputs ? "arn" : "name");
  return topic.startsWith("arn:") ? topic : arn(program, "sns", topic);
};

/** Resources that a remote component makes, and that carry the stack's tags. */
const tagged = ({ tags }: Program, source: "RequestTag" | "ResourceTag"): Context =>
  Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:${source}/${key}`, value]));

const ec2Arn = (program: Pick<Program, "location">, type: string): string =>
  arn(program, "ec2", `${type}/${type}-0a1b2c3d`);

const network = (
  program: Program,
  type: string,
  create: string,
  words: Words,
): readonly ProviderCall[] => [
  ...on(ec2Arn(program, type), { create: `ec2:${create}` }, tagged(program, "RequestTag")),
  ...on(
    ec2Arn(program, type),
    { create: "ec2:CreateTags" },
    { ...tagged(program, "RequestTag"), "ec2:CreateAction": create },
  ),
  ...on(
    ec2Arn(program, type),
    { ...words, update: `${words.update ? `${words.update} ` : ""}ec2:DeleteTags` },
    tagged(program, "ResourceTag"),
  ),
  // A tag is changed by writing it again.
  ...on(
    ec2Arn(program, type),
    { update: "ec2:CreateTags" },
    { ...tagged(program, "RequestTag"), ...tagged(program, "ResourceTag") },
  ),
];

/** Interfaces that Lambda left in a group or subnet; the provider removes them first. They carry no tags. */
const leftoverInterfaces = (program: Program): readonly ProviderCall[] =>
  on(ec2Arn(program, "network-interface"), {
    delete: "ec2:DetachNetworkInterface ec2:DeleteNetworkInterface",
  });

const securityGroup: Rows = (_inputs, program) => [
  ...network(program, "security-group", "CreateSecurityGroup", {
    create:
      "ec2:AuthorizeSecurityGroupEgress ec2:AuthorizeSecurityGroupIngress ec2:RevokeSecurityGroupEgress",
    update:
      "ec2:AuthorizeSecurityGroupEgress ec2:AuthorizeSecurityGroupIngress ec2:RevokeSecurityGroupEgress ec2:RevokeSecurityGroupIngress",
    delete: "ec2:DeleteSecurityGroup ec2:RevokeSecurityGroupEgress ec2:RevokeSecurityGroupIngress",
  }),
  // A creation in a VPC is judged on the VPC too.
  ...on(
    ec2Arn(program, "vpc"),
    { create: "ec2:CreateSecurityGroup" },
    tagged(program, "ResourceTag"),
  ),
  ...on("*", { read: "ec2:DescribeSecurityGroups ec2:DescribeSecurityGroupRules" }),
  ...on("*", { read: "ec2:DescribeNetworkInterfaces" }),
  ...leftoverInterfaces(program),
];

/** An alarm of either kind. What it does when it fires is part of the call that writes it. */
function alarm(
  put: "PutMetricAlarm" | "PutCompositeAlarm",
  name: string,
  inputs: Inputs,
  program: Program,
): readonly ProviderCall[] {
  const own = arn(program, "cloudwatch", `alarm:${name}`);
  const actions = ["alarmActions", "okActions", "insufficientDataActions"].flatMap((key) =>
    Array.isArray(inputs[key]) ? inputs[key].map(String) : [],
  );
  return [
    ...on(
      own,
      { create: `cloudwatch:${put}`, update: `cloudwatch:${put}` },
      actions.length > 0 ? { "cloudwatch:AlarmActions": actions } : undefined,
    ),
    ...on(own, {
      create: "cloudwatch:TagResource",
      read: "cloudwatch:ListTagsForResource",
      update: "cloudwatch:TagResource cloudwatch:UntagResource",
      delete: "cloudwatch:DeleteAlarms",
    }),
    // CloudWatch's messages of denial name all alarms, whichever was asked for.
    ...on(arn(program, "cloudwatch", "alarm:*"), { read: "cloudwatch:DescribeAlarms" }),
  ];
}

/** What a function is set up with, as IAM sees it in the request. */
function configurationContext(inputs: Inputs): Context | undefined {
  const { vpcConfig, layers } = inputs;
  const { subnetIds, securityGroupIds } = (vpcConfig ?? {}) as Readonly<
    Record<string, readonly string[]>
  >;
  const context: Context = {
    ...(Array.isArray(layers) && { "lambda:Layer": layers.map(String) }),
    ...(subnetIds && { "lambda:VpcIds": "vpc-0a1b2c3d", "lambda:SubnetIds": subnetIds }),
    ...(securityGroupIds && { "lambda:SecurityGroupIds": securityGroupIds }),
  };
  return Object.keys(context).length > 0 ? context : undefined;
}

/** EventBridge leaves the default bus out of the ARNs of its rules. */
const ruleArn = (bus: string, rule: string, program: Program): string =>
  arn(program, "events", `rule/${bus === "default" ? "" : `${bus}/`}${rule}`);

export const PROVIDER_CALLS: RowTable = {
  ...RELATIONAL_CALLS,
  ...OWN_PROVIDER_CALLS,
  ...CONCURRENCY_CALLS,
  ...DATABASE_CALLS,
  ...API_CALLS,
  "aws:s3/bucket:Bucket": (inputs, program) => [
    ...on(
      bucketArn(inputs, program),
      { create: "s3:CreateBucket" },
      // Before it exists, the bucket belongs to no account.
      { "aws:ResourceAccount": "" },
    ),
    ...on(bucketArn(inputs, program), {
      create: "s3:TagResource s3:PutBucketTagging",
      read: "s3:ListBucket s3:GetBucketPolicy s3:GetBucketAcl s3:GetBucketCORS s3:GetBucketWebsite s3:GetBucketVersioning s3:GetAccelerateConfiguration s3:GetBucketRequestPayment s3:GetBucketLogging s3:GetLifecycleConfiguration s3:GetReplicationConfiguration s3:GetEncryptionConfiguration s3:GetBucketObjectLockConfiguration s3:GetBucketTagging s3:ListTagsForResource",
      update: "s3:TagResource s3:UntagResource s3:PutBucketTagging",
      delete: "s3:DeleteBucket s3:ListBucketVersions",
    }),
  ],
  "aws:s3/bucketVersioning:BucketVersioning": bucketAspect({
    create: "s3:PutBucketVersioning",
    read: "s3:GetBucketVersioning",
    update: "s3:PutBucketVersioning",
    delete: "s3:PutBucketVersioning",
  }),
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration":
    bucketAspect({
      create: "s3:PutEncryptionConfiguration",
      read: "s3:GetEncryptionConfiguration",
      update: "s3:PutEncryptionConfiguration",
      delete: "s3:PutEncryptionConfiguration",
    }),
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": bucketAspect({
    create: "s3:PutBucketPublicAccessBlock",
    read: "s3:GetBucketPublicAccessBlock",
    update: "s3:PutBucketPublicAccessBlock",
    delete: "s3:PutBucketPublicAccessBlock",
  }),
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": bucketAspect({
    create: "s3:PutBucketOwnershipControls",
    read: "s3:GetBucketOwnershipControls",
    update: "s3:PutBucketOwnershipControls",
    delete: "s3:PutBucketOwnershipControls",
  }),
  "aws:s3/bucketPolicy:BucketPolicy": bucketAspect({
    create: "s3:PutBucketPolicy",
    read: "s3:GetBucketPolicy",
    update: "s3:PutBucketPolicy",
    delete: "s3:DeleteBucketPolicy",
  }),
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": bucketAspect({
    create: "s3:PutLifecycleConfiguration",
    read: "s3:GetLifecycleConfiguration",
    update: "s3:PutLifecycleConfiguration",
    delete: "s3:PutLifecycleConfiguration",
  }),
  "aws:s3/bucketObjectv2:BucketObjectv2": (inputs, program) => [
    ...on(`${bucketArn(inputs, program)}/${text(inputs, "key")}`, {
      create: "s3:PutObject s3:PutObjectTagging",
      read: "s3:GetObject s3:GetObjectTagging",
      update: "s3:PutObject s3:PutObjectTagging",
      delete: "s3:DeleteObject s3:DeleteObjectVersion",
    }),
    ...on(bucketArn(inputs, program), { delete: "s3:ListBucketVersions" }),
    ...objectKeyCalls(program),
  ],
  "aws:lambda/function:Function": (inputs, program) => [
    ...on(
      functionArn({ name: inputs["name"] }, program),
      { create: "lambda:CreateFunction", update: "lambda:UpdateFunctionConfiguration" },
      configurationContext(inputs),
    ),
    ...on(functionArn({ name: inputs["name"] }, program), {
      create: "lambda:TagResource lambda:PutFunctionConcurrency",
      read: "lambda:GetFunction lambda:ListTags lambda:ListVersionsByFunction lambda:GetFunctionCodeSigningConfig lambda:GetFunctionConcurrency",
      update:
        "lambda:UpdateFunctionCode lambda:PublishVersion lambda:GetFunctionConfiguration lambda:PutFunctionConcurrency lambda:DeleteFunctionConcurrency lambda:TagResource lambda:UntagResource",
      delete: "lambda:DeleteFunction",
    }),
    ...passRole(text(inputs, "role"), "lambda.amazonaws.com"),
    // Lambda reads the code in the caller's name.
    ...on(s3Arn(program, `${text(inputs, "s3Bucket")}/${text(inputs, "s3Key")}`), {
      create: "s3:GetObject",
      update: "s3:GetObject",
    }),
    ...functionKeyCalls(inputs, program),
    ...signatureCalls(inputs, program),
    ...(inputs["vpcConfig"]
      ? on("*", {
          create: "ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcs",
          update: "ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcs",
        })
      : []),
  ],
  "aws:lambda/alias:Alias": (inputs, program) => {
    const own = functionArn({ functionName: inputs["functionName"] }, program);
    return on([own, `${own}:${ALIAS_NAME}`], {
      create: "lambda:CreateAlias",
      read: "lambda:GetAlias",
      update: "lambda:UpdateAlias",
      delete: "lambda:DeleteAlias",
    });
  },
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": (inputs, program) => {
    const own = functionArn({ functionName: inputs["functionName"] }, program);
    return on([own, `${own}:${ALIAS_NAME}`], {
      create: "lambda:PutFunctionEventInvokeConfig",
      read: "lambda:GetFunctionEventInvokeConfig",
      update: "lambda:PutFunctionEventInvokeConfig",
      delete: "lambda:DeleteFunctionEventInvokeConfig",
    });
  },
  "aws:lambda/eventSourceMapping:EventSourceMapping": (inputs, program) => {
    // Its id is drawn. AWS documents the function in the request as an ARN, and not whether the alias is part of it.
    const mapping = arn(
      program,
      "lambda",
      "event-source-mapping:0a1b2c3d-0000-4000-8000-000000000000",
    );
    const alias = text(inputs, "functionName");
    return [
      ...[alias, alias.slice(0, alias.lastIndexOf(":"))].flatMap((called) => [
        ...on("*", { create: "lambda:CreateEventSourceMapping" }, { "lambda:FunctionArn": called }),
        ...on(
          mapping,
          { update: "lambda:UpdateEventSourceMapping", delete: "lambda:DeleteEventSourceMapping" },
          { "lambda:FunctionArn": called },
        ),
      ]),
      ...on(mapping, {
        create: "lambda:TagResource",
        read: "lambda:GetEventSourceMapping lambda:ListTags",
        update: "lambda:TagResource lambda:UntagResource",
      }),
    ];
  },
  "aws:cloudwatch/eventRule:EventRule": (inputs, program) =>
    on(ruleArn(text(inputs, "eventBusName"), text(inputs, "name"), program), {
      create: "events:PutRule events:TagResource",
      read: "events:DescribeRule events:ListTagsForResource",
      update: "events:PutRule events:TagResource events:UntagResource",
      delete: "events:DeleteRule",
    }),
  "aws:cloudwatch/eventTarget:EventTarget": (inputs, program) => {
    const rule = ruleArn(text(inputs, "eventBusName"), text(inputs, "rule"), program);
    return [
      ...on(
        rule,
        { create: "events:PutTargets", update: "events:PutTargets" },
        { "events:TargetArn": [text(inputs, "arn")] },
      ),
      ...on(rule, { read: "events:ListTargetsByRule", delete: "events:RemoveTargets" }),
    ];
  },
  "aws:scheduler/scheduleGroup:ScheduleGroup": (inputs, program) =>
    on(arn(program, "scheduler", `schedule-group/${text(inputs, "name")}`), {
      create: "scheduler:CreateScheduleGroup scheduler:TagResource",
      read: "scheduler:GetScheduleGroup scheduler:ListTagsForResource",
      update: "scheduler:TagResource scheduler:UntagResource",
      delete: "scheduler:DeleteScheduleGroup",
    }),
  "aws:scheduler/schedule:Schedule": (inputs, program) => [
    ...on(
      arn(program, "scheduler", `schedule/${text(inputs, "groupName")}/${text(inputs, "name")}`),
      {
        create: "scheduler:CreateSchedule",
        read: "scheduler:GetSchedule",
        update: "scheduler:UpdateSchedule",
        delete: "scheduler:DeleteSchedule",
      },
    ),
    ...passRole(text((inputs["target"] ?? {}) as Inputs, "roleArn"), "scheduler.amazonaws.com"),
  ],
  "aws:sqs/queue:Queue": (inputs, program) =>
    on(arn(program, "sqs", text(inputs, "name")), {
      create: "sqs:CreateQueue sqs:TagQueue sqs:SetQueueAttributes",
      read: "sqs:GetQueueAttributes sqs:ListQueueTags",
      update: "sqs:SetQueueAttributes sqs:TagQueue sqs:UntagQueue",
      delete: "sqs:DeleteQueue",
    }),
  "aws:sqs/queuePolicy:QueuePolicy": (inputs, program) =>
    on(arn(program, "sqs", text(inputs, "queueUrl").split("/").at(-1) ?? ""), {
      create: "sqs:SetQueueAttributes",
      read: "sqs:GetQueueAttributes",
      update: "sqs:SetQueueAttributes",
      delete: "sqs:SetQueueAttributes",
    }),
  "aws:cloudwatch/logGroup:LogGroup": (inputs, program) => {
    const group = logGroupArns(program, text(inputs, "name"));
    return [
      ...on(group.calls, {
        create: "logs:CreateLogGroup logs:PutRetentionPolicy",
        update: "logs:PutRetentionPolicy",
        delete: "logs:DeleteLogGroup",
      }),
      // The key is taken away again when the option goes.
      ...(inputs["kmsKeyId"]
        ? on(group.calls, {
            create: "logs:AssociateKmsKey",
            update: "logs:AssociateKmsKey logs:DisassociateKmsKey",
          })
        : []),
      // A message of denial that was seen names a stream without a name.
      ...on(`${group.tags}:log-stream:`, { create: "logs:CreateLogGroup" }),
      ...on(group.tags, {
        create: "logs:TagResource",
        read: "logs:ListTagsForResource",
        update: "logs:TagResource logs:UntagResource",
      }),
      ...on("*", { read: "logs:DescribeLogGroups" }),
    ];
  },
  "aws:cloudwatch/logMetricFilter:LogMetricFilter": (inputs, program) =>
    on(logGroupArns(program, text(inputs, "logGroupName")).calls, {
      create: "logs:PutMetricFilter",
      read: "logs:DescribeMetricFilters",
      update: "logs:PutMetricFilter",
      delete: "logs:DeleteMetricFilter",
    }),
  "aws:xray/group:Group": (inputs, program) =>
    on(arn(program, "xray", `group/${text(inputs, "groupName")}/0A1B2C`), {
      create: "xray:CreateGroup xray:TagResource",
      read: "xray:GetGroup xray:ListTagsForResource",
      update: "xray:TagResource xray:UntagResource xray:UpdateGroup",
      delete: "xray:DeleteGroup",
    }),
  // Made and changed by an administrator; a plan reads it.
  "aws:kms/key:Key": (inputs, program) => [
    ...on("*", { create: "kms:CreateKey" }),
    ...on(
      arn(program, "kms", "key/0a1b2c3d"),
      {
        create: "kms:EnableKeyRotation kms:TagResource",
        read: "kms:DescribeKey kms:GetKeyPolicy kms:GetKeyRotationStatus kms:ListResourceTags",
        update:
          "kms:DisableKeyRotation kms:PutKeyPolicy kms:TagResource kms:UntagResource kms:UpdateKeyDescription",
        delete: "kms:ScheduleKeyDeletion",
      },
      {
        "kms:ResourceAliases": [
          `alias/${program.scope.serviceName}-${/the data of/.test(text(inputs, "description")) ? "data" : "alarms"}-${program.scope.environment}`,
        ],
      },
    ),
  ],
  "aws:kms/alias:Alias": (inputs, program) => [
    ...on("*", { read: "kms:ListAliases" }),
    ...on(arn(program, "kms", text(inputs, "name")), {
      create: "kms:CreateAlias",
      update: "kms:UpdateAlias",
      delete: "kms:DeleteAlias",
    }),
  ],
  "aws:cloudwatch/queryDefinition:QueryDefinition": () =>
    on("*", {
      create: "logs:PutQueryDefinition",
      read: "logs:DescribeQueryDefinitions",
      update: "logs:PutQueryDefinition",
      delete: "logs:DeleteQueryDefinition",
    }),
  "aws:cloudwatch/metricAlarm:MetricAlarm": (inputs, program) =>
    alarm("PutMetricAlarm", text(inputs, "name"), inputs, program),
  "aws:cloudwatch/compositeAlarm:CompositeAlarm": (inputs, program) =>
    alarm("PutCompositeAlarm", text(inputs, "alarmName"), inputs, program),
  "aws:cloudwatch/dashboard:Dashboard": (inputs, program) =>
    on(globalArn(program, "cloudwatch", `dashboard/${text(inputs, "dashboardName")}`), {
      create: "cloudwatch:PutDashboard",
      read: "cloudwatch:GetDashboard",
      update: "cloudwatch:PutDashboard",
      delete: "cloudwatch:DeleteDashboards",
    }),
  "aws:sns/topic:Topic": (inputs, program) =>
    on(topicArn(inputs, program), {
      create: "sns:CreateTopic sns:TagResource sns:SetTopicAttributes",
      read: "sns:GetTopicAttributes sns:ListTagsForResource",
      update: "sns:SetTopicAttributes sns:TagResource sns:UntagResource",
      delete: "sns:DeleteTopic",
    }),
  "aws:sns/topicPolicy:TopicPolicy": (inputs, program) =>
    on(topicArn(inputs, program), {
      create: "sns:SetTopicAttributes",
      read: "sns:GetTopicAttributes",
      update: "sns:SetTopicAttributes",
      delete: "sns:SetTopicAttributes",
    }),
  // IAM's reference judges a subscription on its topic.
  "aws:sns/topicSubscription:TopicSubscription": (inputs, program) =>
    on(topicArn(inputs, program), {
      create: "sns:Subscribe",
      read: "sns:GetSubscriptionAttributes sns:ListSubscriptionsByTopic",
      update: "sns:SetSubscriptionAttributes",
      delete: "sns:Unsubscribe",
    }),
  "aws:codedeploy/application:Application": (inputs, program) =>
    on(arn(program, "codedeploy", `application:${text(inputs, "name")}`), {
      create: "codedeploy:CreateApplication codedeploy:TagResource",
      read: "codedeploy:GetApplication codedeploy:ListTagsForResource",
      update: "codedeploy:UpdateApplication codedeploy:TagResource codedeploy:UntagResource",
      delete: "codedeploy:DeleteApplication",
    }),
  "aws:codedeploy/deploymentGroup:DeploymentGroup": (inputs, program) => [
    ...on(
      arn(
        program,
        "codedeploy",
        `deploymentgroup:${text(inputs, "appName")}/${text(inputs, "deploymentGroupName")}`,
      ),
      {
        create: "codedeploy:CreateDeploymentGroup codedeploy:TagResource",
        read: "codedeploy:GetDeploymentGroup codedeploy:ListTagsForResource",
        update: "codedeploy:UpdateDeploymentGroup codedeploy:TagResource codedeploy:UntagResource",
        delete: "codedeploy:DeleteDeploymentGroup",
      },
    ),
    ...passRole(text(inputs, "serviceRoleArn"), "codedeploy.amazonaws.com"),
  ],
  "aws:iam/role:Role": (inputs, program) => {
    const name = text(inputs, "name");
    const role = globalArn(program, "iam", `role/${name}`);
    return [
      ...on(
        role,
        {
          create: "iam:CreateRole",
          update: "iam:UpdateRole iam:UpdateRoleDescription iam:UpdateAssumeRolePolicy",
          delete: "iam:DeleteRole",
        },
        boundaryContext(name, program),
      ),
      ...on(role, {
        create: "iam:TagRole",
        read: "iam:GetRole iam:GetRolePolicy iam:ListRolePolicies iam:ListAttachedRolePolicies",
        update: "iam:TagRole iam:UntagRole",
        delete: "iam:ListInstanceProfilesForRole",
      }),
    ];
  },
  "aws:iam/rolePolicy:RolePolicy": (inputs, program) => {
    const name = text(inputs, "role");
    const role = globalArn(program, "iam", `role/${name}`);
    return [
      ...on(
        role,
        {
          create: "iam:PutRolePolicy",
          update: "iam:PutRolePolicy",
          delete: "iam:DeleteRolePolicy",
        },
        boundaryContext(name, program),
      ),
      ...on(role, { read: "iam:GetRolePolicy" }),
    ];
  },
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": (inputs, program) => [
    ...on(
      globalArn(program, "iam", `role/${text(inputs, "role")}`),
      { create: "iam:AttachRolePolicy", delete: "iam:DetachRolePolicy" },
      { "iam:PolicyARN": text(inputs, "policyArn") },
    ),
    ...on(globalArn(program, "iam", `role/${text(inputs, "role")}`), {
      read: "iam:ListAttachedRolePolicies",
    }),
  ],
  "aws:iam/policy:Policy": (inputs, program) =>
    on(globalArn(program, "iam", `policy/${text(inputs, "name")}`), {
      create: "iam:CreatePolicy iam:TagPolicy",
      read: "iam:GetPolicy iam:GetPolicyVersion",
      update:
        "iam:CreatePolicyVersion iam:DeletePolicyVersion iam:SetDefaultPolicyVersion iam:TagPolicy iam:UntagPolicy",
      delete: "iam:DeletePolicy iam:DeletePolicyVersion iam:ListPolicyVersions",
    }),
  "aws:iam/openIdConnectProvider:OpenIdConnectProvider": (_inputs, program) =>
    on(globalArn(program, "iam", "oidc-provider/token.actions.githubusercontent.com"), {
      create: "iam:CreateOpenIDConnectProvider iam:TagOpenIDConnectProvider",
      read: "iam:GetOpenIDConnectProvider",
      update:
        "iam:AddClientIDToOpenIDConnectProvider iam:RemoveClientIDFromOpenIDConnectProvider iam:UpdateOpenIDConnectProviderThumbprint iam:TagOpenIDConnectProvider iam:UntagOpenIDConnectProvider",
      delete: "iam:DeleteOpenIDConnectProvider",
    }),
  ...NETWORK_CALLS,
  ...SIGNING_CALLS,
  "aws:ec2/securityGroup:SecurityGroup": securityGroup,
  // A remote component: its parts are made by the provider of awsx.
  "awsx:ec2:Vpc": (_inputs, program) => {
    const within = (type: string, create: string) =>
      on(ec2Arn(program, type), { create: `ec2:${create}` }, tagged(program, "ResourceTag"));
    return [
      ...network(program, "vpc", "CreateVpc", {
        create: "ec2:ModifyVpcAttribute",
        update: "ec2:ModifyVpcAttribute",
        delete: "ec2:DeleteVpc",
      }),
      ...network(program, "subnet", "CreateSubnet", {
        create: "ec2:ModifySubnetAttribute",
        update: "ec2:ModifySubnetAttribute",
        delete: "ec2:DeleteSubnet",
      }),
      ...within("vpc", "CreateSubnet"),
      ...leftoverInterfaces(program),
      ...network(program, "internet-gateway", "CreateInternetGateway", {
        create: "ec2:AttachInternetGateway",
        delete: "ec2:DetachInternetGateway ec2:DeleteInternetGateway",
      }),
      ...on(
        ec2Arn(program, "vpc"),
        { create: "ec2:AttachInternetGateway", delete: "ec2:DetachInternetGateway" },
        tagged(program, "ResourceTag"),
      ),
      ...network(program, "elastic-ip", "AllocateAddress", {
        delete: "ec2:ReleaseAddress ec2:DisassociateAddress",
      }),
      ...network(program, "natgateway", "CreateNatGateway", { delete: "ec2:DeleteNatGateway" }),
      ...within("subnet", "CreateNatGateway"),
      ...within("elastic-ip", "CreateNatGateway"),
      ...network(program, "route-table", "CreateRouteTable", {
        create: "ec2:CreateRoute ec2:AssociateRouteTable",
        update: "ec2:ReplaceRoute",
        delete: "ec2:DeleteRoute ec2:DisassociateRouteTable ec2:DeleteRouteTable",
      }),
      ...within("vpc", "CreateRouteTable"),
      ...within("subnet", "AssociateRouteTable"),
      ...network(program, "vpc-endpoint", "CreateVpcEndpoint", {
        update: "ec2:ModifyVpcEndpoint",
        delete: "ec2:DeleteVpcEndpoints",
      }),
      ...within("vpc", "CreateVpcEndpoint"),
      ...within("route-table", "CreateVpcEndpoint"),
      ...on("*", {
        read: "ec2:DescribeVpcs ec2:DescribeSubnets ec2:DescribeInternetGateways ec2:DescribeAddresses ec2:DescribeAddressesAttribute ec2:DescribeNatGateways ec2:DescribeRouteTables ec2:DescribeVpcEndpoints ec2:DescribePrefixLists ec2:DescribeAvailabilityZones ec2:DescribeNetworkAcls",
      }),
      ...on(ec2Arn(program, "vpc"), { read: "ec2:DescribeVpcAttribute" }),
    ];
  },
};

/** Resource types that carry a policy of their own, and what an outsider would call on what they guard. */
export const RESOURCE_POLICIES: Readonly<
  Record<string, (inputs: Inputs, program: Program) => readonly Call[]>
> = {
  "aws:s3/bucketPolicy:BucketPolicy": (inputs, program) => {
    const bucket = bucketArn(inputs, program);
    return [
      { action: "s3:ListBucket", resource: bucket },
      { action: "s3:GetObject", resource: `${bucket}/function/a.zip` },
      { action: "s3:PutObject", resource: `${bucket}/function/a.zip` },
    ];
  },
  "aws:sqs/queuePolicy:QueuePolicy": (inputs, program) => {
    const resource = arn(program, "sqs", text(inputs, "queueUrl").split("/").at(-1) ?? "");
    return ["sqs:SendMessage", "sqs:ReceiveMessage"].map((action) => ({ action, resource }));
  },
  "aws:sns/topicPolicy:TopicPolicy": (inputs) => {
    const resource = text(inputs, "arn");
    return ["sns:Publish", "sns:Subscribe"].map((action) => ({ action, resource }));
  },
};
