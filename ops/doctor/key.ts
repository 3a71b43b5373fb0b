/** The part of the doctor that looks at the KMS key of the stack's data: is it there, and does it admit AWS's services? */
import {
  DescribeKeyCommand,
  GetKeyPolicyCommand,
  type KeyMetadata,
  KMSClient,
} from "@aws-sdk/client-kms";
import { dataKeyAlias } from "../../infra/names.ts";
import { dataKeyPolicy, hasKey } from "../../infra/options/encryption.ts";
import { unlessAbsent } from "../bootstrap/steps.ts";
import type { Check, DoctorContext, Finding } from "./check.ts";
import { type KeyPolicy, missingStatements } from "./key-policy.ts";

export const keyCheck: Check = {
  name: "key",
  run: (context) =>
    hasKey(context.settings)
      ? checkKey(context, new KMSClient({ region: context.settings.region }))
      : Promise.resolve([]),
};

/** Everything that keeps the key of the stack's config from encrypting. */
export async function checkKey(
  { settings, location, stack }: Pick<DoctorContext, "settings" | "location" | "stack">,
  kms: KMSClient,
): Promise<readonly Finding[]> {
  const key = settings.kmsKeyArn ?? dataKeyAlias(settings);
  try {
    const found = await unlessAbsent(
      kms.send(new DescribeKeyCommand({ KeyId: key })),
      "NotFoundException",
    );
    const metadata = found?.KeyMetadata;
    if (metadata?.KeyId === undefined) {
      return [
        {
          severity: "error",
          problem: `there is no KMS key ${key}`,
          remedy: settings.createKey
            ? `as an administrator, run: npm run identity -- --stack ${stack}`
            : `name one that exists as kmsKeyArn in Pulumi.${stack}.yaml`,
        },
      ];
    }
    const unfit = unfitness(metadata);
    if (unfit !== undefined) return [{ severity: "error", ...unfit(key) }];
    const { Policy = "{}" } = await kms.send(
      new GetKeyPolicyCommand({ KeyId: metadata.KeyId, PolicyName: "default" }),
    );
    const missing = missingStatements(
      JSON.parse(Policy) as KeyPolicy,
      dataKeyPolicy(location, settings),
    );
    return missing.map((statement) => ({
      severity: "error",
      problem: `the policy of the KMS key ${key} does not admit ${admitted(statement.Sid)}`,
      remedy: `add to the key's policy: ${JSON.stringify(statement)}`,
    }));
  } catch (error) {
    if ((error as { name?: string }).name !== "AccessDeniedException") throw error;
    return [
      {
        severity: "warning",
        problem: `these credentials may not look at the KMS key ${key}, so its policy was not checked`,
        remedy: "ask whoever manages the key to compare its policy with docs/options.md",
      },
    ];
  }
}

/** Why a key cannot encrypt what the stack keeps; undefined where it can. */
function unfitness({
  KeyState,
  KeySpec,
  KeyUsage,
}: KeyMetadata): ((key: string) => Omit<Finding, "severity">) | undefined {
  if (KeyState !== undefined && KeyState !== "Enabled") {
    return (key) => ({
      problem: `the KMS key ${key} is ${KeyState}: what it has encrypted cannot be read, and the function cannot start`,
      remedy:
        KeyState === "PendingDeletion"
          ? `aws kms cancel-key-deletion --key-id ${key}, then aws kms enable-key --key-id ${key}`
          : `aws kms enable-key --key-id ${key}`,
    });
  }
  if ((KeySpec ?? "SYMMETRIC_DEFAULT") !== "SYMMETRIC_DEFAULT" || KeyUsage !== "ENCRYPT_DECRYPT") {
    return (key) => ({
      problem: `the KMS key ${key} is for ${KeyUsage} with ${KeySpec}, and AWS's services encrypt with symmetric keys only`,
      remedy: "name a symmetric key for encryption as kmsKeyArn",
    });
  }
  return undefined;
}

const ADMITTED: Readonly<Record<string, string>> = {
  Owner: "the account, so that its roles can be given rights to it",
  Alarms: "CloudWatch, so no alarm would reach anybody",
  Budgets: "AWS Budgets, so nobody would be told of costs",
  Anomalies: "AWS Cost Anomaly Detection, so nobody would be told of anomalies",
  Logs: "CloudWatch Logs for the log groups of this stack, so they could not be encrypted",
};

const admitted = (sid: string): string => ADMITTED[sid] ?? sid;
