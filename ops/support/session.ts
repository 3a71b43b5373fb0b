/** How a command opens a stack: the same for all that work on one. */
import type { StackOutputs } from "../../infra/outputs.ts";
import { type AwsClients, openStackAccount } from "./aws.ts";
import { functionNames, outputsOf } from "./function-outputs.ts";
import { onInterrupt, unlessInterrupted } from "./interrupt.ts";
import { minuteMs } from "./pace.ts";
import { readStackOutputs } from "./stack-outputs.ts";
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

/** A session on one function of a service. */
export interface OpenedSession extends Session {
  /** The outputs of the stack as they are: those of the service's own function. */
  readonly service: StackOutputs;
}

/** Reads the stack's outputs, opens its account, and says what is about to be worked on. Throws `Refused`. */
export async function openSession(
  stack: string,
  { deaf, function: name }: SessionOptions = {},
): Promise<OpenedSession> {
  const interrupted = deaf ? new AbortController().signal : onInterrupt();
  return unlessInterrupted(interrupted, async () => {
    const service = await readStackOutputs(stack);
    const outputs = outputsOf(service, name);
    const clients = await openStackAccount(outputs);
    const terminal = openTerminal();
    const { functionName, region, accountId } = outputs;
    terminal.say(
      `stack ${stack}: ${functionName} in ${region}, account ${accountId}${othersHint(service, name)}`,
    );
    return { clients, outputs, service, terminal, minuteMs: minuteMs(), interrupted };
  });
}

/** Whoever names no function learns that there are others. */
function othersHint(service: StackOutputs, name: string | undefined): string {
  const others = functionNames(service);
  return name !== undefined || others.length === 0
    ? ""
    : `; other functions, by --function: ${others.join(", ")}`;
}
