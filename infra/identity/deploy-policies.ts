/**
 * What the deploy role may change, besides seeing what `view-policy.ts` allows: this environment's resources by
 * their names, nothing of another environment's, and nothing of what gives it its own rights.
 */
import { ec2Arn, type AwsLocation } from "../arns.ts";
import { ENVIRONMENT_TAG, type Scope, SERVICE_TAG } from "../names.ts";
import { ownDeployRights } from "../own/rights.ts";
import { allow, ANY, type Condition, deny, of, type PolicyDocument, policy } from "./document.ts";
import { inOwnAccount, ofStack, type Targets, targets } from "./targets.ts";
import type { NetworkOptions } from "./view-policy.ts";

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

export function deployPolicies(
  location: AwsLocation,
  scope: Scope,
  { network }: NetworkOptions,
): DeployPolicies {
  const on = targets(location, scope);
  const own = ownDeployRights(location, scope).change;
  return {
    service: servicePolicy(on),
    storage: storagePolicy(location, scope, on),
    roles: rolesPolicy(on),
    release: releasePolicy(location, on),
    ...(network === "existing" && { network: joinNetworkPolicy() }),
    ...(network === "create" && { network: makeNetworkPolicy(location, scope) }),
    ...(own.length > 0 && { own: policy(...own) }),
  };
}

const servicePolicy = (on: Targets): PolicyDocument =>
  policy(
    allow(
      "Functions",
      of(
        "lambda",
        "CreateFunction",
        "DeleteFunction",
        "DeleteFunctionConcurrency",
        "PublishVersion",
        "PutFunctionConcurrency",
        "TagResource",
        "UntagResource",
        "UpdateFunctionCode",
        "UpdateFunctionConfiguration",
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
      "Queue",
      of("sqs", "CreateQueue", "DeleteQueue", "SetQueueAttributes", "TagQueue", "UntagQueue"),
      on.queue,
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
    // IAM knows no resource for saved queries.
    allow("SavedQueries", of("logs", "DeleteQueryDefinition", "PutQueryDefinition"), ANY),
    allow(
      "Alarms",
      of(
        "cloudwatch",
        "DeleteAlarms",
        "PutCompositeAlarm",
        "PutMetricAlarm",
        "TagResource",
        "UntagResource",
      ),
      on.alarms,
    ),
    allow("Dashboards", of("cloudwatch", "DeleteDashboards", "PutDashboard"), on.dashboards),
    allow(
      "Topics",
      of(
        "sns",
        "CreateTopic",
        "DeleteTopic",
        "SetTopicAttributes",
        "Subscribe",
        "TagResource",
        "UntagResource",
      ),
      on.topics,
    ),
    // AWS's own references disagree whether these are judged on the topic or on everything.
    allow("Subscriptions", of("sns", "SetSubscriptionAttributes", "Unsubscribe"), ANY),
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

/** Roles may be made and changed only under the boundary, and passed only to the service that each is for. */
const rolesPolicy = (on: Targets): PolicyDocument => {
  const underBoundary: Condition = { StringEquals: { "iam:PermissionsBoundary": on.boundary } };
  const passedTo = (service: string): Condition => ({
    StringEquals: { "iam:PassedToService": service },
  });
  const { execution, hook, codeDeploy } = on.runtimeRoles;
  return policy(
    allow(
      "BoundRoles",
      of(
        "iam",
        "CreateRole",
        "DeleteRole",
        "DeleteRolePolicy",
        "PutRolePolicy",
        "UpdateAssumeRolePolicy",
        "UpdateRole",
        "UpdateRoleDescription",
      ),
      on.allRuntimeRoles,
      underBoundary,
    ),
    // These have no boundary among their condition keys, and change no right.
    allow(
      "RoleTags",
      of("iam", "ListInstanceProfilesForRole", "TagRole", "UntagRole"),
      on.allRuntimeRoles,
    ),
    allow(
      "PassToLambda",
      of("iam", "PassRole"),
      [execution, hook],
      passedTo("lambda.amazonaws.com"),
    ),
    allow(
      "PassToCodeDeploy",
      of("iam", "PassRole"),
      [codeDeploy],
      passedTo("codedeploy.amazonaws.com"),
    ),
    // Nothing above allows these. The denials stay in force when someone widens what is above.
    deny("KeepIdentity", IAM_WRITES, [...on.identityRoles, ...on.identityPolicies, ...on.provider]),
    deny(
      "KeepBoundary",
      of("iam", "DeleteRolePermissionsBoundary", "PutRolePermissionsBoundary"),
      ANY,
    ),
  );
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
    // Which versions are good and bad.
    allow("Marks", of("s3", "GetObject", "PutObject"), on.releaseRecords, inOwnAccount(location)),
    // Versions and the alias only: whoever calls without a qualifier would run what no release has judged.
    allow("Call", of("lambda", "InvokeFunction"), on.versions),
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
const makeNetworkPolicy = (location: AwsLocation, scope: Scope): PolicyDocument => {
  const tagged = (source: "RequestTag" | "ResourceTag"): Condition => ({
    StringEquals: {
      [`aws:${source}/${SERVICE_TAG}`]: scope.serviceName,
      [`aws:${source}/${ENVIRONMENT_TAG}`]: scope.environment,
    },
  });
  const parts = NETWORK_TYPES.map((type) => ec2Arn(location, type));
  return policy(
    allow("CreateNetwork", NETWORK_CREATES, parts, tagged("RequestTag")),
    allow("ChangeNetwork", NETWORK_CHANGES, parts, tagged("ResourceTag")),
    allow("TagNetwork", of("ec2", "CreateTags"), parts, {
      ...tagged("RequestTag"),
      "ForAnyValue:StringEquals": {
        "ec2:CreateAction": NETWORK_CREATES.map((action) => action.slice(4)),
      },
    }),
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
