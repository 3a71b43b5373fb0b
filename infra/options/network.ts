/**
 * Where the function runs: outside of any VPC, in one that exists, or in one that the program makes, and how it gets
 * out of that one. docs/options.md says what it costs and how to leave it again.
 */
import { type AwsLocation, ec2Arn, logGroupArn, logGroupArns, roleArn } from "../arns.ts";
import {
  allow,
  ANY,
  type Condition,
  of,
  type PolicyDocument,
  policy,
  type Statement,
} from "../identity/document.ts";
import { taggedAs, targets } from "../identity/targets.ts";
import * as names from "../names.ts";
import { egress, type EgressRule } from "../network/egress.ts";
import {
  MOST_SECURITY_GROUPS,
  MOST_SUBNETS,
  SECURITY_GROUP_ID,
  SUBNET_ID,
} from "../settings/forms.ts";
import { LOG_RETENTION_DAYS } from "../settings/retention.ts";
import type { Settings } from "../settings/parse.ts";
import { integer, list, oneOf, oneOfNumbers, type Rule } from "../settings/rules.ts";
import type { Option } from "./option.ts";

export type { EgressRule };

/** The last part of an endpoint's name, such as `bedrock-runtime` of `com.amazonaws.eu-central-1.bedrock-runtime`. */
const SERVICE = /^[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)*$/;

/** AWS takes 5,000 endpoints and fewer in a VPC; more than a few dozen is a mistake. */
const MOST_ENDPOINTS = 30;

export const NETWORK_RULES = {
  network: oneOf(["none", "create", "leave", "existing"]),
  subnetIds: list(
    SUBNET_ID,
    MOST_SUBNETS,
    `must be a list of at most ${MOST_SUBNETS} ids such as subnet-0a1b2c3d`,
  ),
  securityGroupIds: list(
    SECURITY_GROUP_ID,
    MOST_SECURITY_GROUPS,
    `must be a list of at most ${MOST_SECURITY_GROUPS} ids such as sg-0a1b2c3d`,
  ),
  // In a single zone the service is down when the zone is. Nearly every region has three.
  availabilityZones: integer(2, 3, "zones; with one, the service is down whenever that zone is"),
  natGateways: oneOf(["none", "single", "onePerZone"]),
  interfaceEndpoints: list(
    SERVICE,
    MOST_ENDPOINTS,
    `must be a list of at most ${MOST_ENDPOINTS} names of services such as bedrock-runtime, as in com.amazonaws.REGION.bedrock-runtime`,
  ),
  egress,
  flowLogRetentionDays: oneOfNumbers(
    [0, ...LOG_RETENTION_DAYS],
    "0 (no flow logs) or a retention that CloudWatch Logs knows",
  ),
} as const satisfies Readonly<Record<string, Rule<unknown>>>;

type NetworkSettings = Pick<Settings, keyof typeof NETWORK_RULES>;

/** Whether the program makes a VPC, or keeps the one that it made. */
export const hasOwnVpc = ({ network }: Pick<NetworkSettings, "network">): boolean =>
  network === "create" || network === "leave";

export const hasFlowLogs = (settings: NetworkSettings): boolean =>
  hasOwnVpc(settings) && settings.flowLogRetentionDays > 0;

export const network: Option = {
  faults: networkFaults,
  // What the deploy role changes of it stands in its policy "network".
  deployRights: (location, settings) => ({
    change: [],
    read: hasFlowLogs(settings) ? flowLogReads(location, settings) : [],
  }),
};

/** What the deploy role needs for endpoints and flow logs beside making a VPC. */
export const networkRights = (location: AwsLocation, settings: Settings): readonly Statement[] => [
  ...(mayHaveInterfaces(settings) ? [NAME_ENDPOINTS] : []),
  ...(hasFlowLogs(settings) ? flowLogRights(location, settings) : []),
];

/** Without a way to the internet, what the handler may call decides which endpoints there are. */
const mayHaveInterfaces = (settings: NetworkSettings): boolean =>
  hasOwnVpc(settings) &&
  (settings.natGateways === "none" || settings.interfaceEndpoints.length > 0);

/** An endpoint is found by the service's usual name: EC2 joins the VPC to a zone of names that AWS owns. */
const NAME_ENDPOINTS = allow("NameEndpoints", of("route53", "AssociateVPCWithHostedZone"), [
  "arn:aws:route53:::hostedzone/*",
]);

