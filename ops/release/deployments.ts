/** CodeDeploy's deployments of one stack, as the plan looks at them. */
import {
  BatchGetDeploymentsCommand,
  type CodeDeployClient,
  type DeploymentInfo,
  GetDeploymentCommand,
  paginateListDeployments,
} from "@aws-sdk/client-codedeploy";
import type { AppSpec } from "../../hook/app-spec.ts";
import { deployedAppSpec } from "../../hook/revision.ts";
import type { StackOutputs } from "../../infra/outputs.ts";
import type { PastDeployment } from "./history.ts";

/** CodeDeploy's own limit of a batch. */
const BATCH = 25;
/** How far back is looked: no version that old is still there to be released or gone back to. */
const MOST_DEPLOYMENTS = 50;

/** The group's deployments, newest first. */
export async function readDeployments(
  client: CodeDeployClient,
  { codeDeployApplicationName, deploymentGroupName }: StackOutputs,
): Promise<readonly PastDeployment[]> {
  const ids: string[] = [];
  const pages = paginateListDeployments(
    { client },
    { applicationName: codeDeployApplicationName, deploymentGroupName },
  );
  for await (const { deployments = [] } of pages) {
    ids.push(...deployments);
    if (ids.length >= MOST_DEPLOYMENTS) break;
  }
  const found: PastDeployment[] = [];
  for (let from = 0; from < ids.length; from += BATCH) {
    const batch = new BatchGetDeploymentsCommand({ deploymentIds: ids.slice(from, from + BATCH) });
    const { deploymentsInfo = [] } = await client.send(batch);
    // One after the other: CodeDeploy throttles early, and most are known by their hash.
    for (const info of deploymentsInfo) found.push(await pastDeployment(client, info));
  }
  return found.sort((left, right) => right.createdMs - left.createdMs);
}

/** One deployment as it is now. */
export async function readDeployment(
  client: CodeDeployClient,
  deploymentId: string,
): Promise<PastDeployment & { readonly rollbackId?: string | undefined }> {
  const { deploymentInfo = {} } = await client.send(new GetDeploymentCommand({ deploymentId }));
  return {
    ...(await pastDeployment(client, deploymentInfo)),
    rollbackId: deploymentInfo.rollbackInfo?.rollbackDeploymentId,
  };
}

/** AppSpecs by their hash: they never change, and a deployment is looked at again and again. */
const appSpecs = new Map<string, AppSpec | undefined>();

async function appSpecOf(
  client: CodeDeployClient,
  info: DeploymentInfo,
): Promise<AppSpec | undefined> {
  const hash = info.revision?.appSpecContent?.sha256;
  if (hash === undefined) return deployedAppSpec(client, info);
  if (!appSpecs.has(hash)) appSpecs.set(hash, await deployedAppSpec(client, info));
  return appSpecs.get(hash);
}

async function pastDeployment(
  client: CodeDeployClient,
  info: DeploymentInfo,
): Promise<PastDeployment> {
  const spec = await appSpecOf(client, info);
  return {
    id: info.deploymentId ?? "unknown",
    createdMs: info.createTime?.getTime() ?? 0,
    status: info.status ?? "Created",
    rollsBack:
      info.creator === "codeDeployRollback" ||
      info.rollbackInfo?.rollbackTriggeringDeploymentId !== undefined,
    from: spec?.currentVersion ?? "unknown",
    to: spec?.targetVersion ?? "unknown",
    configName: info.deploymentConfigName ?? "unknown",
    errorCode: info.errorInformation?.code,
    errorMessage: info.errorInformation?.message,
  };
}
