/** Makes the smoke calls and judges the answers. */
import { InvokeCommand, ResourceNotFoundException } from "@aws-sdk/client-lambda";
import { faultOf, type SmokeEvent } from "../../hook/smoke-events.ts";
import type { StackOutputs } from "../../infra/outputs.ts";
import type { AwsClients } from "../support/aws.ts";
import { smokeEventsOf } from "../support/function-outputs.ts";
import { Refused } from "../support/refused.ts";

export interface SmokeCall {
  readonly name: string;
  /** Version that answered. */
  readonly version: string;
  /** In words; null when the answer is correct. */
  readonly fault: string | null;
  /** As measured here: network and cold start included. */
  readonly durationMs: number;
}

export interface SmokeReport {
  readonly passed: boolean;
  /** One line. */
  readonly summary: string;
  readonly functionName: string;
  /** Alias or version that was called. */
  readonly qualifier: string;
  readonly calls: readonly SmokeCall[];
}

/** Throws `Refused` when there is nothing to call. */
export async function smokeStack(
  { invocations }: Pick<AwsClients, "invocations">,
  outputs: StackOutputs,
  version?: string,
): Promise<SmokeReport> {
  const { functionName, aliasName, environment } = outputs;
  const qualifier = version ?? aliasName;
  const make = async (smoke: SmokeEvent): Promise<SmokeCall> => {
    const startedMs = performance.now();
    const command = new InvokeCommand({
      FunctionName: functionName,
      Qualifier: qualifier,
      Payload: JSON.stringify(smoke.event),
    });
    const { FunctionError, ExecutedVersion, Payload } = await invocations
      .send(command)
      .catch((error: unknown) => {
        if (!(error instanceof ResourceNotFoundException)) throw error;
        throw new Refused(
          `${functionName}:${qualifier} does not exist`,
          `deploy it: pulumi up --stack ${environment}`,
        );
      });
    const payload = Payload?.transformToString() ?? "";
    return {
      name: smoke.name,
      version: ExecutedVersion ?? qualifier,
      fault: faultOf(smoke, { functionError: FunctionError, payload }) ?? null,
      durationMs: Math.round(performance.now() - startedMs),
    };
  };
  const calls: SmokeCall[] = [];
  for (const smoke of smokeEventsOf(outputs)) calls.push(await make(smoke));

  const failed = calls.filter(({ fault }) => fault !== null).length;
  const versions = [...new Set(calls.map((call) => call.version))].join(" and ");
  const where = `${functionName}:${qualifier} (version ${versions})`;
  return {
    passed: failed === 0,
    summary:
      failed === 0
        ? `passed: ${where} answered all ${calls.length} smoke events correctly`
        : `failed: ${where} answered ${failed} of ${calls.length} smoke events wrongly`,
    functionName,
    qualifier,
    calls,
  };
}
