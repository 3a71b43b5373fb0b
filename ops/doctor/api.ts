/** The part of the doctor for the API: what an account has once and no stack makes, and whom the alias lets in. */
import { APIGatewayClient, GetAccountCommand } from "@aws-sdk/client-api-gateway";
import { GetRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { DOMAIN_ROLE_NAME, DOMAIN_SERVICE } from "../../infra/api/rights.ts";
import { functionName } from "../../infra/names.ts";
import { needsLoggingRole } from "../identity/logging-role.ts";
import { judgeAdmissions, readAliasPolicy } from "./admissions.ts";
import type { Check, DoctorContext, Finding } from "./check.ts";

export const apiCheck: Check = {
  name: "api",
  run: ({ stack, settings, location }) => {
    const { region } = location;
    return checkApi(
      { stack, settings, location },
      new APIGatewayClient({ region }),
      new IAMClient({ region }),
      new LambdaClient({ region }),
    );
  },
};

/** Reads nothing where the config says nothing of it. */
export async function checkApi(
  { stack, settings, location }: Omit<DoctorContext, "root">,
  apiGateway: APIGatewayClient,
  iam: IAMClient,
  lambda: LambdaClient,
): Promise<readonly Finding[]> {
  if (settings.api === "none") return [];
  const { accountId, region } = location;
  const logs = needsLoggingRole(settings);
  const hasDomain = settings.apiDomainName !== undefined;
  const [account, domainRole, policy] = await Promise.all([
    logs ? apiGateway.send(new GetAccountCommand({})) : undefined,
    hasDomain
      ? unlessAbsent(iam.send(new GetRoleCommand({ RoleName: DOMAIN_ROLE_NAME })))
      : undefined,
    readAliasPolicy(lambda, functionName(settings)),
  ]);
  return [
    ...judgeApi(stack, {
      accountId,
      region,
      isLogged: !logs || account?.cloudwatchRoleArn !== undefined,
      hasDomainRole: !hasDomain || domainRole !== undefined,
    }),
    ...judgeAdmissions(location, functionName(settings), policy),
  ];
}

/** What is missing of an account, in words. Pure. */
export const judgeApi = (
  stack: string,
  facts: {
    readonly accountId: string;
    readonly region: string;
    /** Whether API Gateway has a role to log by, or needs none. */
    readonly isLogged: boolean;
    /** Whether it has its role for domains, or needs none. */
    readonly hasDomainRole: boolean;
  },
): readonly Finding[] => [
  ...(facts.isLogged
    ? []
    : [
        {
          severity: "error" as const,
          problem: `API Gateway has no role to log by in account ${facts.accountId}, ${facts.region}: a REST API with access logs is refused`,
          remedy: `an administrator sets it once: npm run identity -- --stack ${stack}; or set apiAccessLogs to false`,
        },
      ]),
  ...(facts.hasDomainRole
    ? []
    : [
        {
          severity: "error" as const,
          problem: `account ${facts.accountId} has no role ${DOMAIN_ROLE_NAME}, by which API Gateway uses the certificate of apiDomainName`,
          remedy: `as an administrator, once: aws iam create-service-linked-role --aws-service-name ${DOMAIN_SERVICE}`,
        },
      ]),
];

async function unlessAbsent<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Error && ABSENT.test(error.name)) return undefined;
    throw error;
  }
}

const ABSENT = /^NoSuchEntity(Exception)?$/;
