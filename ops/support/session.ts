import type { StackOutputs } from "../../infra/outputs.ts";
import { type AwsClients, openStackAccount } from "./aws.ts";
import { onInterrupt } from "./interrupt.ts";
import { minuteMs } from "./pace.ts";
import { readStackOutputs } from "./stack-outputs.ts";
import { openTerminal, type Terminal } from "./terminal.ts";

/** What every step of a release works with. */
export interface ReleaseContext {
  readonly clients: AwsClients;
  readonly outputs: StackOutputs;
  readonly terminal: Terminal;
  /** Length of a minute in milliseconds; shorter only in the local cloud. */
  readonly minuteMs: number;
  /** Aborted when the user interrupts: the release is to be stopped and rolled back. */
  readonly interrupted: AbortSignal;
}

/** Reads the stack's outputs, opens its account, and says what is about to be worked on. */
export async function openContext(stack: string): Promise<ReleaseContext> {
  const outputs = await readStackOutputs(stack);
  const clients = await openStackAccount(outputs);
  const terminal = openTerminal();
  const { functionName, region, accountId } = outputs;
  terminal.say(`stack ${stack}: ${functionName} in ${region}, account ${accountId}`);
  return { clients, outputs, terminal, minuteMs: minuteMs(), interrupted: onInterrupt() };
}
