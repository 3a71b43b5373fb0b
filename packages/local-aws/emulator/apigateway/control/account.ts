/** Control plane of the account's settings: the role by which REST APIs write logs (API Gateway API reference). */
import type { Json } from "../definition.ts";
import { badRequest, json } from "../document.ts";
import { ACCOUNT_LIMIT, type State } from "../state.ts";
import { type Operation, patchesOf } from "./operations.ts";

export function accountOperations(
  { account }: State,
  trustOf: (roleName: string) => Promise<string>,
): readonly Operation[] {
  const shown = (): Json => ({
    ...(account.cloudwatchRoleArn !== undefined && {
      cloudwatchRoleArn: account.cloudwatchRoleArn,
    }),
    throttleSettings: { rateLimit: ACCOUNT_LIMIT.rate, burstLimit: ACCOUNT_LIMIT.burst },
    features: ["UsagePlans"],
    apiKeyVersion: "4",
  });
  return [
    ["GET", "/account", shown],
    [
      "PATCH",
      "/account",
      async (_, call) => {
        for (const { path, value } of patchesOf(call)) {
          if (path[0] !== "cloudwatchRoleArn") throw badRequest("Invalid patch path");
          if (value !== "") checkTrust(await trustOf(roleNameOf(value)));
          account.cloudwatchRoleArn = value === "" ? undefined : value;
        }
        return shown();
      },
    ],
  ];
}

function roleNameOf(arn: string): string {
  const name = /^arn:[^:]+:iam::\d{12}:role\/(?:.+\/)?([^/]+)$/.exec(arn)?.[1];
  if (name === undefined) throw badRequest("Invalid ARN specified in the request");
  return name;
}

/** API Gateway tries the role (guide, "Set up CloudWatch logging for REST APIs"). What it may write is not checked. */
function checkTrust(policy: string): void {
  const { Statement } = json(policy === "" ? {} : JSON.parse(policy));
  const isTrusted = [Statement].flat().some((statement) => {
    const { Effect, Principal } = json(statement);
    const services = [json(Principal)["Service"]].flat();
    return Effect === "Allow" && services.includes("apigateway.amazonaws.com");
  });
  if (isTrusted) return;
  throw badRequest(
    "The role ARN does not have required permissions configured. Please grant trust permission for API Gateway and add the required role policy.",
  );
}
