/** DynamoDB streams: the mapping, and where the names of failed batches wait. */
import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import {
  filterCriteria,
  type MadeSource,
  makeDeadLetters,
  mapped,
  type SourceContext,
} from "./queue.ts";
import type { StreamSource } from "./source.ts";

export function makeStream(
  context: SourceContext,
  source: StreamSource,
  streamArn: pulumi.Input<string>,
): MadeSource {
  const deadLetters = makeDeadLetters(context, source);
  const mapping = new aws.lambda.EventSourceMapping(
    `${source.name}-mapping`,
    {
      eventSourceArn: streamArn,
      functionName: context.aliasArn,
      batchSize: source.batchSize,
      maximumBatchingWindowInSeconds: source.batchingWindowSeconds,
      startingPosition: source.startingPosition,
      parallelizationFactor: source.parallelization,
      // Both are without end by default: one bad record would hold its shard for a day.
      maximumRetryAttempts: source.maxRetries,
      maximumRecordAgeInSeconds: source.maxRecordAgeSeconds,
      bisectBatchOnFunctionError: true,
      destinationConfig: { onFailure: { destinationArn: deadLetters.arn } },
      functionResponseTypes: ["ReportBatchItemFailures"],
      ...filterCriteria(source),
    },
    mapped(context.child),
  );
  return { deadLetters, mapping };
}
