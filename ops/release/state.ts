/** Reads AWS's state as the plans want it. */
import { DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import {
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  type GetFunctionConfigurationCommandOutput,
  paginateListVersionsByFunction,
  ResourceNotFoundException,
} from "@aws-sdk/client-lambda";
import type { StackOutputs } from "../../infra/outputs.ts";
import type { AwsClients } from "../support/aws.ts";
import { Refused } from "../support/refused.ts";
import { readDeployments } from "./deployments.ts";
import { type ReleaseRecord, statuses } from "./history.ts";
import { readReleaseRecords } from "./records.ts";
import type { AlarmState, Snapshot, VersionState } from "./plan.ts";

/** The alias, with the id that a write must name so that it cannot undo somebody else's. */
export interface AliasState {
  readonly version: string;
  /** Shares of other versions, 0 to 1. */
  readonly weights: Readonly<Record<string, number>>;
  readonly revisionId: string;
}

export async function readAlias(clients: AwsClients, outputs: StackOutputs): Promise<AliasState> {
  const { functionName, aliasName, environment } = outputs;
  const command = new GetAliasCommand({ FunctionName: functionName, Name: aliasName });
  const alias = await clients.lambda.send(command).catch((error: unknown) => {
    if (!(error instanceof ResourceNotFoundException)) throw error;
    throw new Refused(
      `${functionName} has no alias ${aliasName}; deploy it: pulumi up --stack ${environment}`,
    );
  });
  return {
    version: alias.FunctionVersion ?? "",
    weights: alias.RoutingConfig?.AdditionalVersionWeights ?? {},
    revisionId: alias.RevisionId ?? "",
  };
}

/** A version's configuration; `undefined` when it does not exist. */
export async function readVersion(
  clients: AwsClients,
  { functionName }: StackOutputs,
  version: string,
): Promise<GetFunctionConfigurationCommandOutput | undefined> {
  const command = new GetFunctionConfigurationCommand({
    FunctionName: functionName,
    Qualifier: version,
  });
  try {
    return await clients.lambda.send(command);
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

/** Numbers and code hashes of all versions that exist. */
export async function readVersions(
  clients: AwsClients,
  { functionName }: StackOutputs,
): Promise<ReadonlyMap<string, string>> {
  const versions = new Map<string, string>();
  const pages = paginateListVersionsByFunction(
    { client: clients.lambda },
    { FunctionName: functionName },
  );
  for await (const { Versions = [] } of pages) {
    for (const { Version = "", CodeSha256 = "" } of Versions) {
      if (Version !== "$LATEST") versions.set(Version, CodeSha256);
    }
  }
  return versions;
}

/** The marks on versions that exist, and are the same that were marked. */
export async function readCurrentRecords(
  clients: AwsClients,
  outputs: StackOutputs,
  versions: ReadonlyMap<string, string>,
): Promise<readonly ReleaseRecord[]> {
  const records = await readReleaseRecords(clients.s3, outputs.artifactsBucketName);
  return records.filter(({ version, codeSha256 }) => versions.get(version) === codeSha256);
}

/** CloudWatch's own limit of one request. */
const MOST_ALARMS = 100;

export async function readAlarms(
  clients: AwsClients,
  names: readonly string[],
): Promise<readonly AlarmState[]> {
  const { MetricAlarms = [], CompositeAlarms = [] } = await clients.cloudWatch.send(
    new DescribeAlarmsCommand({
      AlarmNames: [...names],
      AlarmTypes: ["MetricAlarm", "CompositeAlarm"],
      MaxRecords: MOST_ALARMS,
    }),
  );
  const states = new Map(
    [...MetricAlarms, ...CompositeAlarms].map(({ AlarmName, StateValue }) => [
      AlarmName,
      StateValue,
    ]),
  );
  return names.map((name) => ({ name, state: states.get(name) ?? "MISSING" }));
}

/** Everything that a release is planned from, and the two configurations that it moves between. */
export interface ReleaseState {
  readonly snapshot: Snapshot;
  readonly published: GetFunctionConfigurationCommandOutput | undefined;
  readonly serving: GetFunctionConfigurationCommandOutput | undefined;
}

export async function readReleaseState(
  clients: AwsClients,
  outputs: StackOutputs,
): Promise<ReleaseState> {
  const [alias, published, deployments, versions, alarms] = await Promise.all([
    readAlias(clients, outputs),
    readVersion(clients, outputs, outputs.functionVersion),
    readDeployments(clients.codeDeploy, outputs),
    readVersions(clients, outputs),
    readAlarms(clients, outputs.releaseAlarmNames),
  ]);
  const [serving, records] = await Promise.all([
    readVersion(clients, outputs, alias.version),
    readCurrentRecords(clients, outputs, versions),
  ]);
  const snapshot: Snapshot = {
    stack: outputs.environment,
    published: versionState(outputs.functionVersion, published),
    alias,
    serving: versionState(alias.version, serving),
    deployments,
    known: statuses(deployments, records),
    alarms,
  };
  return { snapshot, published, serving };
}

const versionState = (
  version: string,
  configuration: GetFunctionConfigurationCommandOutput | undefined,
): VersionState => ({
  version,
  exists: configuration !== undefined,
  roleArn: configuration?.Role,
  deadLetterArn: configuration?.DeadLetterConfig?.TargetArn,
});