function networkFaults(settings: Partial<Settings>, environment: string): readonly string[] {
  const { network, subnetIds, securityGroupIds } = settings;
  if (network === undefined) return [];
  const file = `Pulumi.${environment}.yaml`;
  const faults: string[] = [];
  for (const [key, value] of Object.entries({ subnetIds, securityGroupIds })) {
    if (value === undefined) continue;
    if (network === "existing" && value.length === 0) {
      faults.push(`${key}: no value; network existing needs at least one id; add it to ${file}`);
    }
    if (network !== "existing" && value.length > 0) {
      faults.push(
        `${key}: ${JSON.stringify(value)}; only network existing takes ids, and network is ${network}; remove it or set network to existing`,
      );
    }
    const twice = value.find((id, index) => value.indexOf(id) !== index);
    if (twice !== undefined) {
      faults.push(`${key}: "${twice}"; stands there twice; remove one of the two from ${file}`);
    }
  }
  if (network === "existing" && subnetIds !== undefined && new Set(subnetIds).size === 1) {
    faults.push(
      `subnetIds: ${JSON.stringify(subnetIds)}; lie in one zone only, and the service would be down whenever that zone is; add a subnet of another zone to ${file}`,
    );
  }
  if (network === "none" || network === "existing") {
    const { interfaceEndpoints = [], egress = [], flowLogRetentionDays = 0 } = settings;
    const idle = {
      ...(interfaceEndpoints.length > 0 && { interfaceEndpoints }),
      ...(egress.length > 0 && { egress }),
      ...(flowLogRetentionDays > 0 && { flowLogRetentionDays }),
    };
    for (const [key, value] of Object.entries(idle)) {
      faults.push(
        `${key}: ${JSON.stringify(value)}; is a setting of a VPC that this program makes, and network is ${network}; remove it from ${file} or set network to create`,
      );
    }
  }
  return faults;
}

/** What VPC Flow Logs does by its role: write to this one log group (VPC guide, "Publish flow logs to CloudWatch Logs"). */
export const flowLogsRights = (location: AwsLocation, settings: Settings): readonly Statement[] =>
  hasFlowLogs(settings)
    ? [
        allow(
          "WriteFlowLogs",
          of("logs", "CreateLogStream", "DescribeLogStreams", "PutLogEvents"),
          [`${logGroupArn(location, names.flowLogGroupName(settings))}:*`],
        ),
        // It looks for its group among all.
        allow("FindFlowLogs", of("logs", "DescribeLogGroups"), ANY),
      ]
    : [];

export const flowLogsRolePolicy = (location: AwsLocation, settings: Settings): PolicyDocument =>
  policy(...flowLogsRights(location, settings));

/** CI sets up flow logs and their role's rights; the role itself is an administrator's, like every other. */
function flowLogRights(location: AwsLocation, settings: Settings): readonly Statement[] {
  const role = [roleArn(location, names.flowLogsRoleName(settings))];
  const group = names.flowLogGroupName(settings);
  const groups = logGroupArns(location, group);
  const flowLogs = [ec2Arn(location, "vpc-flow-log")];
  const underBoundary: Condition = {
    StringEquals: { "iam:PermissionsBoundary": targets(location, settings).boundary },
  };
  return [
    allow(
      "FlowLogGroup",
      of(
        "logs",
        "CreateLogGroup",
        "DeleteLogGroup",
        "PutRetentionPolicy",
        ...(settings.createKey || settings.kmsKeyArn !== undefined
          ? ["AssociateKmsKey", "DisassociateKmsKey"]
          : []),
      ),
      groups,
    ),
    allow("FlowLogGroupTags", of("logs", "TagResource", "UntagResource"), [
      logGroupArn(location, group),
    ]),
    allow("FlowLogs", of("ec2", "CreateFlowLogs"), flowLogs, taggedAs(settings, "RequestTag")),
    allow(
      "ChangeFlowLogs",
      of("ec2", "CreateFlowLogs", "CreateTags", "DeleteFlowLogs", "DeleteTags"),
      [...flowLogs, ec2Arn(location, "vpc")],
      taggedAs(settings, "ResourceTag"),
    ),
    allow("TagFlowLogs", of("ec2", "CreateTags"), flowLogs, {
      StringEquals: {
        ...taggedAs(settings, "RequestTag")["StringEquals"],
        "ec2:CreateAction": "CreateFlowLogs",
      },
    }),
    allow("FlowLogsRole", of("iam", "DeleteRolePolicy", "PutRolePolicy"), role, underBoundary),
    allow("PassToFlowLogs", of("iam", "PassRole"), role, {
      StringEquals: { "iam:PassedToService": "vpc-flow-logs.amazonaws.com" },
    }),
  ];
}

function flowLogReads(location: AwsLocation, settings: Settings): readonly Statement[] {
  const group = logGroupArn(location, names.flowLogGroupName(settings));
  return [
    allow("FlowLogTags", of("logs", "ListTagsForResource"), [group]),
    allow("SeeFlowLogs", of("ec2", "DescribeFlowLogs"), ANY),
    allow(
      "FlowLogsRole",
      of("iam", "GetRole", "GetRolePolicy", "ListAttachedRolePolicies", "ListRolePolicies"),
      [roleArn(location, names.flowLogsRoleName(settings))],
    ),
  ];
}
