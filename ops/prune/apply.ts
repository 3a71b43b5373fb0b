/** Deletes what a plan lets go. What AWS refuses is reported, and the rest is done all the same. */
import { DeleteFunctionCommand } from "@aws-sdk/client-lambda";
import { DeleteObjectsCommand } from "@aws-sdk/client-s3";
import type { StackOutputs } from "../../infra/outputs.ts";
import { explained } from "../support/aws.ts";
import { isRefusal } from "../support/refused.ts";
import type { AwsClients } from "../support/aws.ts";
import type { PrunePlan, StoredObject } from "./plan.ts";

/** Most keys that one call of S3 takes. */
const BATCH = 1000;

export interface Pruned {
  readonly versions: readonly string[];
  readonly objects: readonly StoredObject[];
  /** What was to go and stayed, with AWS's reason. */
  readonly stayed: readonly { readonly what: string; readonly reason: string }[];
}

/**
 * Versions first, objects after them, so that no version is left whose code is gone: a version that stayed
 * keeps the objects of the whole plan.
 */
export async function applyPrune(
  clients: Pick<AwsClients, "lambda" | "s3">,
  outputs: StackOutputs,
  plan: PrunePlan,
  progress: (done: number) => void,
): Promise<Pruned> {
  const stayed: { what: string; reason: string }[] = [];
  const versions: string[] = [];
  for (const version of plan.versions) {
    try {
      await deleteVersion(clients, outputs.functionName, version);
      versions.push(version);
    } catch (error) {
      stayed.push({ what: `version ${version}`, reason: reasonOf(error) });
    }
    progress(versions.length);
  }
  if (stayed.length > 0) return { versions, objects: [], stayed };

  const gone: StoredObject[] = [];
  for (let start = 0; start < plan.objects.length; start += BATCH) {
    const batch = plan.objects.slice(start, start + BATCH);
    const { Errors = [] } = await clients.s3.send(
      new DeleteObjectsCommand({
        Bucket: outputs.artifactsBucketName,
        // Without version ids: the bucket keeps them as noncurrent ones until its retention is over.
        Delete: { Objects: batch.map(({ key }) => ({ Key: key })), Quiet: true },
      }),
    );
    const failed = new Map(Errors.map(({ Key, Message }) => [Key, Message]));
    gone.push(...batch.filter(({ key }) => !failed.has(key)));
    stayed.push(...Errors.map(({ Key, Message }) => ({ what: `${Key}`, reason: `${Message}` })));
    progress(versions.length + gone.length);
  }
  return { versions, objects: gone, stayed };
}

async function deleteVersion(
  { lambda }: Pick<AwsClients, "lambda">,
  functionName: string,
  version: string,
): Promise<void> {
  // Without a qualifier this call deletes the function itself.
  if (!/^\d+$/.test(version)) throw new Error(`${version} is no version`);
  await lambda.send(new DeleteFunctionCommand({ FunctionName: functionName, Qualifier: version }));
}

/** Missing permissions and the like hold for all that follows: they end the command. */
function reasonOf(error: unknown): string {
  const plain = explained(error);
  if (isRefusal(plain)) throw plain;
  return plain instanceof Error ? plain.message : String(plain);
}
