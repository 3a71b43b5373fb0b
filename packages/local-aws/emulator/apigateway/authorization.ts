/**
 * Who may call a method (API Gateway developer guide, "How API Gateway resource policies affect authorization
 * workflow"): without authorization, an API with a policy lets in whom the policy allows; with AWS_IAM, root of the same
 * account gets in unless the policy denies it, and other accounts only where the policy allows them.
 */
import { decisionOf, type Principal } from "../policy.ts";
import type { Context } from "./context.ts";
import { GatewayRefusal } from "./gateway-response.ts";
import type { ApiRequest } from "./request.ts";
import { type SignatureOptions, signerOf } from "./signature.ts";

export interface Asked extends SignatureOptions {
  readonly accountId: string;
  readonly partition: string;
  /** `arn:aws:execute-api:REGION:ACCOUNT:API`. */
  readonly apiArn: string;
  /** `STAGE/METHOD/path`. */
  readonly resource: string;
  /** Text of the API's resource policy; empty: none. */
  readonly policy: string;
}

/** Throws 403 where the caller may not; with AWS_IAM, the context knows the caller afterwards. */
export async function authorize(
  type: "NONE" | "AWS_IAM",
  request: ApiRequest,
  context: Context,
  asked: Asked,
): Promise<void> {
  const { accountId, partition, policy } = asked;
  if (type === "NONE") {
    if (policy !== "" && decide("anonymous", request, asked) !== "allow") {
      throw denied("anonymous", asked, decide("anonymous", request, asked) === "deny");
    }
    return;
  }
  const signer = await signerOf(request, asked);
  const arn = `arn:${partition}:iam::${signer.accountId}:root`;
  const decision = decide({ accountId: signer.accountId }, request, asked);
  const isOwn = signer.accountId === accountId;
  if (decision === "deny" || (!isOwn && decision !== "allow")) {
    throw denied(arn, asked, decision === "deny");
  }
  context.set({
    "identity.accountId": signer.accountId,
    "identity.caller": signer.accountId,
    "identity.user": signer.accountId,
    "identity.userArn": arn,
    "identity.accessKey": signer.accessKey,
  });
}

function decide(principal: Principal, request: ApiRequest, { policy, apiArn, resource }: Asked) {
  // API Gateway completes `execute-api:/stage/…` when a policy is set.
  const completed = policy.replaceAll('"execute-api:/', `"${apiArn}/`);
  return decisionOf(completed, principal, {
    action: "execute-api:Invoke",
    resource: `${apiArn}/${resource}`,
    context: { "aws:sourceip": request.sourceIp },
  });
}

/** AWS hides the first digits of the account. */
function denied(
  user: string,
  { apiArn, resource, accountId }: Asked,
  explicit: boolean,
): GatewayRefusal {
  const shown = apiArn.replace(accountId, `********${accountId.slice(-4)}`);
  return new GatewayRefusal("ACCESS_DENIED", {
    message: `User: ${user} is not authorized to perform: execute-api:Invoke on resource: ${shown}/${resource}${explicit ? " with an explicit deny" : ""}`,
  });
}
