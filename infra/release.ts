import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { AwsLocation } from "./arns.ts";
import { type Artifact, uploadArtifact } from "./function/artifact.ts";
import { signedCode } from "./function/signing.ts";
import { makeBoundedRole } from "./bounded-role.ts";
import { codeDeployRolePolicy, hookRolePolicy, serviceTrust } from "./identity/runtime-policies.ts";
import * as names from "./names.ts";
import { type HookBudget, hookBudget } from "./release/hook-budget.ts";
import type { Settings } from "./settings.ts";

export interface ReleaseArgs {
  readonly settings: Settings;
  readonly location: AwsLocation;
  /** Bounds what the roles made here can ever be given. */
  readonly boundaryArn: pulumi.Input<string>;
  /** Smoke events of the hook: how many calls one round of it makes. */
  readonly smokeEvents: number;
  /** The service's own alarms. They stop deployments that somebody starts without `npm run release`. */
  readonly observability: { readonly releaseAlarmNames: readonly pulumi.Input<string>[] };
  /** The built pre-traffic hook. */
  readonly hook: Artifact;
  /** Where the hook is uploaded to. */
  readonly bucketName: pulumi.Input<string>;
  /** Says whose signature the hook's code must have. Default nobody's. */
  readonly codeSigningConfigArn?: pulumi.Input<string> | undefined;
  /** The KMS key that encrypts the hook's logs and environment variables. Default AWS's own. */
  readonly keyArn?: pulumi.Input<string> | undefined;
}

/**
 * How traffic moves: the CodeDeploy application and group, and the hook that tries a version before it gets any
 * traffic. It moves nothing by itself; `npm run release` does, and brings the alarms that judge the version along
 * (docs/decisions/0204-a-release-brings-its-alarms.md).
 */
export class Release extends pulumi.ComponentResource {
  readonly applicationName: pulumi.Output<string>;
  readonly deploymentGroupName: pulumi.Output<string>;
  /** Full name, for example `CodeDeployDefault.LambdaAllAtOnce`. */
  readonly deploymentConfigName: pulumi.Output<string>;
  readonly hookFunctionName: pulumi.Output<string>;
  /** Timeout of the pre-traffic hook. */
  readonly hookTimeoutSeconds: number;

  constructor(name: string, args: ReleaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("lambda-service:infra:Release", name, {}, opts);
    const { settings, location } = args;
    const child = { parent: this };
    const part = names.partNames(name, "release");

    const { durationAlarmMs: slowestCallMs, timeoutSeconds } = settings;
    const budget = hookBudget({ events: args.smokeEvents, timeoutSeconds, slowestCallMs });
    this.hookTimeoutSeconds = budget.timeoutSeconds;
    const hook = this.#preTrafficHook(args, part, budget);
    const { role, permissions } = makeBoundedRole(
      part("codedeploy"),
      {
        roleName: names.codeDeployRoleName(settings),
        description: `What CodeDeploy may do to release ${names.functionName(settings)}`,
        trust: serviceTrust("codedeploy.amazonaws.com", location),
        permissions: codeDeployRolePolicy(location, settings),
        boundaryArn: args.boundaryArn,
      },
      child,
    );

    const application = new aws.codedeploy.Application(
      part("application"),
      { name: names.codeDeployApplicationName(settings), computePlatform: "Lambda" },
      child,
    );
    const group = new aws.codedeploy.DeploymentGroup(
      part("group"),
      {
        appName: application.name,
        deploymentGroupName: names.deploymentGroupName(settings),
        deploymentConfigName: `CodeDeployDefault.Lambda${settings.trafficShift}`,
        deploymentStyle: {
          deploymentType: "BLUE_GREEN",
          deploymentOption: "WITH_TRAFFIC_CONTROL",
        },
        serviceRoleArn: role.arn,
        alarmConfiguration: { enabled: true, alarms: [...args.observability.releaseAlarmNames] },
        autoRollbackConfiguration: {
          enabled: true,
          events: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
        },
      },
      { ...child, dependsOn: [permissions] },
    );

    this.applicationName = application.name;
    this.deploymentGroupName = group.deploymentGroupName;
    this.deploymentConfigName = group.deploymentConfigName.apply((config) => config ?? "");
    this.hookFunctionName = hook.name;
    this.registerOutputs({ applicationName: application.name, hookFunctionName: hook.name });
  }

  /** Calls exactly the new version and tells CodeDeploy whether it may get traffic. */
  #preTrafficHook(
    args: ReleaseArgs,
    part: (name: string) => string,
    budget: HookBudget,
  ): aws.lambda.Function {
    const { settings, location, boundaryArn, keyArn } = args;
    const child = { parent: this };
    const logGroup = new aws.cloudwatch.LogGroup(
      part("hook-logs"),
      {
        name: names.hookLogGroupName(settings),
        retentionInDays: settings.logRetentionDays,
        ...(keyArn !== undefined && { kmsKeyId: keyArn }),
      },
      child,
    );
    const { role, permissions } = makeBoundedRole(
      part("hook"),
      {
        roleName: names.hookRoleName(settings),
        description: `What ${names.hookFunctionName(settings)} may do`,
        trust: serviceTrust("lambda.amazonaws.com"),
        permissions: hookRolePolicy(location, settings),
        boundaryArn,
      },
      child,
    );
    const uploaded = uploadArtifact(part("hook"), args.hook, args.bucketName, child);
    return new aws.lambda.Function(
      part("hook"),
      {
        name: names.hookFunctionName(settings),
        description: `Tries a version of ${names.functionName(settings)} before it gets traffic`,
        role: role.arn,
        runtime: settings.runtime,
        architectures: [settings.architecture],
        handler: "dist/index.handler",
        ...signedCode(part("hook"), uploaded, settings, args.codeSigningConfigArn, child),
        memorySize: 256,
        timeout: budget.timeoutSeconds,
        ...(keyArn !== undefined && { kmsKeyArn: keyArn }),
        environment: {
          variables: {
            FUNCTION_NAME: names.functionName(settings),
            ROUNDS: String(budget.rounds),
            SLOWEST_CALL_MS: String(settings.durationAlarmMs),
          },
        },
        loggingConfig: {
          logFormat: "JSON",
          logGroup: logGroup.name,
          // Both levels, always: leaving one out makes the provider plan a change at every run.
          applicationLogLevel: "INFO",
          systemLogLevel: "INFO",
        },
      },
      { ...child, dependsOn: [permissions] },
    );
  }
}
