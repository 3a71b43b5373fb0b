/** Lets the pre-traffic hook try a version outside of a deployment. */
import { InvokeCommand } from "@aws-sdk/client-lambda";
import type { Trial } from "../../hook/verify.ts";
import { Refused } from "../support/refused.ts";
import type { Session } from "../support/session.ts";

/** What the hook found. Throws `Refused` when the hook itself fails. */
export async function tryByHook(
  { clients, outputs, interrupted }: Pick<Session, "clients" | "outputs" | "interrupted">,
  version: string,
): Promise<Trial> {
  const { hookFunctionName, environment } = outputs;
  const { FunctionError, Payload } = await clients.invocations.send(
    new InvokeCommand({ FunctionName: hookFunctionName, Payload: JSON.stringify({ version }) }),
    { abortSignal: interrupted },
  );
  const answer = Payload?.transformToString() ?? "";
  const remedy = `see its logs, or deploy it again: pulumi up --stack ${environment}`;
  if (FunctionError) throw new Refused(`the hook ${hookFunctionName} failed: ${answer}`, remedy);
  const trial = JSON.parse(answer) as Trial;
  if (trial.hookFault !== undefined) {
    throw new Refused(
      `the hook ${hookFunctionName} could not try version ${version}: ${trial.hookFault}`,
      remedy,
    );
  }
  return trial;
}
