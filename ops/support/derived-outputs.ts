/** A stack's outputs without its state: every name is fixed, so they follow from the settings and the account. */
import {
  codeDeployApplicationName,
  ALIAS_NAME,
  artifactsBucketName,
  deadLetterQueueName,
  deploymentGroupName,
  functionName,
  hookFunctionName,
} from "../../infra/names.ts";
import type { StackOutputs } from "../../infra/outputs.ts";
import type { Settings } from "../../infra/settings/parse.ts";

/** What an emergency needs to know; the rest of the outputs is Pulumi's alone. */
export type DerivedOutputs = Pick<
  StackOutputs,
  | "environment"
  | "serviceName"
  | "region"
  | "accountId"
  | "functionName"
  | "functionVersion"
  | "aliasName"
  | "deadLetterQueueUrl"
  | "artifactsBucketName"
  | "codeDeployApplicationName"
  | "deploymentGroupName"
  | "deploymentConfigName"
  | "hookFunctionName"
>;

/** `newestVersion` stands for the version that the last update published. */
export const derivedOutputs = (
  settings: Settings,
  accountId: string,
  newestVersion: string,
): DerivedOutputs => ({
  environment: settings.environment,
  serviceName: settings.serviceName,
  region: settings.region,
  accountId,
  functionName: functionName(settings),
  functionVersion: newestVersion,
  aliasName: ALIAS_NAME,
  deadLetterQueueUrl: `https://sqs.${settings.region}.amazonaws.com/${accountId}/${deadLetterQueueName(settings)}`,
  artifactsBucketName: artifactsBucketName(settings, accountId),
  codeDeployApplicationName: codeDeployApplicationName(settings),
  deploymentGroupName: deploymentGroupName(settings),
  deploymentConfigName: `CodeDeployDefault.Lambda${settings.trafficShift}`,
  hookFunctionName: hookFunctionName(settings),
});
