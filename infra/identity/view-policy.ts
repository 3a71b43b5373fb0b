/**
 * Everything of one environment that a plan has to read, and nothing that holds secrets or customers' data:
 * no message, no log line, no invocation, no object of the state.
 */
import { ec2Arn, type AwsLocation } from "../arns.ts";
import type { Scope } from "../names.ts";
import { allow, ANY, of, type PolicyDocument, policy, type Statement } from "./document.ts";
import { hasOwnVpc } from "../options/network.ts";
import type { Settings } from "../settings/parse.ts";
import { inOwnAccount, ofAlarms, ofStack, targets, targetsByPattern } from "./targets.ts";

export function viewPolicy(location: AwsLocation, settings: Settings): PolicyDocument {
  const ownVpc = hasOwnVpc(settings);
  const on = targetsByPattern(location, settings);
  return policy(
    allow(
      "Functions",
      of(
        "lambda",
        "GetAlias",
        "GetFunction",
        "GetFunctionCodeSigningConfig",
        "GetFunctionConcurrency",
        "GetFunctionConfiguration",
        "GetFunctionEventInvokeConfig",
        "ListTags",
        "ListVersionsByFunction",
      ),
      [...on.functions, ...on.versions],
    ),
    allow("Queue", of("sqs", "GetQueueAttributes", "ListQueueTags"), on.queue),
    allow("Filters", of("logs", "DescribeMetricFilters"), on.handlerLogGroup),
    allow("LogTags", of("logs", "ListTagsForResource"), on.logGroupTags),
    allow(
      "Any",
      [
        ...of("cloudwatch", "ListMetrics"),
        ...of("logs", "DescribeLogGroups", "DescribeQueryDefinitions"),
        ...of("kms", "ListAliases"),
        ...(ownVpc ? NETWORK_READS : []),
      ],
      ANY,
    ),
    allow(
      "Key",
      of("kms", "DescribeKey", "GetKeyPolicy", "GetKeyRotationStatus", "ListResourceTags"),
      on.keys,
      ofAlarms(settings),
    ),
    allow("Traces", of("xray", "GetGroup", "ListTagsForResource"), on.traceGroups),
    allow("Alarms", of("cloudwatch", "DescribeAlarms"), on.anyAlarm),
    allow("AlarmTags", of("cloudwatch", "ListTagsForResource"), on.alarms),
    allow("Dashboards", of("cloudwatch", "GetDashboard"), on.dashboards),
    allow(
      "Topics",
      of(
        "sns",
        "GetSubscriptionAttributes",
        "GetTopicAttributes",
        "ListSubscriptionsByTopic",
        "ListTagsForResource",
      ),
      on.topics,
    ),
    allow(
      "Release",
      of("codedeploy", "GetApplication", "GetDeploymentGroup", "ListTagsForResource"),
      [...on.application, ...on.deploymentGroup],
    ),
    allow(
      "Bucket",
      of(
        "s3",
        "GetAccelerateConfiguration",
        "GetBucketAcl",
        "GetBucketCORS",
        "GetBucketLogging",
        "GetBucketObjectLockConfiguration",
        "GetBucketOwnershipControls",
        "GetBucketPolicy",
        "GetBucketPublicAccessBlock",
        "GetBucketRequestPayment",
        "GetBucketTagging",
        "GetBucketVersioning",
        "GetBucketWebsite",
        "GetEncryptionConfiguration",
        "GetLifecycleConfiguration",
        "GetReplicationConfiguration",
        "ListBucket",
        "ListTagsForResource",
      ),
      on.bucket,
      inOwnAccount(location),
    ),
    allow(
      "Artifacts",
      of("s3", "GetObject", "GetObjectTagging"),
      on.artifacts,
      inOwnAccount(location),
    ),
    allow(
      "Roles",
      of("iam", "GetRole", "GetRolePolicy", "ListAttachedRolePolicies", "ListRolePolicies"),
      [...on.allRuntimeRoles, ...on.identityRoles],
    ),
    allow("Policies", of("iam", "GetPolicy", "GetPolicyVersion"), on.identityPolicies),
    allow("Provider", of("iam", "GetOpenIDConnectProvider"), on.provider),
    ...(ownVpc
      ? [allow("Networks", of("ec2", "DescribeVpcAttribute"), [ec2Arn(location, "vpc")])]
      : []),
  );
}

/** EC2 cannot scope these to a resource. */
const NETWORK_READS = of(
  "ec2",
  "DescribeAddresses",
  "DescribeAddressesAttribute",
  "DescribeAvailabilityZones",
  "DescribeInternetGateways",
  "DescribeNatGateways",
  "DescribeNetworkAcls",
  "DescribeNetworkInterfaces",
  "DescribePrefixLists",
  "DescribeRouteTables",
  "DescribeSecurityGroupRules",
  "DescribeSecurityGroups",
  "DescribeSubnets",
  "DescribeVpcEndpoints",
  "DescribeVpcs",
);

/** The one stack of the state that a plan needs; ciphertext of secrets included, their key not. */
export function previewStatePolicy(
  location: AwsLocation,
  scope: Scope,
  project: string,
): PolicyDocument {
  return policy(...readState(location, scope, project));
}

/** The same, with the key: Pulumi opens a stack's secrets before it plans. */
export function planStatePolicy(
  location: AwsLocation,
  scope: Scope,
  project: string,
): PolicyDocument {
  return policy(
    ...readState(location, scope, project),
    allow("Secrets", of("kms", "Decrypt"), targets(location, scope).keys, ofStack(scope)),
  );
}

function readState(location: AwsLocation, scope: Scope, project: string): readonly Statement[] {
  const on = targets(location, scope);
  const [state] = on.stateBucket;
  return [
    allow("ListState", of("s3", "ListBucket"), on.stateBucket, inOwnAccount(location)),
    allow(
      "ReadState",
      of("s3", "GetObject"),
      [
        `${state}/.pulumi/meta.yaml`,
        // The checkpoint, and the tags beside it.
        `${state}/.pulumi/stacks/${project}/${scope.environment}.*`,
      ],
      inOwnAccount(location),
    ),
  ];
}
