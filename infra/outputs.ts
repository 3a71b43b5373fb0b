import * as pulumi from "@pulumi/pulumi";
import type { AwsLocation } from "./arns.ts";
import type { LambdaFunction } from "./function.ts";
import type { Identity } from "./identity.ts";
import { ALIAS_NAME } from "./names.ts";
import type { Observability } from "./observability.ts";
import type { Release } from "./release.ts";
import type { Settings } from "./settings.ts";
import type { Storage } from "./storage.ts";

/** What one stack tells the outside: the commands in `ops` read nothing else. */
export interface StackOutputs {
  /** The stack's name, for example `staging`. */
  readonly environment: string;
  readonly serviceName: string;
  readonly region: string;
  readonly accountId: string;
  readonly functionName: string;
  /** The version that the last `pulumi up` published; the alias may still be behind it. */
  readonly functionVersion: string;
  /** Always `live`. */
  readonly aliasName: string;
  readonly aliasArn: string;
  readonly logGroupName: string;
  readonly deadLetterQueueUrl: string;
  readonly deadLetterQueueArn: string;
  readonly artifactsBucketName: string;
  /** Key of the zip that the newest version was made from. */
  readonly artifactKey: string;
  readonly deployRoleArn: string;
  readonly codeDeployApplicationName: string;
  readonly deploymentGroupName: string;
  /** Full name, for example `CodeDeployDefault.LambdaAllAtOnce`. */
  readonly deploymentConfigName: string;
  /** The pre-traffic hook. */
  readonly hookFunctionName: string;
  /** Calls that the new version must have answered during a canary; fewer judge nothing. */
  readonly canaryMinimumInvocations: number;
  /** What a release does when there is too little traffic to judge a canary by. */
  readonly lowTraffic: "synthetic" | "extend" | "refuse";
  /** Alarms that stop and roll back a release. */
  readonly releaseAlarmNames: readonly string[];
  /** All alarms of the stack. */
  readonly alarmNames: readonly string[];
}

/** The components that the outputs come from. */
export interface Parts {
  readonly settings: Settings;
  readonly location: AwsLocation;
  readonly identity: Identity;
  readonly storage: Storage;
  readonly lambda: LambdaFunction;
  readonly observability: Observability;
  readonly release: Release;
}

/** Every stack output, gathered from the components. */
export const stackOutputs = ({
  settings,
  location,
  identity,
  storage,
  lambda,
  observability,
  release,
}: Parts): { readonly [K in keyof StackOutputs]: pulumi.Input<StackOutputs[K]> } => ({
  environment: settings.environment,
  serviceName: settings.serviceName,
  region: location.region,
  accountId: location.accountId,
  functionName: lambda.functionName,
  functionVersion: lambda.version,
  aliasName: ALIAS_NAME,
  aliasArn: lambda.aliasArn,
  logGroupName: lambda.logGroupName,
  deadLetterQueueUrl: lambda.deadLetterQueueUrl,
  deadLetterQueueArn: lambda.deadLetterQueueArn,
  artifactsBucketName: storage.bucketName,
  artifactKey: lambda.artifactKey,
  deployRoleArn: identity.deployRoleArn,
  codeDeployApplicationName: release.applicationName,
  deploymentGroupName: release.deploymentGroupName,
  deploymentConfigName: release.deploymentConfigName,
  hookFunctionName: release.hookFunctionName,
  canaryMinimumInvocations: settings.canaryMinimumInvocations,
  lowTraffic: settings.lowTraffic,
  releaseAlarmNames: pulumi.all([...release.releaseAlarmNames]),
  alarmNames: pulumi.all([...observability.alarmNames, ...release.canaryAlarmNames]),
});
