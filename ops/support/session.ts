/** How a command opens a stack: the same for all that work on one. */
import type { StackOutputs } from "../../infra/outputs.ts";
import { type AwsClients, openStackAccount } from "./aws.ts";
import { readFunctionOutputs } from "./function-outputs.ts";
import { onInterrupt, unlessInterrupted } from "./interrupt.ts";
import { minuteMs } from "./pace.ts";
import { openTerminal, type Terminal } from "./terminal.ts";

/** What every step of a command works with. */
export interface Session {
  readonly clients: AwsClients;
  readonly outputs: StackOutputs;
  readonly terminal: Terminal;
  /** Length of a minute in milliseconds; shorter only in the local cloud. */
  readonly minuteMs: number;
  /** Aborted when the user interrupts, in a command that has something to end in order. */
  readonly interrupted: AbortSignal;
}

export interface SessionOptions {
  /** Whether Ctrl-C is left to the system, which ends the process at once. Default: the command hears it. */
  readonly deaf?: true;
  /** One of the functions beside the service's own. Default: the service's own. */
  readonly function?: string | undefined;
}

/** Reads the stack's outputs, opens its account, and says what is about to be worked on. Throws `Refused`. */
export async function openSession(
  stack: string,
  { deaf, function: name }: SessionOptions = {},
): Promise<Session> {
  const interrupted = deaf ? new AbortController().signal : onInterrupt();
  return unlessInterrupted(interrupted, async () => {
    const outputs = await readFunctionOutputs(stack, name);
    const clients = await openStackAccount(outputs);
    const terminal = openTerminal();
    const { functionName, region, accountId } = outputs;
    terminal.say(`stack ${stack}: ${functionName} in ${region}, account ${accountId}`);
    return { clients, outputs, terminal, minuteMs: minuteMs(), interrupted };
  });
}
