/** Reads from AWS what the decision depends on. Changes nothing. */
import { paginateListAliases } from "@aws-sdk/client-lambda";
import { paginateListObjectsV2 } from "@aws-sdk/client-s3";
import type { StackOutputs } from "../../infra/outputs.ts";
import { readActiveDeployment } from "../release/deployments.ts";
import { lastGood, statuses } from "../release/history.ts";
import { readCurrentRecords } from "../release/state.ts";
import type { AwsClients } from "../support/aws.ts";
import { readVersion, readVersions } from "../support/versions.ts";
import type { Snapshot, StoredObject } from "./plan.ts";

/** Everything that the program writes is below it. */
const PREFIX = "function/";

/** `others` are the functions whose artifacts lie in the same bucket: all of their code stays. */
export async function readSnapshot(
  clients: AwsClients,
  outputs: StackOutputs,
  others: readonly StackOutputs[] = [],
): Promise<Snapshot> {
  const { functionName, hookFunctionName } = outputs;
  const [otherCode, code, aliased, latest, hook, objects, active] = await Promise.all([
    Promise.all(others.map((other) => readAllCode(clients, other))),
    readVersions(clients, functionName),
    readAliases(clients, functionName),
    readVersion(clients, functionName),
    readVersion(clients, hookFunctionName),
    readObjects(clients, outputs.artifactsBucketName),
    readActiveDeployment(clients.codeDeploy, outputs),
  ]);
  const records = await readCurrentRecords(clients, outputs, code);
  const current = aliased.find(({ alias }) => alias === outputs.aliasName)?.version ?? "";
  const rollbackVersion = lastGood(statuses(records), [...code.keys()], current);
  return {
    versions: [...code].map(([version, codeSha256]) => ({ version, codeSha256 })),
    aliased,
    deploying: active ? [active.from, active.to] : [],
    stackVersion: outputs.functionVersion,
    ...(rollbackVersion === undefined ? {} : { rollbackVersion }),
    otherCodeSha256: [...[latest, hook].flatMap((of) => of?.CodeSha256 ?? []), ...otherCode.flat()],
    stackArtifactKey: outputs.artifactKey,
    otherArtifactKeys: others.map(({ artifactKey }) => artifactKey),
    objects,
    // The objects' ages are those of S3's clock.
    now: clients.now(),
  };
}

/** Every hash that a function runs or could go back to, its hook's among them. */
async function readAllCode(
  clients: AwsClients,
  { functionName, hookFunctionName }: StackOutputs,
): Promise<readonly string[]> {
  const [versions, latest, hook] = await Promise.all([
    readVersions(clients, functionName),
    readVersion(clients, functionName),
    readVersion(clients, hookFunctionName),
  ]);
  return [...versions.values(), ...[latest, hook].flatMap((of) => of?.CodeSha256 ?? [])];
}

async function readAliases({ lambda }: Pick<AwsClients, "lambda">, functionName: string) {
  const aliased: { version: string; alias: string }[] = [];
  for await (const { Aliases = [] } of paginateListAliases(
    { client: lambda },
    { FunctionName: functionName },
  )) {
    for (const { Name: alias = "", FunctionVersion, RoutingConfig } of Aliases) {
      const weighted = Object.keys(RoutingConfig?.AdditionalVersionWeights ?? {});
      for (const version of [FunctionVersion ?? "", ...weighted]) aliased.push({ version, alias });
    }
  }
  return aliased;
}

async function readObjects({ s3 }: Pick<AwsClients, "s3">, bucket: string) {
  const objects: StoredObject[] = [];
  const pages = paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: PREFIX });
  for await (const { Contents = [] } of pages) {
    for (const { Key: key = "", Size = 0, LastModified } of Contents) {
      // An object of unknown age counts as young.
      objects.push({ key, sizeBytes: Size, modifiedAt: LastModified?.getTime() ?? Infinity });
    }
  }
  return objects;
}
