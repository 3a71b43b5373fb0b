/** What must be denied: calls that someone with one role's credentials would try. */
import * as names from "../../../../infra/names.ts";
import type { Call } from "../support/evaluator.ts";
import type { Program, RoleKey } from "../support/program.ts";
import { arn, globalArn, s3Arn } from "../support/rows.ts";
import { expectedAdditions } from "./additions.ts";
import { apiAttacks } from "./api.ts";
import { concurrencyAttacks } from "./concurrency.ts";
import { databaseAttacks } from "./database.ts";
import { secretsAttacks } from "./secrets.ts";
import { networkCalls } from "./command-calls.ts";
import { signingAttacks } from "./signing.ts";
import { networkAttacks } from "./network.ts";
import { keyAttacks } from "./encryption.ts";

export interface Attack extends Call {
  /** What the attacker is after. */
  readonly attack: string;
  readonly role: RoleKey;
}

const FOREIGN_ACCOUNT = "999999999999";

export function attacks(program: Program): readonly Attack[] {
  const { location, scope, project, resources } = program;
  const hasVpc = resources.some(({ inputs }) => inputs["vpcConfig"] !== undefined);
  const other = {
    ...scope,
    environment: scope.environment === "staging" ? "production" : "staging",
  };
  const role = (name: string) => globalArn(program, "iam", `role/${name}`);
  const policyOf = (name: string) => globalArn(program, "iam", `policy/${name}`);
  const { accountId } = location;
  const boundary = policyOf(names.boundaryName(scope));
  const underBoundary = { "iam:PermissionsBoundary": boundary };
  const execution = role(names.executionRoleName(scope));
  const codeDeploy = role(names.codeDeployRoleName(scope));
  const deploy = role(names.deployRoleName(scope));
  const preview = role(names.previewRoleName(scope));
  const lambda = arn(program, "lambda", `function:${names.functionName(scope)}`);
  const queue = arn(program, "sqs", names.deadLetterQueueName(scope));
  const logGroup = arn(program, "logs", `log-group:${names.logGroupName(scope)}`);
  const state = s3Arn(program, names.stateBucketName(scope, accountId));
  const bucket = s3Arn(program, names.artifactsBucketName(scope, accountId));
  const alarm = arn(program, "cloudwatch", `alarm:${names.metricName(scope, "errors")}`);
  const key = arn(program, "kms", "key/0a1b2c3d");
  const by =
    (role: RoleKey) =>
    (attack: string, action: string, resource: string, more?: Partial<Call>) => ({
      role,
      attack,
      action,
      resource,
      ...more,
    });
  const ci = by("deploy");
  const pr = by("preview");
  const plan = by("plan");
  const person = by("operator");
  const code = by("execution");
  const hook = by("hook");
  const shifter = by("codedeploy");
  const lambdaPass = { context: { "iam:PassedToService": "lambda.amazonaws.com" } };

  return [
    ...concurrencyAttacks(program, other).map((attack) => ({ role: "deploy" as const, ...attack })),
    ...sourceAttacks(program),
    ...apiAttacks(program, other),
    ...secretsAttacks(program).map((attack) => ({ role: "execution" as const, ...attack })),

    // More rights by handing a strong role to a service
    ci("run code as an administrator", "iam:PassRole", role("Administrator"), lambdaPass),
    ci("run code as the deploy role", "iam:PassRole", deploy, lambdaPass),
    ci("run code as the preview role", "iam:PassRole", preview, lambdaPass),
    ci("run code as CodeDeploy's role", "iam:PassRole", codeDeploy, lambdaPass),
    ci("give the execution role to a virtual machine", "iam:PassRole", execution, {
      context: { "iam:PassedToService": "ec2.amazonaws.com" },
    }),
    ci("give the execution role to CodeDeploy", "iam:PassRole", execution, {
      context: { "iam:PassedToService": "codedeploy.amazonaws.com" },
    }),
    ci("give CodeDeploy's role to CloudFormation", "iam:PassRole", codeDeploy, {
      context: { "iam:PassedToService": "cloudformation.amazonaws.com" },
    }),
    ci(
      "pass the other environment's role",
      "iam:PassRole",
      role(names.executionRoleName(other)),
      lambdaPass,
    ),

    // More rights by roles without the boundary
    ci("make a role without a boundary", "iam:CreateRole", execution),
    ci("make a role under a weaker boundary", "iam:CreateRole", execution, {
      context: { "iam:PermissionsBoundary": policyOf("weaker") },
    }),
    ci("make a role under AWS's AdministratorAccess", "iam:CreateRole", execution, {
      context: { "iam:PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess" },
    }),
    ci("make a role of another name", "iam:CreateRole", role("backdoor"), {
      context: underBoundary,
    }),
    ci("make a role whose name begins alike", "iam:CreateRole", `${execution}-backdoor`, {
      context: underBoundary,
    }),
    ci("take the boundary off", "iam:DeleteRolePermissionsBoundary", execution, {
      context: underBoundary,
    }),
    ci("exchange the boundary", "iam:PutRolePermissionsBoundary", execution, {
      context: { "iam:PermissionsBoundary": policyOf("weaker") },
    }),
    ci("write rights into a role without a boundary", "iam:PutRolePolicy", execution),
    ci("attach AdministratorAccess to the execution role", "iam:AttachRolePolicy", execution, {
      context: { ...underBoundary, "iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess" },
    }),
    ci("trust a stranger with a role without a boundary", "iam:UpdateAssumeRolePolicy", execution),

    ci("make a role under the boundary that a stranger may take", "iam:CreateRole", execution, {
      context: underBoundary,
    }),
    ...[execution, role(names.hookRoleName(scope)), codeDeploy].map((runtimeRole) =>
      ci("let a stranger take a runtime role for good", "iam:UpdateAssumeRolePolicy", runtimeRole, {
        context: underBoundary,
      }),
    ),
    ci("lengthen the sessions of a runtime role", "iam:UpdateRole", execution, {
      context: underBoundary,
    }),
    ci("delete a runtime role, to make it again with another trust", "iam:DeleteRole", execution, {
      context: underBoundary,
    }),
    ci("tag a runtime role for somebody's policy by tags", "iam:TagRole", execution),

    // More rights by the policies themselves
    ci("write a new version of the boundary", "iam:CreatePolicyVersion", boundary),
    ci(
      "go back to an older, wider version of the boundary",
      "iam:SetDefaultPolicyVersion",
      boundary,
    ),
    ci("delete the boundary", "iam:DeletePolicy", boundary),
    ...names.IDENTITY_POLICIES.map((part) =>
      ci(
        `write a new version of the policy ${part}`,
        "iam:CreatePolicyVersion",
        policyOf(names.identityPolicyName(scope, part)),
      ),
    ),
    ci("make a policy of one's own", "iam:CreatePolicy", policyOf("own")),

    // More rights by changing one's own role, its trust, or the provider
    ci("write rights into the deploy role", "iam:PutRolePolicy", deploy),
    ci("write rights into the deploy role, claiming the boundary", "iam:PutRolePolicy", deploy, {
      context: underBoundary,
    }),
    ci("attach a policy to the deploy role", "iam:AttachRolePolicy", deploy, {
      context: { "iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess" },
    }),
    ci("widen the deploy role's trust", "iam:UpdateAssumeRolePolicy", deploy),
    ci("lengthen the deploy role's sessions", "iam:UpdateRole", deploy),
    ci("delete the deploy role", "iam:DeleteRole", deploy, { context: underBoundary }),
    ci("widen the preview role's trust", "iam:UpdateAssumeRolePolicy", preview),
    ci("write rights into the preview role", "iam:PutRolePolicy", preview, {
      context: underBoundary,
    }),
    ci(
      "let the provider take another audience",
      "iam:AddClientIDToOpenIDConnectProvider",
      globalArn(program, "iam", "oidc-provider/token.actions.githubusercontent.com"),
    ),
    ci(
      "exchange the provider's thumbprint",
      "iam:UpdateOpenIDConnectProviderThumbprint",
      globalArn(program, "iam", "oidc-provider/token.actions.githubusercontent.com"),
    ),
    ci(
      "add a provider of one's own",
      "iam:CreateOpenIDConnectProvider",
      `arn:${location.partition}:iam::${accountId}:oidc-provider/evil.example`,
    ),
    ci(
      "make a user with keys that last",
      "iam:CreateUser",
      `arn:${location.partition}:iam::${accountId}:user/evil`,
    ),
    ci(
      "make keys for an administrator",
      "iam:CreateAccessKey",
      `arn:${location.partition}:iam::${accountId}:user/admin`,
    ),
    ci("take another role", "sts:AssumeRole", role("Administrator")),
    ci(
      "take the other environment's deploy role",
      "sts:AssumeRole",
      role(names.deployRoleName(other)),
    ),

    // The other environment, another service, another account
    ci(
      "change the other environment's code",
      "lambda:UpdateFunctionCode",
      arn(program, "lambda", `function:${names.functionName(other)}`),
    ),
    ci(
      "move the other environment's alias",
      "lambda:UpdateAlias",
      `${arn(program, "lambda", `function:${names.functionName(other)}`)}:live`,
    ),
    ci(
      "deploy to the other environment",
      "codedeploy:CreateDeployment",
      arn(
        program,
        "codedeploy",
        `deploymentgroup:${names.codeDeployApplicationName(other)}/${names.deploymentGroupName(other)}`,
      ),
    ),
    ci(
      "silence the other environment's alarm",
      "cloudwatch:DeleteAlarms",
      arn(program, "cloudwatch", `alarm:${names.metricName(other, "errors")}`),
    ),
    ci(
      "delete the other environment's logs",
      "logs:DeleteLogGroup",
      arn(program, "logs", `log-group:${names.logGroupName(other)}`),
    ),
    ci(
      "delete the other environment's dead letters",
      "sqs:DeleteQueue",
      arn(program, "sqs", names.deadLetterQueueName(other)),
    ),
    ci(
      "plant code for the other environment",
      "s3:PutObject",
      `${s3Arn(program, names.artifactsBucketName(other, accountId))}/function/a.zip`,
    ),
    ci(
      "read the other environment's state",
      "s3:GetObject",
      `${s3Arn(program, names.stateBucketName(other, accountId))}/.pulumi/stacks/a.json`,
    ),
    ci("decrypt the other environment's secrets", "kms:Decrypt", key, {
      context: { "kms:ResourceAliases": [names.stateKeyAlias(other)] },
    }),
    ci("decrypt with a key of somebody else's", "kms:Decrypt", key),
    ci(
      "write the other environment's role",
      "iam:PutRolePolicy",
      role(names.executionRoleName(other)),
      {
        context: { "iam:PermissionsBoundary": policyOf(names.boundaryName(other)) },
      },
    ),
    ci("change a function whose name begins alike", "lambda:UpdateFunctionCode", `${lambda}2`),
    ci(
      "upload to a bucket of the same name in another account",
      "s3:PutObject",
      `${bucket}/function/a.zip`,
      {
        context: { "aws:ResourceAccount": FOREIGN_ACCOUNT },
      },
    ),
    ci(
      "write the state to a bucket of another account",
      "s3:PutObject",
      `${state}/.pulumi/a.json`,
      {
        context: { "aws:ResourceAccount": FOREIGN_ACCOUNT },
      },
    ),
    ci(
      "note a release in a bucket of another account",
      "s3:PutObject",
      `${bucket}/releases/a.json`,
      {
        context: { "aws:ResourceAccount": FOREIGN_ACCOUNT },
      },
    ),
    ci("open the bucket of another account", "s3:PutBucketPolicy", bucket, {
      context: { "aws:ResourceAccount": FOREIGN_ACCOUNT },
    }),
    ci("watch which state another account keeps", "s3:ListBucket", state, {
      context: { "aws:ResourceAccount": FOREIGN_ACCOUNT },
    }),
    ci("list a bucket of the same name in another account", "s3:ListBucket", bucket, {
      context: { "aws:ResourceAccount": FOREIGN_ACCOUNT },
    }),
    ci("run code from a bucket of another account", "s3:GetObject", `${bucket}/function/a.zip`, {
      context: { "aws:ResourceAccount": FOREIGN_ACCOUNT },
    }),

    ci(
      "believe what another account says of a version",
      "s3:GetObject",
      `${bucket}/${names.releaseRecordsKey(scope)}`,
      { context: { "aws:ResourceAccount": FOREIGN_ACCOUNT } },
    ),

    ...["vpc", "natgateway"].map((type) =>
      ci(
        `delete the other environment's ${type}`,
        type === "vpc" ? "ec2:DeleteVpc" : "ec2:DeleteNatGateway",
        `arn:${location.partition}:ec2:${location.region}:${accountId}:${type}/${type}-0a1b2c3d`,
        {
          context: {
            "aws:ResourceTag/service": other.serviceName,
            "aws:ResourceTag/environment": other.environment,
          },
        },
      ),
    ),

    // Confused deputies: letting others in by the resource's own policy, or sending data out
    ci("let another account call the function", "lambda:AddPermission", lambda),
    ci("put the function on the internet", "lambda:CreateFunctionUrlConfig", lambda),
    ci("read events from a stream of one's choice", "lambda:CreateEventSourceMapping", "*"),
    ci("send the bucket's events elsewhere", "s3:PutBucketNotification", bucket),
    ci("copy the bucket elsewhere", "s3:PutReplicationConfiguration", bucket),
    ci("open the bucket by its ACL", "s3:PutBucketAcl", bucket),
    ci("send the logs elsewhere", "logs:PutSubscriptionFilter", logGroup),
    ci("send what the service logs to an account of one's own", "logs:PutResourcePolicy", "*"),
    ci(
      "add a layer to the function from a stranger",
      "lambda:GetLayerVersion",
      "arn:aws:lambda:us-east-1:999999999999:layer:evil:1",
    ),

    // Letting the service's own resources act on others
    ...[
      ["stop machines", "arn:aws:automate:REGION:ec2:stop"],
      [
        "terminate machines",
        "arn:aws:swf:REGION:ACCOUNT:action/actions/AWS_EC2.InstanceId.Terminate/1.0",
      ],
      ["run an automation", "arn:aws:ssm:REGION:ACCOUNT:opsitem:1"],
      ["call somebody's function", "arn:aws:lambda:REGION:ACCOUNT:function:payroll"],
      [
        "scale somebody's fleet",
        "arn:aws:autoscaling:REGION:ACCOUNT:scalingPolicy:a:autoScalingGroupName/b:policyName/c",
      ],
      ["tell another team's topic", "arn:aws:sns:REGION:ACCOUNT:payroll"],
      [
        "tell another account's topic",
        `arn:aws:sns:REGION:${FOREIGN_ACCOUNT}:${names.metricName(scope, "p1")}`,
      ],
    ].flatMap(([what = "", action = ""]) =>
      ["cloudwatch:PutMetricAlarm", "cloudwatch:PutCompositeAlarm"].map((put) =>
        ci(`let an alarm ${what}`, put, alarm, {
          context: {
            "cloudwatch:AlarmActions": [
              action.replace("REGION", location.region).replace("ACCOUNT", accountId),
            ],
          },
        }),
      ),
    ),
    ci("let an alarm stop machines beside telling a topic", "cloudwatch:PutMetricAlarm", alarm, {
      context: {
        "cloudwatch:AlarmActions": [
          arn(program, "sns", names.metricName(scope, "p1")),
          `arn:aws:automate:${location.region}:ec2:stop`,
        ],
      },
    }),
    ...["lambda:CreateFunction", "lambda:UpdateFunctionConfiguration"].map((configure) =>
      ci("run a stranger's layer in the function", configure, lambda, {
        context: { "lambda:Layer": [`arn:aws:lambda:us-east-1:${FOREIGN_ACCOUNT}:layer:evil:1`] },
      }),
    ),
    // Where there is a VPC of its own, the execution role bounds which subnets it may enter.
    ...(hasVpc
      ? []
      : ["lambda:CreateFunction", "lambda:UpdateFunctionConfiguration"].map((configure) =>
          ci("put the function into somebody's network", configure, lambda, {
            context: {
              "lambda:VpcIds": "vpc-0f0f0f0f",
              "lambda:SubnetIds": ["subnet-0f0f0f0f"],
              "lambda:SecurityGroupIds": ["sg-0f0f0f0f"],
            },
          }),
        )),
    ...["subnet", "security-group"].flatMap((type) =>
      [
        {},
        { "aws:ResourceTag/service": scope.serviceName },
        { "aws:ResourceTag/environment": scope.environment },
      ].map((context) =>
        code(
          `let the function enter somebody's ${type}`,
          "ec2:CreateNetworkInterface",
          arn(program, "ec2", `${type}/${type}-0f0f0f0f`),
          {
            context,
          },
        ),
      ),
    ),
    ci(
      "detach the network of a machine",
      "ec2:DetachNetworkInterface",
      arn(program, "ec2", "instance/i-0f0f0f0f"),
    ),

    // Data that a pipeline does not need
    ci("open the dead letters by the queue's own policy", "sqs:SetQueueAttributes", queue),
    ci("open the dead letters by a permission", "sqs:AddPermission", queue),
    ci("delete the dead letters", "sqs:DeleteQueue", queue),
    ci("empty the dead letters", "sqs:PurgeQueue", queue),
    ci("make the queue again with a policy of one's own", "sqs:CreateQueue", queue),
    ci("move dead letters to a queue of one's own", "sqs:StartMessageMoveTask", queue),
    ci("overwrite somebody's saved query", "logs:PutQueryDefinition", "*"),
    ci("end another team's subscription", "sns:Unsubscribe", arn(program, "sns", "payroll")),
    ci(
      "change another team's subscription",
      "sns:SetSubscriptionAttributes",
      arn(program, "sns", "payroll"),
    ),
    ...(["deploy", "operator", "hook"] as const).map((one) =>
      by(one)(
        "run what an update has put up and nothing has judged",
        "lambda:InvokeFunction",
        `${lambda}:$LATEST`,
      ),
    ),
    ci("read customers' dead letters", "sqs:ReceiveMessage", queue),
    ci("read customers' log lines", "logs:FilterLogEvents", logGroup),
    ci("read what the account pays for", "ce:GetCostAndUsage", "*"),
    ci("run what no release has judged", "lambda:InvokeFunction", lambda),
    ci(
      "read a secret",
      "secretsmanager:GetSecretValue",
      `arn:aws:secretsmanager:${location.region}:${accountId}:secret:database-0a1b2c`,
    ),
    ci("delete the key of the state", "kms:ScheduleKeyDeletion", key, {
      context: { "kms:ResourceAliases": [names.stateKeyAlias(scope)] },
    }),
    ci("delete the state bucket", "s3:DeleteBucket", state),
    ci("turn off the state's versions", "s3:PutBucketVersioning", state),
    ci(
      "turn off CloudTrail",
      "cloudtrail:StopLogging",
      `arn:aws:cloudtrail:${location.region}:${accountId}:trail/audit`,
    ),

    // The preview role runs whatever a pull request says
    pr(
      "write the state",
      "s3:PutObject",
      `${state}/.pulumi/stacks/${project}/${scope.environment}.json`,
    ),
    pr(
      "read the state's history",
      "s3:GetObject",
      `${state}/.pulumi/history/${project}/${scope.environment}/a.json`,
    ),
    pr(
      "read backups of the state",
      "s3:GetObject",
      `${state}/.pulumi/backups/${project}/${scope.environment}/a.json`,
    ),
    pr(
      "read the state of a stack whose name begins alike",
      "s3:GetObject",
      `${state}/.pulumi/stacks/${project}/${scope.environment}2.json`,
    ),
    pr(
      "read another stack's state",
      "s3:GetObject",
      `${state}/.pulumi/stacks/other/${scope.environment}.json`,
    ),
    pr("read state from another account", "s3:GetObject", `${state}/.pulumi/meta.yaml`, {
      context: { "aws:ResourceAccount": FOREIGN_ACCOUNT },
    }),
    pr("list another account's state", "s3:ListBucket", state, {
      context: { "aws:ResourceAccount": FOREIGN_ACCOUNT },
    }),
    pr("decrypt the stack's secrets", "kms:Decrypt", key, {
      context: { "kms:ResourceAliases": [names.stateKeyAlias(scope)] },
    }),
    pr(
      "read a secret",
      "secretsmanager:GetSecretValue",
      `arn:aws:secretsmanager:${location.region}:${accountId}:secret:database-0a1b2c`,
    ),
    pr(
      "read a parameter",
      "ssm:GetParameter",
      `arn:aws:ssm:${location.region}:${accountId}:parameter/database`,
    ),
    pr("call the function", "lambda:InvokeFunction", `${lambda}:live`),
    pr("read dead letters", "sqs:ReceiveMessage", queue),
    pr("read log lines", "logs:FilterLogEvents", logGroup),
    pr("read what the account pays for", "ce:GetCostAndUsage", "*"),
    pr("take the deploy role", "sts:AssumeRole", deploy),
    pr("move the alias", "lambda:UpdateAlias", lambda),

    // The plan role runs what is on the default branch, and opens the stack's secrets
    plan(
      "write the state",
      "s3:PutObject",
      `${state}/.pulumi/stacks/${project}/${scope.environment}.json`,
    ),
    plan(
      "read the state's history",
      "s3:GetObject",
      `${state}/.pulumi/history/${project}/${scope.environment}/a.json`,
    ),
    plan("decrypt the other environment's secrets", "kms:Decrypt", key, {
      context: { "kms:ResourceAliases": [names.stateKeyAlias(other)] },
    }),
    plan("decrypt with a key of somebody else's", "kms:Decrypt", key),
    plan("encrypt secrets of its own", "kms:Encrypt", key, {
      context: { "kms:ResourceAliases": [names.stateKeyAlias(scope)] },
    }),
    plan("read state from another account", "s3:GetObject", `${state}/.pulumi/meta.yaml`, {
      context: { "aws:ResourceAccount": FOREIGN_ACCOUNT },
    }),
    plan("list another account's state", "s3:ListBucket", state, {
      context: { "aws:ResourceAccount": FOREIGN_ACCOUNT },
    }),
    plan("move the alias", "lambda:UpdateAlias", lambda),
    plan("read dead letters", "sqs:ReceiveMessage", queue),
    ci(
      "widen the plan role's trust",
      "iam:UpdateAssumeRolePolicy",
      role(names.planRoleName(scope)),
    ),
    ci("run code as the plan role", "iam:PassRole", role(names.planRoleName(scope)), lambdaPass),

    // People on call
    person("change code by hand", "lambda:UpdateFunctionCode", lambda),
    person("delete the function", "lambda:DeleteFunction", lambda),
    person(
      "delete an artifact beyond recall",
      "s3:DeleteObjectVersion",
      `${bucket}/function/a.zip`,
    ),
    person(
      "delete what remembers the releases",
      "s3:DeleteObject",
      `${bucket}/releases/records.json`,
    ),
    person("delete what another account stores", "s3:DeleteObject", `${bucket}/function/a.zip`, {
      context: { "aws:ResourceAccount": FOREIGN_ACCOUNT },
    }),
    person("give themselves rights", "iam:PutRolePolicy", execution, { context: underBoundary }),
    person(
      "read the state",
      "s3:GetObject",
      `${state}/.pulumi/stacks/${project}/${scope.environment}.json`,
    ),

    // Code inside the function
    code("take another role", "sts:AssumeRole", deploy),
    code("mute an alarm", "cloudwatch:DisableAlarmActions", alarm),
    code("delete an alarm", "cloudwatch:DeleteAlarms", alarm),
    code("set an alarm to green", "cloudwatch:SetAlarmState", alarm),
    code("delete its own logs", "logs:DeleteLogGroup", logGroup),
    code("shorten its logs' retention", "logs:PutRetentionPolicy", logGroup),
    code("read its own logs", "logs:GetLogEvents", `${logGroup}:log-stream:a`),
    code(
      "write the hook's logs",
      "logs:PutLogEvents",
      `${arn(program, "logs", `log-group:${names.hookLogGroupName(scope)}`)}:log-stream:a`,
    ),
    code("read dead letters back", "sqs:ReceiveMessage", queue),
    code("fill another queue", "sqs:SendMessage", arn(program, "sqs", "other")),
    code("change itself", "lambda:UpdateFunctionCode", lambda),
    code(
      "call another function",
      "lambda:InvokeFunction",
      arn(program, "lambda", `function:other`),
    ),
    code("read artifacts", "s3:GetObject", `${bucket}/function/a.zip`),
    code(
      "make a log group elsewhere",
      "logs:CreateLogGroup",
      arn(program, "logs", "log-group:other"),
    ),

    // The hook and CodeDeploy
    hook("move the alias itself", "lambda:UpdateAlias", lambda),
    hook(
      "call a function that is not judged",
      "lambda:InvokeFunction",
      arn(program, "lambda", `function:other`),
    ),
    hook(
      "start a deployment",
      "codedeploy:CreateDeployment",
      arn(
        program,
        "codedeploy",
        `deploymentgroup:${names.codeDeployApplicationName(scope)}/${names.deploymentGroupName(scope)}`,
      ),
    ),
    shifter(
      "move another function's alias",
      "lambda:UpdateAlias",
      arn(program, "lambda", `function:other`),
    ),
    shifter("call the function itself", "lambda:InvokeFunction", `${lambda}:live`),
    shifter("change code", "lambda:UpdateFunctionCode", lambda),
    ...keyAttacks(program),
    ...networkAttacks(program),
    ...signingAttacks(program),
    ...databaseAttacks(program),
  ];
}

