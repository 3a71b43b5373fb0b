/** Reads from AWS what the decision depends on. Changes nothing. */
import {
  GetFunctionConfigurationCommand,
  paginateListAliases,
  paginateListVersionsByFunction,
} from "@aws-sdk/client-lambda";
import { paginateListObjectsV2 } from "@aws-sdk/client-s3";
import type { StackOutputs } from "../../infra/outputs.ts";
import { readDeployments } from "../release/deployments.ts";
import { isActive, lastGood, statuses } from "../release/history.ts";
import { readCurrentRecords } from "../release/state.ts";
import type { AwsClients } from "../support/aws.ts";
import type { Snapshot, StoredObject, Version } from "./plan.ts";

/** Everything that the program writes is below it. */
const PREFIX = "function/";

export async function readSnapshot(clients: AwsClients, outputs: StackOutputs): Promise<Snapshot> {
  const { functionName, hookFunctionName } = outputs;
  const [all, aliased, hookCode, objects, deployments] = await Promise.all([
    readVersions(clients, functionName),
    readAliases(clients, functionName),
    readCode(clients, hookFunctionName),
    readObjects(clients, outputs.artifactsBucketName),
    readDeployments(clients.codeDeploy, outputs),
  ]);
  const code = new Map(all.map(({ version, codeSha256 }) => [version, codeSha256]));
  const records = await readCurrentRecords(clients, outputs, code);
  const current = aliased.find(({ alias }) => alias === outputs.aliasName)?.version ?? "";
  const rollbackVersion = lastGood(statuses(deployments, records), [...code.keys()], current);
  const unpublished = all.filter(({ version }) => version === "$LATEST");
  return {
    versions: all.filter(({ version }) => version !== "$LATEST"),
    aliased,
    deploying: deployments.filter(isActive).flatMap(({ from, to }) => [from, to]),
    stackVersion: outputs.functionVersion,
    ...(rollbackVersion === undefined ? {} : { rollbackVersion }),
    otherCodeSha256: [...unpublished.map(({ codeSha256 }) => codeSha256), hookCode],
    stackArtifactKey: outputs.artifactKey,
    objects,
    now: Date.now(),
  };
}

async function readVersions({ lambda }: Pick<AwsClients, "lambda">, functionName: string) {
  const versions: Version[] = [];
  const pages = paginateListVersionsByFunction({ client: lambda }, { FunctionName: functionName });
  for await (const { Versions = [] } of pages) {
    for (const { Version: version, CodeSha256 } of Versions) {
      if (version && CodeSha256) versions.push({ version, codeSha256: CodeSha256 });
    }
  }
  return versions;
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

async function readCode({ lambda }: Pick<AwsClients, "lambda">, functionName: string) {
  const { CodeSha256 = "" } = await lambda.send(
    new GetFunctionConfigurationCommand({ FunctionName: functionName }),
  );
  return CodeSha256;
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
