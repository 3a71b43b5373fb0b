import * as aws from "@pulumi/aws";
import type { AwsLocation } from "./arns.ts";
import { ENVIRONMENT_TAG, SERVICE_TAG } from "./names.ts";
import type { Settings } from "./settings.ts";

/** The AWS account that a stack goes to: one explicit provider, and where it leads. */
export interface Account {
  readonly provider: aws.Provider;
  readonly location: AwsLocation;
}

/**
 * Makes the provider and asks AWS who it is. The answers are awaited, not Outputs: names, ARNs and
 * policies are then plain values, and a preview shows them whole.
 * What the stack's `aws:` keys say (accounts, profile, roles, tags) reaches this provider too.
 * Every resource that can be tagged carries the default tags; the ambient default provider is never used.
 */
export async function openAccount(settings: Settings): Promise<Account> {
  const { region, serviceName, environment, githubRepository } = settings;
  const { defaultTags, ...own } = settings.provider;
  const provider = new aws.Provider("aws", {
    ...own,
    region,
    defaultTags: {
      tags: {
        ...defaultTags,
        [SERVICE_TAG]: serviceName,
        [ENVIRONMENT_TAG]: environment,
        repository: githubRepository,
        "managed-by": "pulumi",
      },
    },
  });
  const [{ accountId }, { partition }] = await Promise.all([
    aws.getCallerIdentity({}, { provider }),
    aws.getPartition({}, { provider }),
  ]);
  return { provider, location: { partition, region, accountId } };
}
