/** The part of the doctor that looks at concurrency: can the account give what the config asks for, and does it? */
import { GetRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import {
  GetAccountSettingsCommand,
  GetFunctionConcurrencyCommand,
  GetProvisionedConcurrencyConfigCommand,
  LambdaClient,
} from "@aws-sdk/client-lambda";
import { ALIAS_NAME, functionName } from "../../infra/names.ts";
import { isProvisioned, isScaled, SCALING_ROLE_NAME } from "../../infra/options/concurrency.ts";
import type { Settings } from "../../infra/settings/parse.ts";
import type { Check, Finding } from "./check.ts";
import { type ConcurrencyFacts, judgeConcurrency } from "./concurrency-state.ts";

export const concurrencyCheck: Check = {
  name: "concurrency",
  run: ({ stack, settings }) => {
    const { region } = settings;
    return checkConcurrency(
      stack,
      settings,
      new LambdaClient({ region }),
      new IAMClient({ region }),
    );
  },
};

/** Reads nothing where the config says nothing of it. */
export async function checkConcurrency(
  stack: string,
  settings: Settings,
  lambda: LambdaClient,
  iam: IAMClient,
): Promise<readonly Finding[]> {
  if (settings.reservedConcurrency === "unreserved" && !isProvisioned(settings)) return [];
  const FunctionName = functionName(settings);
  const [limits, reserved, provisioned, role] = await Promise.all([
    lambda.send(new GetAccountSettingsCommand({})),
    unlessAbsent(lambda.send(new GetFunctionConcurrencyCommand({ FunctionName }))),
    isProvisioned(settings)
      ? unlessAbsent(
          lambda.send(
            new GetProvisionedConcurrencyConfigCommand({ FunctionName, Qualifier: ALIAS_NAME }),
          ),
        )
      : undefined,
    isScaled(settings)
      ? unlessAbsent(iam.send(new GetRoleCommand({ RoleName: SCALING_ROLE_NAME })))
      : undefined,
  ]);
  const facts: ConcurrencyFacts = {
    stack,
    settings,
    account: {
      quota: limits.AccountLimit?.ConcurrentExecutions ?? 0,
      unreserved: limits.AccountLimit?.UnreservedConcurrentExecutions ?? 0,
    },
    reserved: reserved?.ReservedConcurrentExecutions ?? 0,
    ...(provisioned && {
      provisioned: {
        status: provisioned.Status ?? "IN_PROGRESS",
        reason: provisioned.StatusReason,
        requested: provisioned.RequestedProvisionedConcurrentExecutions ?? 0,
        allocated: provisioned.AllocatedProvisionedConcurrentExecutions ?? 0,
      },
    }),
    hasScalingRole: role !== undefined,
  };
  return judgeConcurrency(facts);
}

const ABSENT =
  /^(ResourceNotFoundException|ProvisionedConcurrencyConfigNotFoundException|NoSuchEntity(Exception)?)$/;

async function unlessAbsent<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Error && ABSENT.test(error.name)) return undefined;
    throw error;
  }
}
