/** Rows and attacks of a VPC's endpoints and flow logs. */
import type { Call, Context } from "../support/evaluator.ts";
import type { Program, RoleKey } from "../support/program.ts";
import {
  arn,
  globalArn,
  logGroupArns,
  on,
  passRole,
  type RowTable,
  text,
} from "../support/rows.ts";

const tagged = ({ tags }: Pick<Program, "tags">, source: "RequestTag" | "ResourceTag"): Context =>
  Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:${source}/${key}`, value]));

const ec2Arn = (program: Pick<Program, "location">, type: string): string =>
  arn(program, "ec2", `${type}/${type}-0a1b2c3d`);

/** Making and tagging something of EC2, and changing its tags. */
const made = (program: Program, type: string, create: string) => [
  ...on(ec2Arn(program, type), { create: `ec2:${create}` }, tagged(program, "RequestTag")),
  ...on(
    ec2Arn(program, type),
    { create: "ec2:CreateTags" },
    { ...tagged(program, "RequestTag"), "ec2:CreateAction": create },
  ),
  ...on(ec2Arn(program, type), { update: "ec2:DeleteTags" }, tagged(program, "ResourceTag")),
  ...on(
    ec2Arn(program, type),
    { update: "ec2:CreateTags" },
    { ...tagged(program, "RequestTag"), ...tagged(program, "ResourceTag") },
  ),
];

export const NETWORK_CALLS: RowTable = {
  "aws:ec2/vpcEndpoint:VpcEndpoint": (_inputs, program) => [
    ...made(program, "vpc-endpoint", "CreateVpcEndpoint"),
    ...on(
      ec2Arn(program, "vpc-endpoint"),
      { update: "ec2:ModifyVpcEndpoint", delete: "ec2:DeleteVpcEndpoints" },
      tagged(program, "ResourceTag"),
    ),
    // It is judged on all that it joins (EC2 in the service authorization reference).
    ...["vpc", "subnet", "security-group"].flatMap((type) =>
      on(
        ec2Arn(program, type),
        {
          create: "ec2:CreateVpcEndpoint",
          ...(type !== "vpc" && { update: "ec2:ModifyVpcEndpoint" }),
        },
        tagged(program, "ResourceTag"),
      ),
    ),
    // Private names (PrivateLink guide, "Access an AWS service using an interface VPC endpoint").
    ...on(`arn:${program.location.partition}:route53:::hostedzone/Z0A1B2C3D`, {
      create: "route53:AssociateVPCWithHostedZone",
    }),
    ...on("*", {
      read: "ec2:DescribeVpcEndpoints ec2:DescribePrefixLists ec2:DescribeNetworkInterfaces",
    }),
  ],
  "aws:ec2/flowLog:FlowLog": (inputs, program) => [
    ...made(program, "vpc-flow-log", "CreateFlowLogs"),
    ...on(
      ec2Arn(program, "vpc-flow-log"),
      { delete: "ec2:DeleteFlowLogs" },
      tagged(program, "ResourceTag"),
    ),
    ...on(ec2Arn(program, "vpc"), { create: "ec2:CreateFlowLogs" }, tagged(program, "ResourceTag")),
    ...passRole(text(inputs, "iamRoleArn"), "vpc-flow-logs.amazonaws.com"),
    ...on("*", { read: "ec2:DescribeFlowLogs" }),
  ],
};

const flowLogGroup = (program: Pick<Program, "location" | "scope">) =>
  logGroupArns(
    program,
    `/aws/vpc/${program.scope.serviceName}-network-${program.scope.environment}`,
  );

const hasFlowLogs = ({ resources }: Program): boolean =>
  resources.some(({ type }) => type === "aws:ec2/flowLog:FlowLog");

/** What VPC Flow Logs does by its role (VPC guide, "IAM role for publishing flow logs to CloudWatch Logs"). */
export const flowLogCalls = (
  program: Program,
): readonly (Call & { by: string; roles: readonly RoleKey[] })[] =>
  hasFlowLogs(program)
    ? [
        ...["CreateLogStream", "PutLogEvents"].map((verb) => ({
          action: `logs:${verb}`,
          resource: `${flowLogGroup(program).tags}:log-stream:eni-0a1b2c3d-all`,
        })),
        { action: "logs:DescribeLogStreams", resource: `${flowLogGroup(program).tags}:*` },
        { action: "logs:DescribeLogGroups", resource: "*" },
      ].map((call) => ({ ...call, by: "recording traffic", roles: ["flowlogs" as const] }))
    : [];

export function networkAttacks(
  program: Program,
): readonly (Call & { attack: string; role: RoleKey })[] {
  if (!hasFlowLogs(program)) return [];
  const { scope, location } = program;
  const role = globalArn(program, "iam", `role/${scope.serviceName}-flowlogs-${scope.environment}`);
  const foreign = (source: "RequestTag" | "ResourceTag", without: string): Context => ({
    ...tagged(program, source),
    [`aws:${source}/${without}`]: "payroll",
  });
  const ci = (attack: string, action: string, resource: string, context?: Context) => ({
    role: "deploy" as const,
    attack,
    action,
    resource,
    ...(context && { context }),
  });
  return [
    ci("give the flow logs' role to a function", "iam:PassRole", role, {
      "iam:PassedToService": "lambda.amazonaws.com",
    }),
    ci("give another role to flow logs", "iam:PassRole", role.replace("flowlogs", "execution"), {
      "iam:PassedToService": "vpc-flow-logs.amazonaws.com",
    }),
    ci("let a stranger take the flow logs' role", "iam:UpdateAssumeRolePolicy", role),
    ci("write rights into the flow logs' role without a boundary", "iam:PutRolePolicy", role),
    ...["service", "environment"].flatMap((tag) => [
      ci(
        "record the traffic of somebody's VPC",
        "ec2:CreateFlowLogs",
        ec2Arn(program, "vpc"),
        foreign("ResourceTag", tag),
      ),
      ci(
        "make flow logs under another service's name",
        "ec2:CreateFlowLogs",
        ec2Arn(program, "vpc-flow-log"),
        foreign("RequestTag", tag),
      ),
      ci(
        "end somebody's flow logs",
        "ec2:DeleteFlowLogs",
        ec2Arn(program, "vpc-flow-log"),
        foreign("ResourceTag", tag),
      ),
    ]),
    ci("claim somebody's flow logs", "ec2:CreateTags", ec2Arn(program, "vpc-flow-log"), {
      ...tagged(program, "RequestTag"),
    }),
    ...["function", "hook"].map((name) => ({
      role: "flowlogs" as const,
      attack: "write the service's own logs",
      action: "logs:PutLogEvents",
      resource: `arn:${location.partition}:logs:${location.region}:${location.accountId}:log-group:/aws/lambda/${scope.serviceName}-${name}-${scope.environment}:log-stream:a`,
    })),
    {
      role: "flowlogs" as const,
      attack: "read what was recorded",
      action: "logs:GetLogEvents",
      resource: `${flowLogGroup(program).tags}:log-stream:a`,
    },
  ];
}
