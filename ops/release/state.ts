/** Reads AWS's state as the plan of a release wants it. */
import type { StackOutputs } from "../../infra/outputs.ts";
import { readAlias } from "../support/alias.ts";
import type { AwsClients } from "../support/aws.ts";
import { readVersion, type VersionConfiguration } from "../support/versions.ts";
import { readActiveDeployment, readEndedDeployments } from "./deployments.ts";
import { lastRecord, type PastDeployment, type ReleaseRecord, statuses } from "./history.ts";
import type { Snapshot, VersionState } from "./plan.ts";
import { readReleaseRecords } from "./records.ts";

/** The records on versions that exist, and are the same that were recorded. */
export async function readCurrentRecords(
  clients: Pick<AwsClients, "s3">,
  outputs: StackOutputs,
  versions: ReadonlyMap<string, string>,
): Promise<readonly ReleaseRecord[]> {
  const records = await readReleaseRecords(clients.s3, outputs);
  return records.filter(({ version, codeSha256 }) => versions.get(version) === codeSha256);
}

/** Everything that a release is planned from, and the two configurations that it moves between. */
export interface ReleaseState {
  readonly snapshot: Snapshot;
  readonly published: VersionConfiguration | undefined;
  readonly serving: VersionConfiguration | undefined;
}

/** How far back a deployment is looked for whose command was killed. Whoever waits longer tries the version again. */
const UNRECORDED_DAYS = 7;
const DAY_MS = 86_400_000;

export async function readReleaseState(
  clients: AwsClients,
  outputs: StackOutputs,
): Promise<ReleaseState> {
  const { functionName, functionVersion } = outputs;
  const [alias, published, active, all] = await Promise.all([
    readAlias(clients, outputs),
    readVersion(clients, functionName, functionVersion),
    readActiveDeployment(clients.codeDeploy, outputs),
    readReleaseRecords(clients.s3, outputs),
  ]);
  const [serving, ended] = await Promise.all([
    readVersion(clients, functionName, alias.version),
    readEndedDeployments(clients.codeDeploy, outputs, clients.now() - UNRECORDED_DAYS * DAY_MS),
  ]);
  // A function that was made again counts its versions from 1: only the code tells them apart.
  const own = all.filter(
    ({ version, codeSha256 }) =>
      version !== functionVersion || codeSha256 === published?.CodeSha256,
  );
  const last = lastRecord(own, functionVersion);
  const snapshot: Snapshot = {
    stack: outputs.environment,
    functionId: outputs.functionId,
    published: versionState(functionVersion, published),
    alias,
    serving: versionState(alias.version, serving),
    active,
    unrecorded: unrecorded(ended, own, functionVersion, alias.version === functionVersion),
    known: statuses(own),
    last,
  };
  return { snapshot, published, serving };
}

/**
 * The newest deployment to a version that no record speaks of, unless a later record of the version has settled it.
 * It must agree with the alias: of a version that serves one that has succeeded, else one that has not. Pure.
 */
export function unrecorded(
  ended: readonly PastDeployment[],
  records: readonly ReleaseRecord[],
  version: string,
  serves: boolean,
): PastDeployment | undefined {
  const newest = ended
    .filter(({ to, rollsBack, status }) => {
      return to === version && !rollsBack && (status === "Succeeded") === serves;
    })
    .toSorted((left, right) => right.createdMs - left.createdMs)[0];
  if (!newest || records.some(({ deploymentId }) => deploymentId === newest.id)) return undefined;
  const last = lastRecord(records, version);
  // Both times are AWS's own.
  if (last && Date.parse(last.at) > (newest.completedMs ?? newest.createdMs)) return undefined;
  return newest;
}

const versionState = (
  version: string,
  configuration: VersionConfiguration | undefined,
): VersionState => ({
  version,
  exists: configuration !== undefined,
  roleArn: configuration?.Role,
  deadLetterArn: configuration?.DeadLetterConfig?.TargetArn,
});
