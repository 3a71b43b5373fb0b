/**
 * What the commands in `ops` and the running service call, by role. A command's call that is missing here is
 * not allowed to anyone: write it down under the roles that are meant to have it.
 */
import * as names from "../../../../infra/names.ts";
import type { Call } from "../support/evaluator.ts";
import type { Program, RoleKey } from "../support/program.ts";
import { arn, globalArn, logGroupArns, s3Arn } from "../support/rows.ts";
import { secretsCalls } from "./secrets.ts";
import { apiCommandCalls } from "./api.ts";
import { concurrencyDoctorCalls } from "./concurrency.ts";
import { databaseCommandCalls } from "./database.ts";
import { flowLogCalls } from "./network.ts";
import { keyCommandCalls } from "./encryption.ts";
import { ownCommandCalls } from "../../own/calls.ts";

export interface CommandCall extends Call {
  /** The command, or what the service is doing. */
  readonly by: string;
  readonly roles: readonly RoleKey[];
}

/** Whoever deploys by pipeline, and whoever does it by hand. */
const RELEASERS: readonly RoleKey[] = ["deploy", "operator"];
const PLANNERS: readonly RoleKey[] = ["preview", "plan"];
const PEOPLE: readonly RoleKey[] = ["operator"];

export function commandCalls(program: Program): readonly CommandCall[] {
  const { location, scope, project, resources } = program;
  const rows: CommandCall[] = [];
  const calls = (
    by: string,
    roles: readonly RoleKey[],
    actions: string,
    resource: string,
    context?: Call["context"],
  ): void => {
    for (const action of actions.split(" ")) {
      rows.push({ by, roles, action, resource, ...(context && { context }) });
    }
  };
  const lambda = arn(program, "lambda", `function:${names.functionName(scope)}`);
  const live = `${lambda}:${names.ALIAS_NAME}`;
  const hook = arn(program, "lambda", `function:${names.hookFunctionName(scope)}`);
  const queue = arn(program, "sqs", names.deadLetterQueueName(scope));
  const logGroup = logGroupArns(program, names.logGroupName(scope));
  const hookLogGroup = logGroupArns(program, names.hookLogGroupName(scope));
  const application = arn(
    program,
    "codedeploy",
    `application:${names.codeDeployApplicationName(scope)}`,
  );
  const group = arn(
    program,
    "codedeploy",
    `deploymentgroup:${names.codeDeployApplicationName(scope)}/${names.deploymentGroupName(scope)}`,
  );
  const bucket = s3Arn(program, names.artifactsBucketName(scope, location.accountId));
  const state = s3Arn(program, names.stateBucketName(scope, location.accountId));
  const anyAlarm = arn(program, "cloudwatch", "alarm:*");
  const key = arn(program, "kms", "key/0a1b2c3d");
  const secretsKey = { "kms:ResourceAliases": [names.stateKeyAlias(scope)] };

  // Pulumi's own state in S3, as read off the requests of the real engine: the checkpoint and its backup,
  // tags, locks, history and backups. Encrypting a new stack's key is the administrator's.
  const stack = `${state}/.pulumi/stacks/${project}/${scope.environment}`;
  calls("up", ["deploy"], "s3:ListBucket", state);
  calls("up", ["deploy"], "s3:GetObject s3:PutObject", `${stack}.json`);
  calls("up", ["deploy"], "s3:PutObject", `${stack}.json.bak`);
  calls("up", ["deploy"], "s3:GetObject", `${stack}.pulumi-tags`);
  for (const folder of ["locks/organization", "history", "backups"]) {
    const object = `${state}/.pulumi/${folder}/${project}/${scope.environment}/a.json`;
    calls("up", ["deploy"], "s3:GetObject s3:PutObject", object);
  }
  calls(
    "up",
    ["deploy"],
    "s3:DeleteObject",
    `${state}/.pulumi/locks/organization/${project}/${scope.environment}/a.json`,
  );
  calls("up", ["deploy"], "kms:Decrypt", key, secretsKey);
  calls("preview", PLANNERS, "s3:ListBucket", state);
  calls("preview", ["plan"], "kms:Decrypt", key, secretsKey);
  calls("preview", PLANNERS, "s3:GetObject", `${state}/.pulumi/meta.yaml`);
  calls("preview", PLANNERS, "s3:GetObject", `${stack}.json`);
  calls("preview", PLANNERS, "s3:GetObject", `${stack}.pulumi-tags`);

  calls("release", RELEASERS, "lambda:GetAlias", lambda);
  calls(
    "release",
    RELEASERS,
    "lambda:ListVersionsByFunction lambda:GetFunction lambda:ListTags",
    lambda,
  );
  calls(
    "release",
    RELEASERS,
    "lambda:GetFunctionConfiguration lambda:InvokeFunction",
    `${lambda}:7`,
  );
  calls("release", RELEASERS, "lambda:InvokeFunction", hook);
  calls(
    "release",
    RELEASERS,
    "s3:GetObject s3:PutObject",
    `${bucket}/${names.releaseRecordsKey(scope)}`,
  );
  calls("release", RELEASERS, "s3:GetObject", `${bucket}/${names.replayRecordKey(scope)}`);
  calls("release", RELEASERS, "s3:ListBucket", bucket);
  calls(
    "release",
    RELEASERS,
    "codedeploy:CreateDeployment codedeploy:GetDeployment codedeploy:ListDeployments codedeploy:BatchGetDeployments codedeploy:GetDeploymentGroup",
    group,
  );
  calls(
    "release",
    RELEASERS,
    "codedeploy:RegisterApplicationRevision codedeploy:GetApplicationRevision",
    application,
  );
  const config = resources.find(
    ({ type }) => type === "aws:codedeploy/deploymentGroup:DeploymentGroup",
  )?.inputs["deploymentConfigName"];
  calls(
    "release",
    RELEASERS,
    "codedeploy:GetDeploymentConfig",
    arn(program, "codedeploy", `deploymentconfig:${String(config)}`),
  );
  calls(
    "release",
    RELEASERS,
    "codedeploy:StopDeployment codedeploy:ListDeploymentTargets codedeploy:BatchGetDeploymentTargets",
    "*",
  );
  calls("release", RELEASERS, "cloudwatch:DescribeAlarms", anyAlarm);
  calls("release", RELEASERS, "cloudwatch:GetMetricData", "*");
  const canaryAlarm = arn(
    program,
    "cloudwatch",
    `alarm:${names.metricName(scope, "canary-errors-v7")}`,
  );
  calls("release", RELEASERS, "cloudwatch:DeleteAlarms cloudwatch:PutMetricAlarm", canaryAlarm);
  calls("rollback", RELEASERS, "lambda:UpdateAlias", lambda);
  calls("rollback", RELEASERS, "lambda:UpdateAlias", live);
  calls("smoke", RELEASERS, "lambda:InvokeFunction", live);

  calls(
    "replay",
    PEOPLE,
    "sqs:ReceiveMessage sqs:DeleteMessage sqs:ChangeMessageVisibility sqs:SendMessage sqs:GetQueueAttributes",
    queue,
  );
  calls("replay", PEOPLE, "lambda:InvokeFunction lambda:GetFunctionConfiguration", live);
  calls("replay", PEOPLE, "lambda:GetAlias", lambda);
  calls("replay", PEOPLE, "codedeploy:ListDeployments codedeploy:BatchGetDeployments", group);
  calls("replay", PEOPLE, "s3:GetObject s3:PutObject", `${bucket}/${names.replayRecordKey(scope)}`);
  calls("replay", PEOPLE, "s3:ListBucket", bucket);
  for (const form of [...logGroup.calls, ...hookLogGroup.calls]) {
    calls("logs", PEOPLE, "logs:FilterLogEvents logs:StartQuery logs:GetQueryResults", form);
  }
  calls("logs", PEOPLE, "logs:StopQuery", "*");
  calls("logs", PEOPLE, "xray:GetTraceSummaries xray:BatchGetTraces", "*");
  calls("tune", PEOPLE, "lambda:GetFunctionConfiguration", live);
  for (const form of logGroup.calls) {
    calls("tune", PEOPLE, "logs:StartQuery logs:GetQueryResults", form);
  }
  calls("tune", PEOPLE, "logs:StopQuery", "*");
  calls("cost", PEOPLE, "cloudwatch:GetMetricData ce:GetCostAndUsage", "*");
  calls("prune", PEOPLE, "lambda:DeleteFunction", `${lambda}:3`);
  calls("prune", PEOPLE, "s3:ListBucket", bucket);
  calls("prune", PEOPLE, "s3:DeleteObject", `${bucket}/function/0a1b.zip`);
  calls("prune", PEOPLE, "lambda:ListAliases lambda:ListVersionsByFunction", lambda);
  calls("prune", PEOPLE, "lambda:GetFunctionConfiguration", hook);
  calls("prune", PEOPLE, "codedeploy:ListDeployments codedeploy:BatchGetDeployments", group);
  calls("prune", PEOPLE, "s3:GetObject", `${bucket}/${names.releaseRecordsKey(scope)}`);
  calls(
    "doctor",
    ["operator", "preview"],
    "lambda:GetFunctionConfiguration lambda:GetAlias",
    lambda,
  );
  for (const { actions, resource } of concurrencyDoctorCalls(program)) {
    calls("doctor", PEOPLE, actions, resource);
  }
  calls("doctor", ["operator", "preview"], "lambda:GetFunctionConfiguration", hook);
  calls("doctor", ["operator", "preview"], "lambda:ListVersionsByFunction", lambda);
  calls("doctor", ["operator", "preview"], "lambda:GetFunctionConcurrency", lambda);
  calls("doctor", ["operator", "preview"], "sqs:GetQueueAttributes", queue);
  calls("doctor", ["operator", "preview"], "codedeploy:GetDeploymentGroup", group);
  calls("doctor", ["operator"], "codedeploy:ListDeployments codedeploy:BatchGetDeployments", group);
  calls("doctor", ["operator", "preview"], "cloudwatch:DescribeAlarms", anyAlarm);
  calls("doctor", ["operator", "preview"], "cloudwatch:ListMetrics", "*");
  calls("doctor", ["operator"], "s3:GetObject", `${bucket}/${names.releaseRecordsKey(scope)}`);
  for (const role of [
    names.deployRoleName,
    names.executionRoleName,
    names.hookRoleName,
    names.codeDeployRoleName,
  ]) {
    calls(
      "doctor",
      ["operator", "preview"],
      "iam:GetRole",
      globalArn(program, "iam", `role/${role(scope)}`),
    );
  }
  calls(
    "doctor",
    ["operator", "preview"],
    "iam:GetOpenIDConnectProvider",
    globalArn(program, "iam", "oidc-provider/token.actions.githubusercontent.com"),
  );

  calls(
    "handling",
    ["execution"],
    "logs:CreateLogStream logs:PutLogEvents",
    `${logGroup.tags}:log-stream:a`,
  );
  calls("handling", ["execution"], "xray:PutTraceSegments xray:PutTelemetryRecords", "*");
  calls("handling", ["execution"], "sqs:SendMessage", queue);
  for (const call of secretsCalls(program)) {
    rows.push({ by: "reading secrets", roles: ["execution"], ...call });
  }
  calls(
    "judging",
    ["hook"],
    "logs:CreateLogStream logs:PutLogEvents",
    `${hookLogGroup.tags}:log-stream:a`,
  );
  if (resources.some(({ inputs }) => inputs["vpcConfig"])) {
    for (const call of networkCalls(program)) {
      rows.push({ by: "entering the network", roles: ["execution"], ...call });
    }
  }
  calls("judging", ["hook"], "codedeploy:GetDeployment", group);
  calls("judging", ["hook"], "codedeploy:GetApplicationRevision", application);
  calls("judging", ["hook"], "codedeploy:PutLifecycleEventHookExecutionStatus", "*");
  calls("judging", ["hook"], "lambda:InvokeFunction", `${lambda}:7`);
  calls("shifting", ["codedeploy"], "lambda:GetAlias lambda:UpdateAlias", lambda);
  calls("shifting", ["codedeploy"], "lambda:GetAlias lambda:UpdateAlias", live);
  calls("shifting", ["codedeploy"], "lambda:GetProvisionedConcurrencyConfig", live);
  calls("shifting", ["codedeploy"], "lambda:InvokeFunction", hook);
  calls("shifting", ["codedeploy"], "cloudwatch:DescribeAlarms", anyAlarm);
  return [
    ...rows,
    ...keyCommandCalls(program),
    ...flowLogCalls(program),
    ...sourceCalls(program),
    ...databaseCommandCalls(program),
    ...apiCommandCalls(program),
    ...ownCommandCalls(program),
  ];
}

