/** Lets the pre-traffic hook try a version outside of a deployment. */
import { InvokeCommand } from "@aws-sdk/client-lambda";
import type { StackOutputs } from "../../infra/outputs.ts";
import type { Trial } from "../../hook/verify.ts";
import type { AwsClients } from "../support/aws.ts";
import { Refused } from "../support/refused.ts";

/** What the hook found. Throws `Refused` when the hook itself fails. */
export async function tryByHook(
  { lambda }: AwsClients,
  { hookFunctionName, environment }: StackOutputs,
  version: string,
): Promise<Trial> {
  const { FunctionError, Payload } = await lambda.send(
    new InvokeCommand({ FunctionName: hookFunctionName, Payload: JSON.stringify({ version }) }),
  );
  const answer = Payload?.transformToString() ?? "";
  if (FunctionError) {
    throw new Refused(
      `the hook ${hookFunctionName} failed: ${answer}; see its logs, or deploy it again: pulumi up --stack ${environment}`,
    );
  }
  return JSON.parse(answer) as Trial;
}
