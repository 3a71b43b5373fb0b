/**
 * What the deploy role may change, besides seeing what `view-policy.ts` allows: this environment's resources by
 * their names, nothing of another environment's, and nothing of what gives it its own rights.
 */
import { ec2Arn, type AwsLocation } from "../arns.ts";
import type { Scope } from "../names.ts";
import { hasOwnVpc, networkRights } from "../options/network.ts";
import { ownDeployRights } from "../own/rights.ts";
import type { Settings } from "../settings/parse.ts";
import { allow, ANY, type Condition, deny, of, type PolicyDocument, policy } from "./document.ts";
import { inOwnAccount, ofStack, taggedAs, type Targets, targets } from "./targets.ts";

/**
 * The parts that the deploy role has besides `view`; `network` only where there is a VPC, `own` where a team
 * has rights of its own.
 */
export type DeployPolicies = Readonly<
  Record<"service" | "storage" | "roles" | "release", PolicyDocument> & {
    network?: PolicyDocument;
    own?: PolicyDocument;
  }
>;

export function deployPolicies(location: AwsLocation, settings: Settings): DeployPolicies {
  const { network } = settings;
  const on = targets(location, settings);
  const own = ownDeployRights(location, settings).change;
  return {
    service: servicePolicy(location, on, settings),
    storage: storagePolicy(location, settings, on),
    roles: rolesPolicy(on),
    release: releasePolicy(location, on),
    ...(network === "existing" && { network: joinNetworkPolicy() }),
    ...(hasOwnVpc(settings) && { network: makeNetworkPolicy(location, settings) }),
    ...(own.length > 0 && { own: policy(...own) }),
  };
}

const servicePolicy = (location: AwsLocation, on: Targets, settings: Settings): PolicyDocument =>
  policy(
    allow(
      "ConfigureFunctions",
      of("lambda", "CreateFunction", "UpdateFunctionConfiguration"),
      on.functions,
      configuration(location, settings),
    ),
    allow(
      "Functions",
      of(
        "lambda",
        "DeleteFunction",
        "DeleteFunctionConcurrency",
        "PublishVersion",
        "PutFunctionConcurrency",
        "TagResource",
        "UntagResource",
        "UpdateFunctionCode",
      ),
      on.functions,
    ),
    allow(
      "Aliases",
      of(
        "lambda",
        "CreateAlias",
        "DeleteAlias",
        "DeleteFunctionEventInvokeConfig",
        "PutFunctionEventInvokeConfig",
      ),
      [...on.handler, ...on.versions],
    ),
    allow(
      "LogGroups",
      of(
        "logs",
        "CreateLogGroup",
        "DeleteLogGroup",
        "DeleteMetricFilter",
        "PutMetricFilter",
        "PutRetentionPolicy",
      ),
      on.logGroups,
    ),
    allow("LogGroupTags", of("logs", "TagResource", "UntagResource"), on.logGroupTags),
    // An alarm can stop machines, run automations and call functions. Here it may tell the topics only.
    allow("Alarms", of("cloudwatch", "PutCompositeAlarm", "PutMetricAlarm"), on.alarms, {
      "ForAllValues:StringLike": { "cloudwatch:AlarmActions": on.topics },
    }),
    allow("AlarmCare", of("cloudwatch", "DeleteAlarms", "TagResource", "UntagResource"), on.alarms),
    allow("Dashboards", of("cloudwatch", "DeleteDashboards", "PutDashboard"), on.dashboards),
    allow(
      "TraceGroups",
      of("xray", "CreateGroup", "DeleteGroup", "TagResource", "UntagResource", "UpdateGroup"),
      on.traceGroups,
    ),
    allow(
      "Topics",
      of(
        "sns",
        "CreateTopic",
        "DeleteTopic",
        "SetSubscriptionAttributes",
        "SetTopicAttributes",
        "Subscribe",
        "TagResource",
        "Unsubscribe",
        "UntagResource",
      ),
      on.topics,
    ),
    allow(
      "CodeDeploy",
      of(
        "codedeploy",
        "CreateApplication",
        "CreateDeploymentGroup",
        "DeleteApplication",
        "DeleteDeploymentGroup",
        "TagResource",
        "UntagResource",
        "UpdateApplication",
        "UpdateDeploymentGroup",
      ),
      [...on.application, ...on.deploymentGroup],
    ),
  );

