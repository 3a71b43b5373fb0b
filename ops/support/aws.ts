/** The AWS clients of the commands, and what AWS's refusals mean in words. */
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { CodeDeployClient } from "@aws-sdk/client-codedeploy";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { STSClient } from "@aws-sdk/client-sts";
import type { StackOutputs } from "../../infra/outputs.ts";
import { AwsTime } from "./aws-time.ts";
import { readCaller } from "./caller.ts";
import { isRefusal, Refused } from "./refused.ts";

export interface AwsClients {
  readonly cloudWatch: CloudWatchClient;
  readonly codeDeploy: CodeDeployClient;
  /** Tries a call once: for one that must not be made twice when its answer is lost. */
  readonly codeDeployOnce: CodeDeployClient;
  readonly lambda: LambdaClient;
  /** For synchronous invocations, which may take as long as a function may run. */
  readonly invocations: LambdaClient;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly sts: STSClient;
  /** AWS's time, milliseconds since 1970. */
  readonly now: () => number;
}

/** Tries of one call when it is throttled or AWS fails; the waits between them grow, with jitter. */
const MAX_ATTEMPTS = 6;

/** AWS's control planes answer within a second; the SDK by itself would wait for ever. */
const CALL_TIMEOUT_MS = 10_000;
const CONNECTION_TIMEOUT_MS = 5_000;

/** Lambda's longest run, and what the answer takes to come. */
const INVOCATION_TIMEOUT_MS = 910_000;

/** A long poll of SQS takes 20 s by itself. */
const QUEUE_TIMEOUT_MS = 30_000;

const timeout = (requestTimeout: number) => ({
  requestTimeout,
  connectionTimeout: CONNECTION_TIMEOUT_MS,
  throwOnRequestTimeout: true,
});

/** What tests put in place of the environment's. */
export interface ClientOverrides {
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly maxAttempts?: number;
  /** Of a call to a control plane, in milliseconds. */
  readonly timeoutMs?: number;
}

/** Clients for one region; credentials and endpoints come from the environment, as everywhere in the SDK. */
export function awsClients(
  region: string,
  { timeoutMs = CALL_TIMEOUT_MS, ...overrides }: ClientOverrides = {},
): AwsClients {
  const time = new AwsTime();
  const options = {
    region,
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: timeout(timeoutMs),
    ...overrides,
  };
  const clients = {
    cloudWatch: new CloudWatchClient(options),
    codeDeploy: new CodeDeployClient(options),
    codeDeployOnce: new CodeDeployClient({ ...options, maxAttempts: 1 }),
    lambda: new LambdaClient(options),
    invocations: new LambdaClient({ ...options, requestHandler: timeout(INVOCATION_TIMEOUT_MS) }),
    s3: new S3Client(options),
    sqs: new SQSClient({ ...options, requestHandler: timeout(QUEUE_TIMEOUT_MS) }),
    sts: new STSClient(options),
  };
  for (const client of Object.values(clients)) time.watch(client);
  return { ...clients, now: time.now };
}

/**
 * The clients of a stack's region. Throws `Refused` when the credentials are those of another account:
 * names are the same in every account, so a command would otherwise work on the wrong one.
 */
export async function openStackAccount(
  stack: Pick<StackOutputs, "region" | "accountId" | "environment">,
): Promise<AwsClients> {
  const clients = awsClients(stack.region);
  const { accountId } = await readCaller(clients.sts);
  if (accountId !== stack.accountId) {
    throw new Refused(
      `the credentials are those of account ${accountId}; stack ${stack.environment} is in ${stack.accountId}`,
      "sign in there",
    );
  }
  return clients;
}

const SIGN_IN = "sign in again, for example with: aws sso login";

/** The reasons of refusals that waiting does not help against. */
export const HOPELESS: readonly string[] = ["credentials", "permission"];

interface Meaning {
  readonly names: RegExp;
  /** Completes AWS's own message. */
  readonly means?: string;
  readonly remedy: string;
  readonly reason: string;
}

/** Error names of AWS, what they mean, and what to do. */
const MEANINGS: readonly Meaning[] = [
  {
    names: /^(ExpiredToken|ExpiredTokenException|RequestExpired)$/,
    means: "the credentials have expired",
    remedy: SIGN_IN,
    reason: "credentials",
  },
  {
    names: /^(CredentialsProviderError|TokenProviderError)$/,
    means: "no credentials were found",
    remedy: SIGN_IN,
    reason: "credentials",
  },
  {
    names:
      /^(InvalidClientTokenId|UnrecognizedClientException|InvalidSignatureException|SignatureDoesNotMatch|InvalidAccessKeyId)$/,
    means: "AWS does not know these credentials",
    remedy: SIGN_IN,
    reason: "credentials",
  },
  {
    names: /^(AccessDenied|AccessDeniedException|AuthorizationError)$/,
    means: "the role may not do this",
    remedy: "use the deploy role of this stack",
    reason: "permission",
  },
  {
    names:
      /^(ThrottlingException|Throttling|TooManyRequestsException|RequestLimitExceeded|SlowDown)$/,
    means: "AWS throttles",
    remedy: "run the command again in a minute",
    reason: "throttled",
  },
  {
    names: /^TimeoutError$/,
    means: "AWS did not answer in time",
    remedy: "run the command again",
    reason: "no answer",
  },
];

/** The error as one line with a remedy where it is one of AWS or of the network; else itself. */
export function explained(error: unknown): unknown {
  if (!(error instanceof Error) || isRefusal(error)) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ECONNREFUSED" || code === "ENOTFOUND" || code === "EAI_AGAIN") {
    return new Refused(
      `AWS cannot be reached (${code})`,
      "check the network and AWS_ENDPOINT_URL",
      { reason: "no answer", cause: error },
    );
  }
  const meaning = MEANINGS.find(({ names }) => names.test(error.name));
  if (!meaning) return error;
  const { means, remedy, reason } = meaning;
  const problem = [firstLine(error.message), means].filter(Boolean).join("; ");
  return new Refused(problem, remedy, { reason, cause: error });
}

/** Whether AWS has answered and refused: another try would be refused too. Else it may or may not have worked. */
export function wasRefused(error: unknown): boolean {
  const { $fault, $retryable, $metadata, name } = error as Error & {
    readonly $fault?: string;
    readonly $retryable?: object;
    readonly $metadata?: { readonly httpStatusCode?: number };
  };
  if (/Throttl|TooManyRequests|LimitExceeded/.test(name)) return false;
  const status = $metadata?.httpStatusCode ?? 0;
  return $fault === "client" && !$retryable && status >= 400 && status < 500;
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
