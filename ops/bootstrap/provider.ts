/** Whether the account has a provider for GitHub's tokens already, and whose it is. */
import {
  GetOpenIDConnectProviderCommand,
  type GetOpenIDConnectProviderCommandOutput,
  type IAMClient,
} from "@aws-sdk/client-iam";
import { oidcProviderArn, type AwsLocation } from "../../infra/arns.ts";
import { AUDIENCE } from "../../infra/identity/trust.ts";
import { ENVIRONMENT_TAG, type Scope, SERVICE_TAG } from "../../infra/names.ts";
import { Refused } from "../support/refused.ts";
import { unlessAbsent } from "./steps.ts";

/** What IAM tells about a provider. */
export type Provider = Pick<GetOpenIDConnectProviderCommandOutput, "ClientIDList" | "Tags">;

/** The account's provider for GitHub; undefined where there is none. */
export const findProvider = (
  iam: IAMClient,
  location: AwsLocation,
): Promise<Provider | undefined> =>
  unlessAbsent(
    iam.send(
      new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: oidcProviderArn(location) }),
    ),
    "NoSuchEntityException",
    "NoSuchEntity",
  );

export interface ProviderDecision {
  /** ARN for the config key `oidcProviderArn`; undefined where the stack makes, or has made, the provider itself. */
  readonly adopt: string | undefined;
  readonly why: string;
}

/**
 * An account takes one provider a URL. The stack that made it keeps it; every other one adopts it.
 * Throws `Refused` when the provider does not take the tokens that the workflows send.
 */
export function decideProvider(
  provider: Provider | undefined,
  location: AwsLocation,
  scope: Scope,
): ProviderDecision {
  if (!provider) return { adopt: undefined, why: "the stack makes GitHub's OIDC provider" };
  const arn = oidcProviderArn(location);
  if (!provider.ClientIDList?.includes(AUDIENCE)) {
    throw new Refused(
      `the account's OIDC provider ${arn} does not take the audience ${AUDIENCE}`,
      `add it with: aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn ${arn} --client-id ${AUDIENCE}`,
    );
  }
  const tag = (key: string) => provider.Tags?.find(({ Key }) => Key === key)?.Value;
  // The stack's default tags say that it is its own.
  if (tag(SERVICE_TAG) === scope.serviceName && tag(ENVIRONMENT_TAG) === scope.environment) {
    return { adopt: undefined, why: "the stack has made GitHub's OIDC provider" };
  }
  return { adopt: arn, why: "the account has an OIDC provider for GitHub; the stack adopts it" };
}
