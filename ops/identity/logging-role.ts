/**
 * The role by which API Gateway writes the logs of REST APIs. There is one for a whole account and region, shared by
 * all of its APIs: what somebody has set is left alone, and only where there is none is one made. No stack holds it,
 * so none takes it away (docs/decisions/0705-the-logging-role-is-adopted.md).
 */
import {
  type APIGatewayClient,
  GetAccountCommand,
  UpdateAccountCommand,
} from "@aws-sdk/client-api-gateway";
import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  GetRoleCommand,
  type IAMClient,
} from "@aws-sdk/client-iam";
import { type AwsLocation, roleArn } from "../../infra/arns.ts";
import { toJson } from "../../infra/identity/document.ts";
import { serviceTrust } from "../../infra/identity/runtime-policies.ts";
import type { Settings } from "../../infra/settings/parse.ts";
import { POLLS_A_MINUTE, nextPoll } from "../support/pace.ts";
import { Refused } from "../support/refused.ts";
import { type Step, unlessAbsent } from "../bootstrap/steps.ts";

export interface LoggingClients {
  readonly apiGateway: APIGatewayClient;
  readonly iam: IAMClient;
}

/** Name of the role where this project makes it; one for all regions of the account. */
export const LOGGING_ROLE_NAME = "api-gateway-logs";

/** AWS's own policy for it (API Gateway guide, "Set up CloudWatch logging for REST APIs"). */
const LOGGING_POLICY = "service-role/AmazonAPIGatewayPushToCloudWatchLogs";

/** Whether a stack's API logs by that role. */
export const needsLoggingRole = ({
  api,
  apiAccessLogs,
}: Pick<Settings, "api" | "apiAccessLogs">): boolean => api === "rest" && apiAccessLogs;

/** Says of the account what is true now. */
export const loggingRoleText = (
  { accountId, region }: AwsLocation,
  { roleArn: role, made }: AdoptedRole,
): string =>
  `API Gateway logs by ${role} in account ${accountId}, ${region}: ${made ? "set now" : "was set before, and is left as it is"}`;

export interface AdoptedRole {
  readonly roleArn: string;
  /** Whether this run has set it. */
  readonly made: boolean;
}

/** ARN of the role that is set; undefined where there is none. */
export const readLoggingRole = async (apiGateway: APIGatewayClient): Promise<string | undefined> =>
  (await apiGateway.send(new GetAccountCommand({}))).cloudwatchRoleArn;

/** How long a new role may take to be known everywhere: IAM says seconds. */
const TRIES = POLLS_A_MINUTE;

interface MakeOptions {
  readonly signal?: AbortSignal | undefined;
  /** Length of a minute in milliseconds. Default a real one. */
  readonly minuteMs?: number;
}

/** Sets the role where none is set, and makes it first where it is not there. Answers with its ARN. */
export async function adoptLoggingRole(
  { apiGateway, iam }: LoggingClients,
  location: AwsLocation,
  { signal, minuteMs = 60_000 }: MakeOptions = {},
): Promise<AdoptedRole> {
  const set = await readLoggingRole(apiGateway);
  if (set !== undefined) return { roleArn: set, made: false };
  await makeRole(iam, location.partition);
  const arn = roleArn(location, LOGGING_ROLE_NAME);
  for (let tries = 1; ; tries += 1) {
    try {
      await apiGateway.send(
        new UpdateAccountCommand({
          patchOperations: [{ op: "replace", path: "/cloudwatchRoleArn", value: arn }],
        }),
      );
      return { roleArn: arn, made: true };
    } catch (error) {
      // API Gateway tries the role, which may not be known to it yet.
      const isNew = error instanceof Error && error.name === "BadRequestException";
      if (!isNew) throw error;
      if (tries >= TRIES) {
        throw new Refused(
          `API Gateway does not take the role ${LOGGING_ROLE_NAME}: ${error.message}`,
          "see that apigateway.amazonaws.com may take it and that it has AWS's policy for it, then run this again",
          { cause: error },
        );
      }
    }
    await nextPoll(minuteMs, signal);
    if (signal?.aborted) {
      throw new Refused("interrupted; the role is made and not set", "run this again to go on");
    }
  }
}

async function makeRole(iam: IAMClient, partition: string): Promise<void> {
  const RoleName = LOGGING_ROLE_NAME;
  const found = await unlessAbsent(
    iam.send(new GetRoleCommand({ RoleName })),
    "NoSuchEntity",
    "NoSuchEntityException",
  );
  if (found === undefined) {
    await iam.send(
      new CreateRoleCommand({
        RoleName,
        Description: "Lets API Gateway write the logs of all REST APIs of the account",
        AssumeRolePolicyDocument: toJson(serviceTrust("apigateway.amazonaws.com")),
      }),
    );
  }
  await iam.send(
    new AttachRolePolicyCommand({
      RoleName,
      PolicyArn: `arn:${partition}:iam::aws:policy/${LOGGING_POLICY}`,
    }),
  );
}

/** For bootstrap: what is set is left as it is. */
export const loggingRoleStep = (clients: LoggingClients, location: AwsLocation): Step => ({
  what: `role by which API Gateway logs, of account ${location.accountId} in ${location.region}`,
  isDone: async () => (await readLoggingRole(clients.apiGateway)) !== undefined,
  make: async () => {
    await adoptLoggingRole(clients, location);
  },
});
