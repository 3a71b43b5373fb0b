/**
 * The clients for the many calls of a replay: with time-outs, since a call that is never answered would hold
 * a message for good, and with sockets for all that runs at the same time (the SDK's default is 50).
 */
import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SQSClient } from "@aws-sdk/client-sqs";

const CONNECTION_TIMEOUT_MS = 5_000;
/** The longest call of SQS is a poll of one second. */
const SQS_TIMEOUT_MS = 15_000;
/** On top of the time that the function itself may take. */
const INVOKE_MARGIN_MS = 10_000;
/** Tries of one call when it is throttled or AWS fails; the waits between them grow, with jitter. */
const MAX_ATTEMPTS = 4;
/** Receives, deletions and renewals side by side. */
const SQS_SOCKETS = 64;

const options = (region: string, requestTimeout: number, maxSockets: number) => ({
  region,
  maxAttempts: MAX_ATTEMPTS,
  requestHandler: {
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout,
    throwOnRequestTimeout: true,
    httpAgent: { keepAlive: true, maxSockets },
    httpsAgent: { keepAlive: true, maxSockets },
  },
});

export const sqsClient = (region: string): SQSClient =>
  new SQSClient(options(region, SQS_TIMEOUT_MS, SQS_SOCKETS));

export const streamsClient = (region: string): DynamoDBStreamsClient =>
  new DynamoDBStreamsClient(options(region, SQS_TIMEOUT_MS, SQS_SOCKETS));

/** For `concurrency` calls at the same time of a function that may take `timeoutSeconds`. */
export const invokingClient = (
  region: string,
  concurrency: number,
  timeoutSeconds: number,
): LambdaClient =>
  new LambdaClient(options(region, timeoutSeconds * 1000 + INVOKE_MARGIN_MS, concurrency));
