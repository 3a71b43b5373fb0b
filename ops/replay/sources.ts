/** The dead-letter queues of a stack, and where what is in each goes back to. Pure. */
import type { StackOutputs } from "../../infra/outputs.ts";
import { Refused } from "../support/refused.ts";

/** One dead-letter queue. */
export interface ReplayQueue {
  /** What `--source` calls it: an event source's name, or `function` for the function's own. */
  readonly source: string;
  readonly url: string;
  /** The queue that its messages were in; absent where the function was called without one. */
  readonly sourceUrl?: string;
  /** Whether both keep an order. */
  readonly fifo: boolean;
}

/** Name of the function's own dead letters; no source may have it. */
export const OWN = "function";

type Outputs = Pick<StackOutputs, "deadLetterQueueUrl" | "sources" | "environment">;

/** Every queue, the function's own first. */
export const replayQueues = ({
  deadLetterQueueUrl,
  sources = [],
}: Outputs): readonly [ReplayQueue, ...ReplayQueue[]] => [
  { source: OWN, url: deadLetterQueueUrl, fifo: false },
  ...sources.map(({ name, fifo, queueUrl, deadLetterQueueUrl: url }) => ({
    source: name,
    url,
    fifo,
    ...(queueUrl !== undefined && { sourceUrl: queueUrl }),
  })),
];

/**
 * The queues that a run works on: the one that is named, else all. A file holds the messages of one queue, so moving
 * messages aside and back asks for a name where there are several. Throws `Refused`.
 */
export function chosenQueues(
  outputs: Outputs,
  { source, usesFile }: { readonly source?: string | undefined; readonly usesFile: boolean },
): readonly ReplayQueue[] {
  const all = replayQueues(outputs);
  const names = all.map((queue) => queue.source).join(", ");
  if (source === undefined) {
    if (!usesFile || all.length === 1) return all;
    throw new Refused(
      `a file holds the messages of one queue, and stack ${outputs.environment} has several: ${names}`,
      "name one with --source",
    );
  }
  const found = all.filter((queue) => queue.source === source);
  if (found.length > 0) return found;
  throw new Refused(
    `--source ${source}: stack ${outputs.environment} has no such source`,
    `name one of ${names}`,
  );
}