const storagePolicy = (location: AwsLocation, scope: Scope, on: Targets): PolicyDocument =>
  policy(
    // Without the condition of the others: before the bucket exists, it belongs to no account.
    allow("CreateBucket", of("s3", "CreateBucket"), on.bucket),
    allow(
      "Bucket",
      of(
        "s3",
        "DeleteBucket",
        "DeleteBucketPolicy",
        "ListBucketVersions",
        "PutBucketOwnershipControls",
        "PutBucketPolicy",
        "PutBucketPublicAccessBlock",
        "PutBucketTagging",
        "PutBucketVersioning",
        "PutEncryptionConfiguration",
        "PutLifecycleConfiguration",
        "TagResource",
        "UntagResource",
      ),
      on.bucket,
      inOwnAccount(location),
    ),
    allow(
      "Artifacts",
      of("s3", "DeleteObject", "DeleteObjectVersion", "PutObject", "PutObjectTagging"),
      on.artifacts,
      inOwnAccount(location),
    ),
    allow("ListState", of("s3", "ListBucket"), on.stateBucket, inOwnAccount(location)),
    allow(
      "State",
      of("s3", "DeleteObject", "GetObject", "PutObject"),
      on.stateObjects,
      inOwnAccount(location),
    ),
    allow("Secrets", of("kms", "Decrypt"), on.keys, ofStack(scope)),
  );

/**
 * What the runtime roles may do is CI's to change, within the boundary; who may take them, and that they exist,
 * is not: a role that trusts a foreign account outlasts every session.
 */
const rolesPolicy = (on: Targets): PolicyDocument => {
  const underBoundary: Condition = { StringEquals: { "iam:PermissionsBoundary": on.boundary } };
  const passedTo = (service: string): Condition => ({
    StringEquals: { "iam:PassedToService": service },
  });
  const { execution, hook, codeDeploy } = on.runtimeRoles;
  return policy(
    allow(
      "RolePolicies",
      of("iam", "DeleteRolePolicy", "PutRolePolicy"),
      on.allRuntimeRoles,
      underBoundary,
    ),
    allow(
      "PassToLambda",
      of("iam", "PassRole"),
      [...execution, ...hook],
      passedTo("lambda.amazonaws.com"),
    ),
    allow(
      "PassToCodeDeploy",
      of("iam", "PassRole"),
      codeDeploy,
      passedTo("codedeploy.amazonaws.com"),
    ),
    // Nothing above allows these. The denials stay in force when someone widens what is above.
    deny("KeepIdentity", IAM_WRITES, [...on.identityRoles, ...on.identityPolicies, ...on.provider]),
    deny("KeepTrust", of("iam", "CreateRole", "UpdateAssumeRolePolicy"), ANY),
    deny(
      "KeepBoundary",
      of("iam", "DeleteRolePermissionsBoundary", "PutRolePermissionsBoundary"),
      ANY,
    ),
  );
};

/** What a function may be set up with: layers of the account itself, and the network that the settings name. */
const configuration = (location: AwsLocation, settings: Settings): Condition => {
  const { partition, region, accountId } = location;
  return {
    "ForAllValues:StringLike": {
      "lambda:Layer": [`arn:${partition}:lambda:${region}:${accountId}:layer:*:*`],
    },
    ...(settings.network === "none" && { Null: { "lambda:VpcIds": "true" } }),
    ...(settings.network === "existing" && {
      "ForAllValues:StringEquals": {
        "lambda:SubnetIds": settings.subnetIds,
        "lambda:SecurityGroupIds": settings.securityGroupIds,
      },
    }),
  };
};

const IAM_WRITES = of(
  "iam",
  "Add*",
  "Attach*",
  "Create*",
  "Delete*",
  "Detach*",
  "PassRole",
  "Put*",
  "Remove*",
  "Set*",
  "Tag*",
  "Untag*",
  "Update*",
);

