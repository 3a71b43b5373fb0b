/** Event source mappings as Lambda keeps them, and what it refuses of one. */
import { GetQueueAttributesCommand, GetQueueUrlCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { GetFunctionConfigurationCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { AwsError } from "../http.ts";

/** As CreateEventSourceMapping takes it; the names are the API's. */
export interface MappingInput {
  readonly EventSourceArn?: string;
  readonly FunctionName?: string;
  readonly Enabled?: boolean;
  readonly BatchSize?: number;
  readonly MaximumBatchingWindowInSeconds?: number;
  readonly FunctionResponseTypes?: readonly string[];
  readonly ScalingConfig?: { readonly MaximumConcurrency?: number };
  readonly FilterCriteria?: { readonly Filters?: readonly { readonly Pattern?: string }[] };
  readonly StartingPosition?: string;
  readonly ParallelizationFactor?: number;
  readonly MaximumRetryAttempts?: number;
  readonly MaximumRecordAgeInSeconds?: number;
  readonly BisectBatchOnFunctionError?: boolean;
  readonly DestinationConfig?: { readonly OnFailure?: { readonly Destination?: string } };
}

/** A mapping in force. */
export interface Mapping extends MappingInput {
  readonly UUID: string;
  readonly EventSourceArn: string;
  /** As it was named: with the alias, where the caller named one. */
  readonly FunctionArn: string;
  readonly BatchSize: number;
  readonly State: "Enabled" | "Disabled";
}

export const isQueue = ({ EventSourceArn }: Pick<Mapping, "EventSourceArn">): boolean =>
  EventSourceArn.split(":")[2] === "sqs";

export const isFifo = ({ EventSourceArn }: Pick<Mapping, "EventSourceArn">): boolean =>
  isQueue({ EventSourceArn }) && EventSourceArn.endsWith(".fifo");

/** The filters as patterns; a record has to match one of them. */
export const patternsOf = ({ FilterCriteria }: MappingInput): readonly Record<string, unknown>[] =>
  (FilterCriteria?.Filters ?? []).map(
    ({ Pattern = "{}" }) => JSON.parse(Pattern) as Record<string, unknown>,
  );

const refuse = (message: string): never => {
  throw new AwsError(400, "InvalidParameterValueException", message);
};

/** Throws what Lambda refuses (Lambda API reference, CreateEventSourceMapping, and the pages of each source). */
export async function checkMapping(
  mapping: Mapping,
  { lambda, sqs }: { lambda: LambdaClient; sqs: SQSClient },
): Promise<void> {
  const { BatchSize, MaximumBatchingWindowInSeconds: window = 0, EventSourceArn } = mapping;
  const most = isFifo(mapping) ? 10 : 10_000;
  if (BatchSize < 1 || BatchSize > most) refuse(`Batch size must be between 1 and ${most}.`);
  if (isFifo(mapping) && window > 0) {
    refuse("Batching window is not supported for FIFO queues.");
  }
  if (isQueue(mapping) && BatchSize > 10 && window < 1) {
    refuse(
      "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
    );
  }
  const concurrency = mapping.ScalingConfig?.MaximumConcurrency;
  if (concurrency !== undefined && (concurrency < 2 || concurrency > 1_000)) {
    refuse("MaximumConcurrency must be between 2 and 1000.");
  }
  if (!isQueue(mapping) && mapping.StartingPosition === undefined) {
    refuse("StartingPosition is required for streams.");
  }
  try {
    patternsOf(mapping);
  } catch {
    refuse("Invalid filter pattern definition.");
  }
  const timeout = await timeoutOf(lambda, mapping.FunctionArn);
  if (!isQueue(mapping)) return;
  const visibility = await visibilityOf(sqs, EventSourceArn);
  if (visibility < timeout) {
    refuse(
      `Queue visibility timeout: ${visibility} seconds is less than Function timeout: ${timeout} seconds`,
    );
  }
}

/** Function and qualifier of an ARN, or of a name with one. */
export function targetOf(functionArn: string): { functionName: string; qualifier?: string } {
  const parts = functionArn.split(":");
  const [name = "", qualifier] = parts.length > 3 ? parts.slice(6) : parts;
  return { functionName: name, ...(qualifier !== undefined && { qualifier }) };
}

async function timeoutOf(lambda: LambdaClient, functionArn: string): Promise<number> {
  const { functionName: FunctionName, qualifier: Qualifier } = targetOf(functionArn);
  const found = await lambda
    .send(new GetFunctionConfigurationCommand({ FunctionName, ...(Qualifier && { Qualifier }) }))
    .catch(() => undefined);
  if (!found)
    throw new AwsError(404, "ResourceNotFoundException", `Function not found: ${functionArn}`);
  return found.Timeout ?? 3;
}

export async function queueUrlOf(sqs: SQSClient, arn: string): Promise<string> {
  const { QueueUrl = "" } = await sqs.send(
    new GetQueueUrlCommand({ QueueName: arn.split(":").at(-1) ?? "" }),
  );
  return QueueUrl;
}

/** Seconds. */
export async function visibilityOf(sqs: SQSClient, arn: string): Promise<number> {
  const QueueUrl = await queueUrlOf(sqs, arn).catch(() =>
    refuse(`The queue ${arn} does not exist.`),
  );
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["VisibilityTimeout"] }),
  );
  return Number(Attributes?.VisibilityTimeout ?? 30);
}
