/** Control plane of deployments of REST APIs (API Gateway API reference). */
import type { Json } from "../definition.ts";
import { badRequest, textOf } from "../document.ts";
import { type Deployment, found, newId, type RestApi, type State } from "../state.ts";
import { items, type Operation, patchesOf } from "./operations.ts";
import { apiOf } from "./rest-apis.ts";
import { createStage } from "./stages.ts";

export function deploymentOperations(state: State, nowMs: () => number): readonly Operation[] {
  const seconds = () => Math.floor(nowMs() / 1000);
  return [
    [
      "POST",
      "/restapis/{id}/deployments",
      ([id = ""], call) => {
        const api = apiOf(state, id);
        const deployment = deploy(api, textOf(call.json()["description"]), seconds());
        if (textOf(call.json()["stageName"]) !== "") {
          createStage(api, { ...call.json(), deploymentId: deployment.id }, seconds());
        }
        return shownDeployment(deployment);
      },
    ],
    [
      "GET",
      "/restapis/{id}/deployments",
      ([id = ""]) => items([...apiOf(state, id).deployments.values()].map(shownDeployment)),
    ],
    [
      "GET",
      "/restapis/{id}/deployments/{deployment}",
      ([id = "", deployment = ""]) => shownDeployment(deploymentOf(apiOf(state, id), deployment)),
    ],
    [
      "PATCH",
      "/restapis/{id}/deployments/{deployment}",
      ([id = "", deploymentId = ""], call) => {
        const api = apiOf(state, id);
        const [description] = patchesOf(call).filter(({ path }) => path[0] === "description");
        const changed = {
          ...deploymentOf(api, deploymentId),
          ...(description && { description: description.value }),
        };
        api.deployments.set(deploymentId, changed);
        return shownDeployment(changed);
      },
    ],
    [
      "DELETE",
      "/restapis/{id}/deployments/{deployment}",
      ([id = "", deploymentId = ""]) => {
        const api = apiOf(state, id);
        deploymentOf(api, deploymentId);
        const isActive = [...api.stages.values()].some((one) => one.deploymentId === deploymentId);
        if (isActive) {
          throw badRequest("Active stages pointing to this deployment must be moved or deleted");
        }
        api.deployments.delete(deploymentId);
        return undefined;
      },
    ],
  ];
}

/** A snapshot (guide, "Deploy REST APIs in API Gateway"): what changes afterwards needs the next one. */
function deploy(api: RestApi, description: string, createdDate: number): Deployment {
  const { definition } = api;
  if (definition.methods.length === 0) {
    throw badRequest("The REST API doesn't contain any methods");
  }
  if (definition.methods.some(({ integration }) => integration === undefined)) {
    throw badRequest("No integration defined for method");
  }
  const deployment = { id: newId(6), description, createdDate, definition };
  api.deployments.set(deployment.id, deployment);
  return deployment;
}

const deploymentOf = (api: RestApi, id: string): Deployment =>
  found(api.deployments, id, "Invalid Deployment identifier specified");

const shownDeployment = ({ id, description, createdDate }: Deployment): Json => ({
  id,
  description,
  createdDate,
});