/** What is called for event sources: by Lambda's pollers, by schedules, and by people who replay. */
function sourceCalls({ resources, location }: Program): readonly CommandCall[] {
  const rows: CommandCall[] = [];
  const calls = (by: string, role: RoleKey, actions: string, resource: string): void => {
    for (const action of actions.split(" ")) rows.push({ by, roles: [role], action, resource });
  };
  const queues = resources.filter(
    ({ type, options }) =>
      type === "aws:sqs/queue:Queue" && options.parent?.type === "lambda-service:infra:Sources",
  );
  for (const { name, inputs } of queues) {
    const queue = arn({ location }, "sqs", String(inputs["name"]));
    if (name.endsWith("-queue")) {
      calls(
        "polling",
        "execution",
        "sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueAttributes",
        queue,
      );
      calls("replay", "operator", "sqs:SendMessage", queue);
    } else {
      calls(
        "replay",
        "operator",
        "sqs:ReceiveMessage sqs:DeleteMessage sqs:ChangeMessageVisibility sqs:SendMessage sqs:GetQueueAttributes",
        queue,
      );
    }
    calls("doctor", "operator", "sqs:GetQueueAttributes", queue);
    calls("doctor", "preview", "sqs:GetQueueAttributes", queue);
  }
  for (const { type, inputs } of resources) {
    const stream = String(inputs["eventSourceArn"]);
    if (
      type === "aws:lambda/eventSourceMapping:EventSourceMapping" &&
      stream.includes("/stream/")
    ) {
      calls(
        "polling",
        "execution",
        "dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator",
        stream,
      );
      calls("polling", "execution", "dynamodb:ListStreams", "*");
      const { onFailure } = inputs["destinationConfig"] as {
        onFailure: { destinationArn: string };
      };
      calls("giving up", "execution", "sqs:SendMessage", onFailure.destinationArn);
      calls("replay", "operator", "dynamodb:GetRecords dynamodb:GetShardIterator", stream);
    }
    if (type === "aws:lambda/eventSourceMapping:EventSourceMapping") {
      const mapping = arn({ location }, "lambda", "event-source-mapping:0a1b2c3d");
      for (const role of ["operator", "preview"] as const) {
        calls("doctor", role, "lambda:GetEventSourceMapping", mapping);
      }
    }
    if (type === "aws:scheduler/schedule:Schedule") {
      const { arn: alias, deadLetterConfig } = inputs["target"] as {
        arn: string;
        deadLetterConfig: { arn: string };
      };
      calls("firing", "scheduler", "lambda:InvokeFunction", alias);
      calls("giving up", "scheduler", "sqs:SendMessage", deadLetterConfig.arn);
    }
  }
  return rows;
}

