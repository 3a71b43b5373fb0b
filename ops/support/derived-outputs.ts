/** A stack's outputs without its state: every name is fixed, so they follow from the settings and the account. */
import { SMOKE_EVENTS } from "../../hook/smoke-events.ts";
import { bundled } from "../../infra/function/features.ts";
import { functionSettings, ownFunctionOf } from "../../infra/functions/settings.ts";
import {
  codeDeployApplicationName,
  ALIAS_NAME,
  artifactsBucketName,
  deadLetterQueueName,
  deploymentGroupName,
  functionName,
  hookFunctionName,
} from "../../infra/names.ts";
import { hookBudget } from "../../infra/release/hook-budget.ts";
import type { StackOutputs } from "../../infra/outputs.ts";
import type { Settings } from "../../infra/settings/parse.ts";

/** What an emergency needs to know of a function; the rest of the outputs is Pulumi's alone. */
type FunctionOutputs = Pick<
  StackOutputs,
  | "functionId"
  | "functionName"
  | "functionVersion"
  | "aliasName"
  | "deadLetterQueueUrl"
  | "codeDeployApplicationName"
  | "deploymentGroupName"
  | "deploymentConfigName"
  | "hookFunctionName"
  | "hookTimeoutSeconds"
  | "timeoutSeconds"
  | "durationAlarmMs"
  | "canaryMinimumInvocations"
>;

/** What an emergency needs to know; the rest of the outputs is Pulumi's alone. */
export type DerivedOutputs = FunctionOutputs &
  Pick<
    StackOutputs,
    | "environment"
    | "serviceName"
    | "region"
    | "accountId"
    | "artifactsBucketName"
    | "metricsNamespace"
  > & { readonly functions?: Readonly<Record<string, FunctionOutputs>> };

export interface DerivedFrom {
  readonly settings: Settings;
  /** The project's name. */
  readonly project: string;
  readonly accountId: string;
  /** The version that stands for the one that was published last, of each function by its name in AWS. */
  readonly newestVersion: (functionName: string) => string;
}

export function derivedOutputs({
  settings,
  project,
  accountId,
  newestVersion,
}: DerivedFrom): DerivedOutputs {
  const ofFunction = (one: Settings): FunctionOutputs => ({
    ...(one.functionId !== undefined && { functionId: one.functionId }),
    functionName: functionName(one),
    functionVersion: newestVersion(functionName(one)),
    aliasName: ALIAS_NAME,
    deadLetterQueueUrl: `https://sqs.${one.region}.amazonaws.com/${accountId}/${deadLetterQueueName(one)}`,
    codeDeployApplicationName: codeDeployApplicationName(one),
    deploymentGroupName: deploymentGroupName(one),
    deploymentConfigName: `CodeDeployDefault.Lambda${one.trafficShift}`,
    hookFunctionName: hookFunctionName(one),
    hookTimeoutSeconds: hookBudget({
      events: (ownFunctionOf(one)?.smokeEvents ?? bundled(SMOKE_EVENTS)).length,
      timeoutSeconds: one.timeoutSeconds,
      slowestCallMs: one.durationAlarmMs,
    }).timeoutSeconds,
    timeoutSeconds: one.timeoutSeconds,
    durationAlarmMs: one.durationAlarmMs,
    canaryMinimumInvocations: one.canaryMinimumInvocations,
  });
  const { functions } = settings;
  return {
    environment: settings.environment,
    serviceName: settings.serviceName,
    region: settings.region,
    accountId,
    artifactsBucketName: artifactsBucketName(settings, accountId),
    metricsNamespace: project,
    ...ofFunction(settings),
    ...(functions.length > 0 && {
      functions: Object.fromEntries(
        functions.map((own) => [own.name, ofFunction(functionSettings(settings, own))]),
      ),
    }),
  };
}
