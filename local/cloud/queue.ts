/** A queue of the stack in the local cloud: what a shell calls it by, and a message to try it with. */
import { createDomain } from "../../function/domain/index.ts";
import type { StackOutputs } from "../../infra/outputs.ts";
import type { Trial } from "./trial.ts";

/** The first one that takes any message: FIFO queues want a group. Nothing where the stack has none. */
export function localQueue({ sources = [] }: Pick<StackOutputs, "sources">): Trial | undefined {
  const queue = sources.find(({ kind, fifo }) => kind === "queue" && !fifo);
  if (queue?.queueUrl === undefined) return undefined;
  const body = JSON.stringify(createDomain().sample).replaceAll("'", "'\\''");
  return {
    variables: { QUEUE_URL: queue.queueUrl },
    curl: `curl "$QUEUE_URL" --aws-sigv4 "aws:amz:$AWS_REGION:sqs" --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" --data Action=SendMessage --data-urlencode 'MessageBody=${body}'`,
  };
}