/**
 * What Lambda does by the execution role where the function runs in a VPC; never the function's code.
 * Subnets and groups are those of the program: by their ids, or with the tags of its own.
 */
export function networkCalls(
  program: Pick<Program, "location" | "tags" | "resources">,
): readonly Call[] {
  const ec2 = (type: string, id = `${type}-0a1b2c3d`) => arn(program, "ec2", `${type}/${id}`);
  const tags = Object.fromEntries(
    Object.entries(program.tags).map(([key, value]) => [`aws:ResourceTag/${key}`, value]),
  );
  const vpcConfig = (program.resources.find(({ inputs }) => inputs["vpcConfig"])?.inputs[
    "vpcConfig"
  ] ?? {}) as Readonly<Record<string, readonly string[]>>;
  const parts = [
    ...(vpcConfig["subnetIds"] ?? []).map((id) => ({
      resource: ec2("subnet", id),
      context: { ...tags, "ec2:SubnetID": id },
    })),
    ...(vpcConfig["securityGroupIds"] ?? []).map((id) => ({
      resource: ec2("security-group", id),
      context: { ...tags, "ec2:SecurityGroupID": id },
    })),
  ];
  return [
    { action: "ec2:CreateNetworkInterface", resource: ec2("network-interface") },
    ...parts.map((part) => ({ action: "ec2:CreateNetworkInterface", ...part })),
    { action: "ec2:DeleteNetworkInterface", resource: ec2("network-interface") },
    { action: "ec2:AssignPrivateIpAddresses", resource: ec2("network-interface") },
    { action: "ec2:UnassignPrivateIpAddresses", resource: ec2("network-interface") },
    { action: "ec2:DescribeNetworkInterfaces", resource: "*" },
    { action: "ec2:DescribeSubnets", resource: "*" },
  ];
}
