import type { StackOutputs } from "../../infra/outputs.ts";
import type { AwsClients } from "../support/aws.ts";
import type { Terminal } from "../support/terminal.ts";

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
