/** Rows and attacks of provisioned concurrency and of what scales it. */
import * as names from "../../../../infra/names.ts";
import type { Scope } from "../../../../infra/names.ts";
import type { Call, Context } from "../support/evaluator.ts";
import type { Program } from "../support/program.ts";
import { arn, globalArn, type Inputs, on, type RowTable, text } from "../support/rows.ts";

const PROVISIONED = "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig";
const TARGET = "aws:appautoscaling/target:Target";

/** `function:NAME:ALIAS`, as Application Auto Scaling names it. */
const aliasArn = (program: Program, resourceId: string): string =>
  arn(program, "lambda", resourceId);

/** Application Auto Scaling draws the ids of its targets. */
const targetArn = (program: Program): string =>
  arn(program, "application-autoscaling", "scalable-target/0ec5a1b2c3d4e5f60718293a4b5c6d7e8f90");

const tagsOf = ({ serviceName, environment }: Scope, source: "RequestTag" | "ResourceTag") => ({
  [`aws:${source}/service`]: serviceName,
  [`aws:${source}/environment`]: environment,
});

const ofLambda: Context = { "application-autoscaling:service-namespace": "lambda" };

/** What the alarms of a target-tracking policy do: they call the policy. */
const scalingAction = (program: Program, resourceId: string): Context => ({
  "cloudwatch:AlarmActions": [
    arn(
      program,
      "autoscaling",
      `scalingPolicy:0a1b2c3d-0000-4000-8000-000000000000:resource/lambda/${resourceId}:policyName/utilisation`,
    ),
  ],
});

const scalingAlarm = (program: Program, resourceId: string): string =>
  arn(
    program,
    "cloudwatch",
    `alarm:TargetTracking-${resourceId}-AlarmHigh-0a1b2c3d-0000-4000-8000-000000000000`,
  );

/** Calls on a target that exists, with the stack's tags. */
const onTarget = (program: Program, words: Parameters<typeof on>[1]) =>
  on(targetArn(program), words, { ...tagsOf(program.scope, "ResourceTag"), ...ofLambda });

/** What AWS asks of whoever scales Lambda (Application Auto Scaling User Guide, "Identity-based policy examples"). */
const onLambda = (program: Program, inputs: Inputs) =>
  on(aliasArn(program, text(inputs, "resourceId")), {
    create: "lambda:GetProvisionedConcurrencyConfig lambda:PutProvisionedConcurrencyConfig",
    update: "lambda:PutProvisionedConcurrencyConfig",
    delete: "lambda:DeleteProvisionedConcurrencyConfig",
  });

export const CONCURRENCY_CALLS: RowTable = {
  [PROVISIONED]: (inputs, program) =>
    on(aliasArn(program, `function:${text(inputs, "functionName")}:${text(inputs, "qualifier")}`), {
      create: "lambda:PutProvisionedConcurrencyConfig",
      read: "lambda:GetProvisionedConcurrencyConfig",
      update: "lambda:PutProvisionedConcurrencyConfig",
      delete: "lambda:DeleteProvisionedConcurrencyConfig",
    }),
  [TARGET]: (inputs, program) => [
    ...on(
      targetArn(program),
      { create: "application-autoscaling:RegisterScalableTarget" },
      { ...tagsOf(program.scope, "RequestTag"), ...ofLambda },
    ),
    ...on(
      targetArn(program),
      { create: "application-autoscaling:TagResource" },
      tagsOf(program.scope, "RequestTag"),
    ),
    ...on(
      targetArn(program),
      { update: "application-autoscaling:TagResource" },
      { ...tagsOf(program.scope, "RequestTag"), ...tagsOf(program.scope, "ResourceTag") },
    ),
    ...on(
      targetArn(program),
      { update: "application-autoscaling:UntagResource" },
      tagsOf(program.scope, "ResourceTag"),
    ),
    ...onTarget(program, {
      update: "application-autoscaling:RegisterScalableTarget",
      delete: "application-autoscaling:DeregisterScalableTarget",
    }),
    ...onLambda(program, inputs),
    ...on(targetArn(program), { read: "application-autoscaling:ListTagsForResource" }),
    ...on("*", { read: "application-autoscaling:DescribeScalableTargets" }),
  ],
  "aws:appautoscaling/policy:Policy": (inputs, program) => {
    const resourceId = text(inputs, "resourceId");
    return [
      ...onTarget(program, {
        create: "application-autoscaling:PutScalingPolicy",
        update: "application-autoscaling:PutScalingPolicy",
        delete: "application-autoscaling:DeleteScalingPolicy",
      }),
      ...on(
        scalingAlarm(program, resourceId),
        { create: "cloudwatch:PutMetricAlarm", update: "cloudwatch:PutMetricAlarm" },
        scalingAction(program, resourceId),
      ),
      ...on(scalingAlarm(program, resourceId), { delete: "cloudwatch:DeleteAlarms" }),
      ...on("*", { read: "application-autoscaling:DescribeScalingPolicies" }),
    ];
  },
  "aws:appautoscaling/scheduledAction:ScheduledAction": (_inputs, program) => [
    ...onTarget(program, {
      create: "application-autoscaling:PutScheduledAction",
      update: "application-autoscaling:PutScheduledAction",
      delete: "application-autoscaling:DeleteScheduledAction",
    }),
    ...on("*", { read: "application-autoscaling:DescribeScheduledActions" }),
  ],
};

