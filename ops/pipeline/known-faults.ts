/**
 * Messages of AWS's that do not say what to do, each with what it means and what does. Pure, and without packages:
 * see outcome.ts.
 */

export interface KnownFault {
  /** What it means, in one sentence without its end. */
  readonly meaning: string;
  /** The command that puts it right, or shows what there is to put right. */
  readonly command: string;
}

interface Known {
  readonly message: RegExp;
  /** `found` is what the message's groups hold. */
  readonly explain: (found: RegExpExecArray, stack: string) => KnownFault;
}

/** Lambda's quota "Concurrent executions". */
const QUOTA = "aws service-quotas get-service-quota --service-code lambda --quota-code L-B99A9384";

const KNOWN: readonly Known[] = [
  {
    // Lambda API, PutFunctionConcurrency; new accounts have 10 or 50 where others have 100.
    message:
      /Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of \[(\d+)/,
    explain: ([, kept]) => ({
      meaning: `reservedConcurrency is more than the account has left: AWS keeps ${kept} calls at once for functions without a reservation; lower it, or ask for a higher quota of concurrent executions`,
      command: QUOTA,
    }),
  },
  {
    // Lambda API, PutProvisionedConcurrencyConfig.
    message:
      /Specified (?:Provisioned)?ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of \[(\d+)/,
    explain: ([, kept]) => ({
      meaning: `provisionedConcurrency is more than the account has left: AWS keeps ${kept} calls at once for functions without a reservation; lower it, or ask for a higher quota of concurrent executions`,
      command: QUOTA,
    }),
  },
  {
    message: /Provisioned ?Concurrency should not be greater than the reservedConcurrentExecution/i,
    explain: (_found, stack) => ({
      meaning:
        "more environments were to be kept warm than reservedConcurrency lets run; lower provisionedConcurrency, or raise the reservation first",
      command: `npm run doctor -- --stack ${stack}`,
    }),
  },
  {
    message: /Alias with weights can ?not be used with Provisioned Concurrency/i,
    explain: (_found, stack) => ({
      meaning:
        "a release is shifting traffic, and Lambda changes no provisioned concurrency until it is over; let it end, then run this again",
      command: `npm run release -- --stack ${stack} --follow`,
    }),
  },
  {
    message:
      /(?:Unable to assume IAM role: \S*|iam:CreateServiceLinkedRole\b[^\n]*)application-autoscaling/,
    explain: () => ({
      meaning:
        "the account has no role yet by which AWS scales provisioned concurrency, and CI may not make one; an administrator does, once",
      command:
        "aws iam create-service-linked-role --aws-service-name lambda.application-autoscaling.amazonaws.com",
    }),
  },
];

/** What is known of a message anywhere in a log; `undefined` where it is none of these. */
export function knownFault(log: string, stack: string): KnownFault | undefined {
  for (const { message, explain } of KNOWN) {
    const found = message.exec(log);
    if (found) return explain(found, stack);
  }
  return undefined;
}
