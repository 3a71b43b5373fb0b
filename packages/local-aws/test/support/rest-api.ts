/** A REST API as the program deploys one: imported, deployed, with a stage. */
import {
  CreateDeploymentCommand,
  CreateRestApiCommand,
  CreateStageCommand,
  PutRestApiCommand,
  UpdateStageCommand,
} from "@aws-sdk/client-api-gateway";
import type { Gateway } from "./api-gateway.ts";

export interface DeployedRestApi {
  readonly id: string;
  readonly deploymentId: string;
  /** `/_api/ID/live`. */
  readonly path: string;
}

export async function deployRestApi(
  { rest }: Gateway,
  body: object,
  settings: Readonly<Record<string, string>> = {},
): Promise<DeployedRestApi> {
  const { id = "" } = await rest.send(
    new CreateRestApiCommand({ name: "orders", endpointConfiguration: { types: ["REGIONAL"] } }),
  );
  await putBody(rest, id, body);
  const { id: deploymentId = "" } = await rest.send(
    new CreateDeploymentCommand({ restApiId: id, description: "first" }),
  );
  await rest.send(new CreateStageCommand({ restApiId: id, stageName: "live", deploymentId }));
  await patchStage(rest, id, settings);
  return { id, deploymentId, path: `/_api/${id}/live` };
}

export const putBody = (rest: Gateway["rest"], restApiId: string, body: object) =>
  rest.send(
    new PutRestApiCommand({
      restApiId,
      mode: "overwrite",
      failOnWarnings: true,
      body: Buffer.from(JSON.stringify(body)),
    }),
  );

export async function patchStage(
  rest: Gateway["rest"],
  restApiId: string,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  const patchOperations = Object.entries(settings).map(([path, value]) => ({
    op: "replace" as const,
    path,
    value,
  }));
  if (patchOperations.length === 0) return;
  await rest.send(new UpdateStageCommand({ restApiId, stageName: "live", patchOperations }));
}

/** Name and message of what a call is refused with. */
export const refusalOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "accepted",
    (error: Error) => `${error.name}: ${error.message}`,
  );