/** What the boundary alone must stop, whatever policies a role under it is given. */
/** The queues of event sources whose logical name ends so, as ARNs. */
const sourceQueues = (program: Program, ending: "-queue" | "-dead-letters"): readonly string[] =>
  program.resources
    .filter(
      ({ type, name, options }) =>
        type === "aws:sqs/queue:Queue" &&
        name.endsWith(ending) &&
        options.parent?.type === "lambda-service:infra:Sources",
    )
    .map(({ inputs }) => arn(program, "sqs", String(inputs["name"])));

/** What somebody would try who may change event sources. */
function sourceAttacks(program: Program): readonly Attack[] {
  const { scope } = program;
  const queues = sourceQueues(program, "-queue");
  const deadLetters = sourceQueues(program, "-dead-letters");
  if (deadLetters.length === 0) return [];
  const mapping = arn(program, "lambda", "event-source-mapping:0a1b2c3d");
  const foreign = arn(program, "lambda", "function:payroll");
  const rule = arn(program, "events", `rule/shop/${names.metricName(scope, "payments")}`);
  const scheduler = globalArn(program, "iam", `role/${names.metricName(scope, "scheduler")}`);
  const on =
    (role: RoleKey, resources: readonly string[]) =>
    (attack: string, actions: string): readonly Attack[] =>
      resources.flatMap((resource) =>
        actions.split(" ").map((action) => ({ role, attack, action, resource })),
      );
  const ci = (attack: string, action: string, resource: string, context?: Call["context"]) => ({
    role: "deploy" as const,
    attack,
    action,
    resource,
    ...(context && { context }),
  });
  return [
    ...on("deploy", [...queues, ...deadLetters])(
      "read what customers sent, by the queue or its policy",
      "sqs:ReceiveMessage sqs:SetQueueAttributes sqs:AddPermission sqs:DeleteQueue sqs:PurgeQueue sqs:StartMessageMoveTask",
    ),
    ...on("preview", [...queues, ...deadLetters])("read what customers sent", "sqs:ReceiveMessage"),
    ...on("operator", queues)(
      "take what the function is to get",
      "sqs:ReceiveMessage sqs:DeleteMessage",
    ),
    ...on("execution", deadLetters)(
      "read dead letters back",
      "sqs:ReceiveMessage sqs:DeleteMessage",
    ),
    ci("feed somebody else's function", "lambda:CreateEventSourceMapping", "*", {
      "lambda:FunctionArn": foreign,
    }),
    ci("change somebody else's mapping", "lambda:UpdateEventSourceMapping", mapping, {
      "lambda:FunctionArn": foreign,
    }),
    ci("end somebody else's mapping", "lambda:DeleteEventSourceMapping", mapping, {
      "lambda:FunctionArn": foreign,
    }),
    ci("feed what no release has judged", "lambda:CreateEventSourceMapping", "*", {
      "lambda:FunctionArn": `${arn(program, "lambda", `function:${names.functionName(scope)}`)}:$LATEST`,
    }),
    ci("send the bus's events to a queue of one's own", "events:PutTargets", rule, {
      "events:TargetArn": [arn(program, "sqs", "evil")],
    }),
    ci("call any function by a rule", "events:PutTargets", rule, {
      "events:TargetArn": [foreign],
    }),
    ci("give the role of schedules to a function", "iam:PassRole", scheduler, {
      "iam:PassedToService": "lambda.amazonaws.com",
    }),
    ci("write the role of schedules without the boundary", "iam:PutRolePolicy", scheduler),
    ci("put a rule on everything", "events:PutRule", arn(program, "events", "rule/everything")),
    ci(
      "schedule in somebody else's group",
      "scheduler:CreateSchedule",
      arn(program, "scheduler", "schedule/default/evil"),
    ),
    {
      role: "scheduler",
      attack: "run what no release has judged",
      action: "lambda:InvokeFunction",
      resource: `${arn(program, "lambda", `function:${names.functionName(scope)}`)}:$LATEST`,
    },
    {
      role: "scheduler",
      attack: "call another function",
      action: "lambda:InvokeFunction",
      resource: foreign,
    },
  ];
}

