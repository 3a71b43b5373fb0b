/** Records what was found out about a version, and who did. */
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import type { StackOutputs } from "../../infra/outputs.ts";
import type { AwsClients } from "../support/aws.ts";
import type { ReleaseRecord } from "./history.ts";
import { addReleaseRecord } from "./records.ts";

/** ARN of whoever runs this. */
export async function caller({ sts }: AwsClients): Promise<string> {
  const { Arn } = await sts.send(new GetCallerIdentityCommand({}));
  return Arn ?? "unknown";
}

export async function record(
  clients: AwsClients,
  { artifactsBucketName }: StackOutputs,
  finding: Pick<ReleaseRecord, "version" | "codeSha256" | "outcome" | "reason">,
): Promise<void> {
  const by = await caller(clients);
  await addReleaseRecord(clients.s3, artifactsBucketName, {
    ...finding,
    at: new Date().toISOString(),
    by,
  });
}