/** What releases, rollbacks and smoke calls do. */
const releasePolicy = (location: AwsLocation, on: Targets): PolicyDocument =>
  policy(
    allow("Alias", of("lambda", "UpdateAlias"), [...on.handler, ...on.versions]),
    // The hook tries a first version, for which there is no deployment that would call it.
    allow("CallHook", of("lambda", "InvokeFunction"), on.hook),
    // A release brings the alarms that judge its version.
    allow("CanaryAlarms", of("cloudwatch", "DeleteAlarms", "PutMetricAlarm"), on.canaryAlarms),
    // Which versions are good and bad.
    allow(
      "ReleaseRecords",
      of("s3", "GetObject", "PutObject"),
      on.releaseRecords,
      inOwnAccount(location),
    ),
    // Versions and the alias only: whoever calls without a qualifier would run what no release has judged.
    allow("Call", of("lambda", "InvokeFunction"), on.versions),
    deny("NotUnpublished", of("lambda", "InvokeFunction"), on.unpublished),
    allow(
      "Deployments",
      of(
        "codedeploy",
        "BatchGetDeployments",
        "CreateDeployment",
        "GetDeployment",
        "ListDeployments",
      ),
      on.deploymentGroup,
    ),
    allow(
      "Revisions",
      of("codedeploy", "GetApplicationRevision", "RegisterApplicationRevision"),
      on.application,
    ),
    allow("DeploymentConfigs", of("codedeploy", "GetDeploymentConfig"), on.deploymentConfigs),
    // IAM knows no resource for these.
    allow(
      "Unscoped",
      [
        ...of("codedeploy", "BatchGetDeploymentTargets", "ListDeploymentTargets", "StopDeployment"),
        ...of("cloudwatch", "GetMetricData"),
      ],
      ANY,
    ),
  );

/** Lambda asks these of whoever puts a function into a VPC. EC2 cannot scope them to a resource. */
const joinNetworkPolicy = (): PolicyDocument =>
  policy(
    allow(
      "JoinNetwork",
      of("ec2", "DescribeSecurityGroups", "DescribeSubnets", "DescribeVpcs"),
      ANY,
    ),
  );

/** The VPC's parts carry generated ids, so they are told apart by the tags that every resource of the stack has. */
const makeNetworkPolicy = (location: AwsLocation, settings: Settings): PolicyDocument => {
  const parts = NETWORK_TYPES.map((type) => ec2Arn(location, type));
  return policy(
    allow("CreateNetwork", NETWORK_CREATES, parts, taggedAs(settings, "RequestTag")),
    allow("ChangeNetwork", NETWORK_CHANGES, parts, taggedAs(settings, "ResourceTag")),
    allow("TagNetwork", of("ec2", "CreateTags"), parts, {
      ...taggedAs(settings, "RequestTag"),
      "ForAnyValue:StringEquals": {
        "ec2:CreateAction": NETWORK_CREATES.map((action) => action.slice(4)),
      },
    }),
    // To delete a subnet or a group, the provider first removes the interfaces that Lambda left in it. Lambda
    // made them, so they have none of the stack's tags; EC2 refuses while one is in use.
    allow("LeftoverInterfaces", of("ec2", "DeleteNetworkInterface", "DetachNetworkInterface"), [
      ec2Arn(location, "network-interface"),
    ]),
    ...networkRights(location, settings),
  );
};

const NETWORK_TYPES = [
  "elastic-ip",
  "internet-gateway",
  "natgateway",
  "route-table",
  "security-group",
  "subnet",
  "vpc",
  "vpc-endpoint",
];

const NETWORK_CREATES = of(
  "ec2",
  "AllocateAddress",
  "CreateInternetGateway",
  "CreateNatGateway",
  "CreateRouteTable",
  "CreateSecurityGroup",
  "CreateSubnet",
  "CreateVpc",
  "CreateVpcEndpoint",
);

const NETWORK_CHANGES = of(
  "ec2",
  // Creations are judged on what they join, too.
  "CreateNatGateway",
  "CreateRouteTable",
  "CreateSecurityGroup",
  "CreateSubnet",
  "CreateVpcEndpoint",
  "AssociateRouteTable",
  "AttachInternetGateway",
  "AuthorizeSecurityGroupEgress",
  "AuthorizeSecurityGroupIngress",
  "CreateRoute",
  "CreateTags",
  "DeleteInternetGateway",
  "DeleteNatGateway",
  "DeleteRoute",
  "DeleteRouteTable",
  "DeleteSecurityGroup",
  "DeleteSubnet",
  "DeleteTags",
  "DeleteVpc",
  "DeleteVpcEndpoints",
  "DetachInternetGateway",
  "DisassociateAddress",
  "DisassociateRouteTable",
  "ModifySubnetAttribute",
  "ModifyVpcAttribute",
  "ModifyVpcEndpoint",
  "ReleaseAddress",
  "ReplaceRoute",
  "RevokeSecurityGroupEgress",
  "RevokeSecurityGroupIngress",
);
