/** The function's published versions. */
import {
  GetFunctionConfigurationCommand,
  type GetFunctionConfigurationCommandOutput,
  paginateListVersionsByFunction,
  ResourceNotFoundException,
} from "@aws-sdk/client-lambda";
import type { AwsClients } from "./aws.ts";

export type VersionConfiguration = GetFunctionConfigurationCommandOutput;

/** A version's configuration; without a version that of `$LATEST`; `undefined` when there is none. */
export async function readVersion(
  { lambda }: Pick<AwsClients, "lambda">,
  functionName: string,
  version?: string,
): Promise<VersionConfiguration | undefined> {
  const command = new GetFunctionConfigurationCommand({
    FunctionName: functionName,
    ...(version !== undefined && { Qualifier: version }),
  });
  try {
    return await lambda.send(command);
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

/** Numbers and code hashes of all versions that exist, `$LATEST` not among them. */
export async function readVersions(
  { lambda }: Pick<AwsClients, "lambda">,
  functionName: string,
): Promise<ReadonlyMap<string, string>> {
  const versions = new Map<string, string>();
  const pages = paginateListVersionsByFunction({ client: lambda }, { FunctionName: functionName });
  for await (const { Versions = [] } of pages) {
    for (const { Version = "", CodeSha256 = "" } of Versions) {
      if (Version !== "$LATEST") versions.set(Version, CodeSha256);
    }
  }
  return versions;
}
