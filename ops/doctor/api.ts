/** The part of the doctor for the API: may a REST API write its access log at all? */
import { APIGatewayClient, GetAccountCommand } from "@aws-sdk/client-api-gateway";
import { needsLoggingRole } from "../identity/logging-role.ts";
import type { Check, Finding } from "./check.ts";

export const apiCheck: Check = {
  name: "api",
  run: async ({ stack, settings, location: { accountId, region } }) => {
    if (!needsLoggingRole(settings)) return [];
    const client = new APIGatewayClient({ region });
    const { cloudwatchRoleArn } = await client.send(new GetAccountCommand({}));
    return judgeLoggingRole(stack, { accountId, region, role: cloudwatchRoleArn });
  },
};

/** What is wrong with the role of the account, in words. Pure. */
export const judgeLoggingRole = (
  stack: string,
  facts: {
    readonly accountId: string;
    readonly region: string;
    /** Undefined where none is set. */
    readonly role: string | undefined;
  },
): readonly Finding[] =>
  facts.role === undefined
    ? [
        {
          severity: "error",
          problem: `API Gateway has no role to log by in account ${facts.accountId}, ${facts.region}: a REST API with access logs is refused`,
          remedy: `an administrator sets it once: npm run identity -- --stack ${stack}; or set apiAccessLogs to false`,
        },
      ]
    : [];