/** What the doctor reads besides what a plan does, where there is provisioned concurrency. */
export function concurrencyDoctorCalls(
  program: Program,
): readonly { readonly actions: string; readonly resource: string }[] {
  const has = (type: string) => program.resources.some((resource) => resource.type === type);
  return [
    ...(has(PROVISIONED) ? [{ actions: "lambda:GetAccountSettings", resource: "*" }] : []),
    ...(has(TARGET)
      ? [
          {
            actions: "iam:GetRole",
            resource: globalArn(
              program,
              "iam",
              "role/aws-service-role/lambda.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_LambdaConcurrency",
            ),
          },
        ]
      : []),
  ];
}

/** What CI could try by the rights of this option. `other` is the service's other environment. */
export function concurrencyAttacks(
  program: Program,
  other: Scope,
): readonly (Call & { readonly attack: string })[] {
  const { scope } = program;
  const own = `function:${names.functionName(scope)}:${names.ALIAS_NAME}`;
  const target = targetArn(program);
  const call = (attack: string, action: string, resource: string, context?: Context) => ({
    attack,
    action,
    resource,
    ...(context && { context }),
  });
  const foreign: readonly (readonly [string, Scope])[] = [
    ["the other environment's", other],
    ["another service's", { ...scope, serviceName: "payroll" }],
  ];
  return [
    ...foreign.flatMap(([whose, theirs]) => {
      const theirTags = { ...tagsOf(theirs, "ResourceTag"), ...ofLambda };
      const resourceId = `function:${names.functionName(theirs)}:${names.ALIAS_NAME}`;
      return [
        ...[
          "RegisterScalableTarget",
          "DeregisterScalableTarget",
          "PutScalingPolicy",
          "DeleteScalingPolicy",
          "PutScheduledAction",
          "DeleteScheduledAction",
          "UntagResource",
        ].map((verb) =>
          call(`scale ${whose} function`, `application-autoscaling:${verb}`, target, theirTags),
        ),
        call(
          `take over ${whose} scaling by tagging it as one's own`,
          "application-autoscaling:TagResource",
          target,
          { ...tagsOf(scope, "RequestTag"), ...tagsOf(theirs, "ResourceTag") },
        ),
        call(
          `take over ${whose} scaling by registering it again`,
          "application-autoscaling:RegisterScalableTarget",
          target,
          { ...tagsOf(scope, "RequestTag"), ...theirTags },
        ),
        call(
          `keep ${whose} function warm, at their cost`,
          "lambda:PutProvisionedConcurrencyConfig",
          arn(program, "lambda", resourceId),
        ),
        call(
          `silence ${whose} scaling`,
          "cloudwatch:DeleteAlarms",
          scalingAlarm(program, resourceId),
        ),
      ];
    }),
    ...["service", "environment"].flatMap((tag) => {
      // Right in all but one tag.
      const theirs = { [`aws:ResourceTag/${tag}`]: "somebody-else" };
      return [
        call(
          `change scaling with a foreign tag ${tag}`,
          "application-autoscaling:PutScalingPolicy",
          target,
          {
            ...tagsOf(scope, "ResourceTag"),
            ...ofLambda,
            ...theirs,
          },
        ),
        call(
          `untag scaling with a foreign tag ${tag}`,
          "application-autoscaling:UntagResource",
          target,
          {
            ...tagsOf(scope, "ResourceTag"),
            ...theirs,
          },
        ),
        ...["TagResource", "RegisterScalableTarget"].map((verb) =>
          call(
            `make scaling of what has a foreign tag ${tag}`,
            `application-autoscaling:${verb}`,
            target,
            {
              ...tagsOf(scope, "RequestTag"),
              ...ofLambda,
              ...theirs,
            },
          ),
        ),
      ];
    }),
    call("scale somebody's table", "application-autoscaling:RegisterScalableTarget", target, {
      ...tagsOf(scope, "RequestTag"),
      "application-autoscaling:service-namespace": "dynamodb",
    }),
    call(
      "keep an unjudged version warm",
      "lambda:PutProvisionedConcurrencyConfig",
      arn(program, "lambda", `function:${names.functionName(scope)}:7`),
    ),
    call(
      "let a scaling alarm stop machines",
      "cloudwatch:PutMetricAlarm",
      scalingAlarm(program, own),
      {
        "cloudwatch:AlarmActions": [`arn:aws:automate:${program.location.region}:ec2:stop`],
      },
    ),
    call(
      "let a scaling alarm scale another service",
      "cloudwatch:PutMetricAlarm",
      scalingAlarm(program, own),
      scalingAction(program, "function:payroll-function-staging:live"),
    ),
    call(
      "make the role by which AWS scales",
      "iam:CreateServiceLinkedRole",
      globalArn(
        program,
        "iam",
        "role/aws-service-role/lambda.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_LambdaConcurrency",
      ),
      {
        "iam:AWSServiceName": "lambda.application-autoscaling.amazonaws.com",
      },
    ),
  ];
}
