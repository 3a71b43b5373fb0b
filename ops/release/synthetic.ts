/** Makes marked calls through the alias, and judges those that the new version answered. */
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { faultOf, SMOKE_EVENTS, type SmokeEvent } from "../../hook/smoke-events.ts";
import type { StackOutputs } from "../../infra/outputs.ts";
import type { AwsClients } from "../support/aws.ts";

/** Calls in flight at a time. */
const PARALLEL = 5;

export interface SyntheticResult {
  /** Calls that the new version answered. */
  readonly answered: number;
  /** What it answered wrongly, in words. The old version's faults are not counted. */
  readonly faults: readonly string[];
}

/** Makes `count` calls, the smoke events in turn. A call that does not get through counts as not made. */
export async function callAlias(
  { lambda }: AwsClients,
  { functionName, aliasName }: StackOutputs,
  version: string,
  count: number,
): Promise<SyntheticResult> {
  let answered = 0;
  const faults: string[] = [];
  const pending = Array.from(
    { length: count },
    (_, index) => SMOKE_EVENTS[index % SMOKE_EVENTS.length],
  ).filter((event): event is SmokeEvent => event !== undefined);
  const work = async (): Promise<void> => {
    for (let event = pending.pop(); event !== undefined; event = pending.pop()) {
      const command = new InvokeCommand({
        FunctionName: functionName,
        Qualifier: aliasName,
        Payload: JSON.stringify(event.event),
      });
      const output = await lambda.send(command).catch(() => undefined);
      if (output?.ExecutedVersion !== version) continue;
      answered += 1;
      const payload = output.Payload?.transformToString() ?? "";
      const fault = faultOf(event, { functionError: output.FunctionError, payload });
      if (fault) faults.push(fault);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return { answered, faults };
}
