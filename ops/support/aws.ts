/** The AWS clients of the commands, and what AWS's refusals mean in words. */
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { CodeDeployClient } from "@aws-sdk/client-codedeploy";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { StackOutputs } from "../../infra/outputs.ts";
import { Refused } from "./refused.ts";

export interface AwsClients {
  readonly cloudWatch: CloudWatchClient;
  readonly codeDeploy: CodeDeployClient;
  readonly lambda: LambdaClient;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly sts: STSClient;
}

/** Tries of one call when it is throttled or AWS fails; the waits between them grow, with jitter. */
const MAX_ATTEMPTS = 6;

/** Clients for one region; credentials and endpoints come from the environment, as everywhere in the SDK. */
export function awsClients(region: string): AwsClients {
  const options = { region, maxAttempts: MAX_ATTEMPTS };
  return {
    cloudWatch: new CloudWatchClient(options),
    codeDeploy: new CodeDeployClient(options),
    lambda: new LambdaClient(options),
    s3: new S3Client(options),
    sqs: new SQSClient(options),
    sts: new STSClient(options),
  };
}

/**
 * The clients of a stack's region. Throws `Refused` when the credentials are those of another account:
 * names are the same in every account, so a command would otherwise work on the wrong one.
 */
export async function openStackAccount(
  stack: Pick<StackOutputs, "region" | "accountId" | "environment">,
): Promise<AwsClients> {
  const clients = awsClients(stack.region);
  const { Account } = await clients.sts.send(new GetCallerIdentityCommand({}));
  if (Account !== stack.accountId) {
    throw new Refused(
      `the credentials are those of account ${Account}; stack ${stack.environment} is in ${stack.accountId}; sign in there`,
    );
  }
  return clients;
}

const SIGN_IN = "sign in again, for example with: aws sso login";

/** Error names of AWS, and what to do. */
const REMEDIES: readonly [names: RegExp, remedy: string][] = [
  [
    /^(ExpiredToken|ExpiredTokenException|RequestExpired)$/,
    `the credentials have expired; ${SIGN_IN}`,
  ],
  [/^(CredentialsProviderError|TokenProviderError)$/, `no credentials were found; ${SIGN_IN}`],
  [
    /^(InvalidClientTokenId|UnrecognizedClientException|InvalidSignatureException|SignatureDoesNotMatch|InvalidAccessKeyId)$/,
    `AWS does not know these credentials; ${SIGN_IN}`,
  ],
  [
    /^(AccessDenied|AccessDeniedException|AuthorizationError)$/,
    "the role may not do this; use the deploy role of this stack",
  ],
  [
    /^(ThrottlingException|Throttling|TooManyRequestsException|RequestLimitExceeded|SlowDown)$/,
    "AWS throttles; run the command again in a minute",
  ],
];

/** The error as one line with a remedy where it is one of AWS or of the network; else itself. */
export function explained(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof Refused) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ECONNREFUSED" || code === "ENOTFOUND" || code === "EAI_AGAIN") {
    return new Refused(`AWS cannot be reached (${code}); check the network and AWS_ENDPOINT_URL`);
  }
  const [, remedy] = REMEDIES.find(([names]) => names.test(error.name)) ?? [];
  return remedy ? new Refused(`${firstLine(error.message)}; ${remedy}`) : error;
}

const firstLine = (text: string): string => (text.split("\n")[0] ?? "").replace(/[.;]?\s*$/, "");

/** Wraps a command's action, so that what AWS refuses ends as one line with a remedy. */
export const explaining =
  <Args extends unknown[]>(action: (...args: Args) => Promise<void>) =>
  async (...args: Args): Promise<void> => {
    try {
      await action(...args);
    } catch (error) {
      throw explained(error);
    }
  };