export function attacksOnBoundary(program: Program): readonly (Call & { attack: string })[] {
  const { location, scope } = program;
  const other = {
    ...scope,
    environment: scope.environment === "staging" ? "production" : "staging",
  };
  const lambda = arn(program, "lambda", `function:${names.functionName(scope)}`);
  const bucket = s3Arn(program, names.artifactsBucketName(scope, location.accountId));
  const state = s3Arn(program, names.stateBucketName(scope, location.accountId));
  const role = (name: string) => globalArn(program, "iam", `role/${name}`);
  const key = arn(program, "kms", "key/0a1b2c3d");
  return [
    { attack: "take another role", action: "sts:AssumeRole", resource: role("Administrator") },
    {
      attack: "write a role",
      action: "iam:PutRolePolicy",
      resource: role(names.deployRoleName(scope)),
    },
    {
      attack: "take off its own boundary",
      action: "iam:DeleteRolePermissionsBoundary",
      resource: role(names.executionRoleName(scope)),
    },
    {
      attack: "make a user",
      action: "iam:CreateUser",
      resource: `arn:${location.partition}:iam::${location.accountId}:user/evil`,
    },
    {
      attack: "pass a role on",
      action: "iam:PassRole",
      resource: role(names.executionRoleName(scope)),
    },
    {
      attack: "read the state",
      action: "s3:GetObject",
      resource: `${state}/.pulumi/stacks/a.json`,
    },
    { attack: "decrypt secrets", action: "kms:Decrypt", resource: key },
    {
      attack: "change code",
      action: "lambda:UpdateFunctionCode",
      resource: arn(program, "lambda", `function:${names.functionName(scope)}`),
    },
    ...["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"].map((action) => ({
      attack: "read or lose dead letters",
      action,
      resource: arn(program, "sqs", names.deadLetterQueueName(scope)),
    })),
    ...sourceQueues(program, "-dead-letters").flatMap((resource) =>
      ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"].map((action) => ({
        attack: "read or lose the dead letters of a source",
        action,
        resource,
      })),
    ),
    ...["GetObject", "PutObject", "DeleteObject"].flatMap((verb) =>
      [
        `${bucket}/function/a.zip`,
        `${bucket}/releases/records.json`,
        `${state}/.pulumi/stacks/a.json`,
      ].map((resource) => ({
        attack: "touch what is deployed, what releases remember, or the state",
        action: `s3:${verb}`,
        resource,
      })),
    ),
    ...[bucket, state].map((resource) => ({
      attack: "list what is deployed, or the state",
      action: "s3:ListBucket",
      resource,
    })),
    ...expectedAdditions({ location, scope: other }).map((call) => ({
      ...call,
      attack: "work on what is the other environment's",
    })),
    ...expectedAdditions({ location, scope: { ...scope, serviceName: "payroll" } }).map((call) => ({
      ...call,
      attack: "work on what is another service's",
    })),
    {
      attack: "read objects of another account's bucket of such a name",
      action: "s3:GetObject",
      resource: s3Arn(program, `${names.metricName(scope, "orders")}-${location.accountId}/a`),
      context: { "aws:ResourceAccount": FOREIGN_ACCOUNT },
    },
    {
      attack: "run what nothing has judged",
      action: "lambda:InvokeFunction",
      resource: `${lambda}:$LATEST`,
    },
    ...networkCalls(program).map((call) => ({
      ...call,
      attack: "handle network interfaces from inside the hook",
      context: {
        ...call.context,
        "lambda:SourceFunctionArn": arn(
          program,
          "lambda",
          `function:${names.hookFunctionName(scope)}`,
        ),
      },
    })),
    ...networkCalls(program).map((call) => ({
      ...call,
      attack: "handle network interfaces from inside the function",
      context: { ...call.context, "lambda:SourceFunctionArn": lambda },
    })),
    {
      attack: "start machines",
      action: "ec2:RunInstances",
      resource: `arn:${location.partition}:ec2:${location.region}:${location.accountId}:instance/i-0a1b2c3d`,
    },
  ];
}
