/** The alias: where traffic goes. */
import { GetAliasCommand, ResourceNotFoundException } from "@aws-sdk/client-lambda";
import type { StackOutputs } from "../../infra/outputs.ts";
import type { AwsClients } from "./aws.ts";
import { Refused } from "./refused.ts";

/** The alias, with the id that a write must name so that it cannot undo somebody else's. */
export interface AliasState {
  readonly version: string;
  /** Shares of other versions, 0 to 1. Only a shift in progress has any. */
  readonly weights: Readonly<Record<string, number>>;
  readonly revisionId: string;
}

export const hasWeights = ({ weights }: Pick<AliasState, "weights">): boolean =>
  Object.keys(weights).length > 0;

/** `undefined` when there is no such alias. */
export async function findAlias(
  { lambda }: Pick<AwsClients, "lambda">,
  { functionName, aliasName }: Pick<StackOutputs, "functionName" | "aliasName">,
): Promise<AliasState | undefined> {
  const command = new GetAliasCommand({ FunctionName: functionName, Name: aliasName });
  try {
    const alias = await lambda.send(command);
    return {
      version: alias.FunctionVersion ?? "",
      weights: alias.RoutingConfig?.AdditionalVersionWeights ?? {},
      revisionId: alias.RevisionId ?? "",
    };
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

/** Throws `Refused` when there is no such alias. */
export async function readAlias(
  clients: Pick<AwsClients, "lambda">,
  outputs: StackOutputs,
): Promise<AliasState> {
  const alias = await findAlias(clients, outputs);
  if (alias) return alias;
  const { functionName, aliasName, environment } = outputs;
  throw new Refused(
    `${functionName} has no alias ${aliasName}`,
    `deploy it: pulumi up --stack ${environment}`,
  );
}
