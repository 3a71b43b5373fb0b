import * as pulumi from "@pulumi/pulumi";
import type { AwsLocation } from "./arns.ts";
import type { Database } from "./database.ts";
import type { LambdaFunction } from "./function.ts";
import type { Identity } from "./identity.ts";
import { ALIAS_NAME } from "./names.ts";
import type { Observability } from "./observability.ts";
import type { Release } from "./release.ts";
import type { Settings } from "./settings.ts";
import type { ServiceFunction } from "./functions.ts";
import type { EventSources } from "./sources.ts";
import type { Storage } from "./storage.ts";

/** The components that the outputs come from. */
export interface Parts {
  readonly settings: Settings;
  readonly location: AwsLocation;
  readonly identity: Identity;
  readonly storage: Storage;
  readonly lambda: LambdaFunction;
  readonly observability: Observability;
  readonly release: Release;
  readonly sources?: EventSources | undefined;
  readonly database?: Database | undefined;
  /** The API in front of the function. */
  readonly api?:
    | { readonly id: pulumi.Output<string>; readonly url: pulumi.Output<string> }
    | undefined;
  /** The functions beside the service's own, by name. */
  readonly functions: Readonly<Record<string, ServiceFunction>>;
}

/** What a stack tells the outside; the commands read nothing else. */
export const stackOutputs = ({
  settings,
  location,
  identity,
  storage,
  lambda,
  observability,
  release,
  sources,
  database,
  api,
  functions,
}: Parts) => ({
  /** The stack's name, for example `staging`. */
  environment: settings.environment,
  serviceName: settings.serviceName,
  region: location.region,
  accountId: location.accountId,
  artifactsBucketName: storage.bucketName,
  deployRoleArn: identity.deployRoleArn,
  /** Namespace of what the handlers themselves count. */
  metricsNamespace: pulumi.getProject(),
  ...functionOutputs({ settings, lambda, observability, release }),
  /** What calls the function beside direct invocations; absent where config states nothing. */
  ...(sources && { sources: sources.outputs }),
  /** The service's table; absent where config has none. */
  ...(database && { tableName: database.tableName }),
  /** Where the API is called, without a slash at the end, and its id; absent without one. */
  ...(api && { apiUrl: api.url, apiId: api.id }),
  /** The same of the functions beside the service's own, by name; absent where there are none. */
  ...(Object.keys(functions).length > 0 && {
    functions: Object.fromEntries(
      Object.entries(functions).map(([name, one]) => [
        name,
        pulumi.output({ functionId: name, ...functionOutputs(one) }),
      ]),
    ),
  }),
});

/** What is of one function. */
const functionOutputs = ({ settings, lambda, observability, release }: ServiceFunction) => ({
  functionName: lambda.functionName,
  /** The version that the last `pulumi up` published; the alias may still be behind it. */
  functionVersion: lambda.version,
  /** Always `live`. */
  aliasName: ALIAS_NAME as string,
  aliasArn: lambda.aliasArn,
  logGroupName: lambda.logGroupName,
  deadLetterQueueUrl: lambda.deadLetterQueueUrl,
  deadLetterQueueArn: lambda.deadLetterQueueArn,
  /** Key of the zip that the newest version was made from. */
  artifactKey: lambda.artifactKey,
  codeDeployApplicationName: release.applicationName,
  deploymentGroupName: release.deploymentGroupName,
  /** Full name, for example `CodeDeployDefault.LambdaAllAtOnce`. */
  deploymentConfigName: release.deploymentConfigName,
  /** The pre-traffic hook. */
  hookFunctionName: release.hookFunctionName,
  /** How long the hook may run. */
  hookTimeoutSeconds: release.hookTimeoutSeconds,
  /** How long one call of the function may run. */
  timeoutSeconds: settings.timeoutSeconds,
  /** A version whose calls take longer than this does not pass its canary. */
  durationAlarmMs: settings.durationAlarmMs,
  /** Calls that the new version must have answered during a canary; fewer judge nothing. */
  canaryMinimumInvocations: settings.canaryMinimumInvocations,
  /** What a release does when there is too little traffic to judge a canary by. */
  lowTraffic: settings.lowTraffic,
  /** The function's own alarms. They do not judge a release, which brings its own. */
  releaseAlarmNames: pulumi.all([...observability.releaseAlarmNames]),
  /** The alarms of the function that say that something is wrong while they are red. */
  alarmNames: pulumi.all([...observability.alarmNames]),
});

/**
 * The outputs as a command reads them. For one of the functions beside the service's own they are that function's, with
 * its name as `functionId`: see ops/support/function-outputs.ts.
 */
export type StackOutputs = Readonly<pulumi.Unwrap<ReturnType<typeof stackOutputs>>> & {
  readonly functionId?: string | undefined;
};
