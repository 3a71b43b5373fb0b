/**
 * Makes synthetic calls of the new version, and judges its answers.
 *
 * They go to the version itself and not through the alias. So each of them is the new version's, where one of
 * ten through the alias would be; and CloudWatch counts them apart from the real ones, whoever makes them.
 */
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { faultOf, type SmokeEvent } from "../../hook/smoke-events.ts";
import type { StackOutputs } from "../../infra/outputs.ts";
import { smokeEventsOf } from "../support/function-outputs.ts";
import type { AwsClients } from "../support/aws.ts";

/** Calls in flight at a time. */
const PARALLEL = 5;

export interface SyntheticResult {
  readonly answered: number;
  /** What was answered wrongly, in words. */
  readonly faults: readonly string[];
}

/** Makes `count` calls, the smoke events in turn. A call that does not get through counts as not made. */
export async function callVersion(
  { invocations }: Pick<AwsClients, "invocations">,
  outputs: StackOutputs,
  version: string,
  count: number,
  abortSignal: AbortSignal,
): Promise<SyntheticResult> {
  let answered = 0;
  const faults: string[] = [];
  const { functionName } = outputs;
  const events = smokeEventsOf(outputs);
  const pending = Array.from({ length: count }, (_, index) => events[index % events.length]).filter(
    (event): event is SmokeEvent => event !== undefined,
  );
  const work = async (): Promise<void> => {
    for (let event = pending.pop(); event !== undefined; event = pending.pop()) {
      if (abortSignal.aborted) return;
      const command = new InvokeCommand({
        FunctionName: functionName,
        Qualifier: version,
        Payload: JSON.stringify(event.event),
      });
      const output = await invocations.send(command, { abortSignal }).catch(() => undefined);
      if (!output) continue;
      answered += 1;
      const payload = output.Payload?.transformToString() ?? "";
      const fault = faultOf(event, { functionError: output.FunctionError, payload });
      if (fault) faults.push(fault);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return { answered, faults };
}
