/** CodeDeploy's deployments of one stack. */
import {
  BatchGetDeploymentsCommand,
  type CodeDeployClient,
  type DeploymentInfo,
  DeploymentStatus,
  GetDeploymentCommand,
  type ListDeploymentsCommandInput,
  paginateListDeployments,
} from "@aws-sdk/client-codedeploy";
import type { AppSpec } from "../../hook/app-spec.ts";
import { deployedAppSpec } from "../../hook/revision.ts";
import type { StackOutputs } from "../../infra/outputs.ts";
import type { PastDeployment } from "./history.ts";

/** CodeDeploy's own limit of a batch. */
const BATCH = 25;

const { CREATED, QUEUED, IN_PROGRESS, BAKING, READY, SUCCEEDED, FAILED, STOPPED } =
  DeploymentStatus;
const ACTIVE = [CREATED, QUEUED, IN_PROGRESS, BAKING, READY];
const ENDED = [SUCCEEDED, FAILED, STOPPED];

type Group = Pick<StackOutputs, "codeDeployApplicationName" | "deploymentGroupName">;
type Filter = Pick<ListDeploymentsCommandInput, "includeOnlyStatuses" | "createTimeRange">;

/** The deployment that is under way. A group has one at most. */
export async function readActiveDeployment(
  client: CodeDeployClient,
  group: Group,
): Promise<PastDeployment | undefined> {
  const [active] = await readDeployments(client, group, { includeOnlyStatuses: ACTIVE });
  return active;
}

/** Deployments since a moment that are over, newest first. CodeDeploy lists them in no promised order. */
export const readEndedDeployments = (
  client: CodeDeployClient,
  group: Group,
  sinceMs: number,
): Promise<readonly PastDeployment[]> =>
  readDeployments(client, group, {
    includeOnlyStatuses: ENDED,
    createTimeRange: { start: new Date(sinceMs) },
  });

/** Deployments since a moment, whatever their status. */
export const readRecentDeployments = (
  client: CodeDeployClient,
  group: Group,
  sinceMs: number,
): Promise<readonly PastDeployment[]> =>
  readDeployments(client, group, { createTimeRange: { start: new Date(sinceMs) } });

async function readDeployments(
  client: CodeDeployClient,
  { codeDeployApplicationName, deploymentGroupName }: Group,
  filter: Filter,
): Promise<readonly PastDeployment[]> {
  const ids: string[] = [];
  const pages = paginateListDeployments(
    { client },
    { applicationName: codeDeployApplicationName, deploymentGroupName, ...filter },
  );
  for await (const { deployments = [] } of pages) ids.push(...deployments);
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

/** AppSpecs by their hash: they never change, and a deployment is read again and again. */
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
    completedMs: info.completeTime?.getTime(),
    status: info.status ?? "Created",
    rollsBack:
      info.creator === "codeDeployRollback" ||
      info.rollbackInfo?.rollbackTriggeringDeploymentId !== undefined,
    from: spec?.currentVersion ?? "unknown",
    to: spec?.targetVersion ?? "unknown",
    configName: info.deploymentConfigName ?? "unknown",
    description: info.description ?? "",
    alarmNames: (info.overrideAlarmConfiguration?.alarms ?? []).flatMap(({ name }) => name ?? []),
    errorCode: info.errorInformation?.code,
    errorMessage: info.errorInformation?.message,
  };
}
