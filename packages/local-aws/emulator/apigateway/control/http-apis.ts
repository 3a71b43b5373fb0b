/** Control plane of HTTP APIs (API Gateway version 2 API reference). */
import type { Call } from "../../http.ts";
import type { Json } from "../definition.ts";
import { badRequest, json, textOf } from "../document.ts";
import { importHttpApi } from "../http-openapi.ts";
import { EMPTY_HTTP, type HttpApi } from "../http-state.ts";
import { found, newId, type State } from "../state.ts";
import type { Operation } from "./operations.ts";

export const httpApiOf = (state: State, id: string): HttpApi =>
  found(state.httpApis, id, `Invalid API identifier specified ${id}`);

export function httpApiOperations(state: State, nowMs: () => number): readonly Operation[] {
  const now = () => new Date(nowMs()).toISOString();
  const keep = (api: HttpApi): Json => {
    state.httpApis.set(api.id, api);
    return shown(api);
  };
  const imported = (call: Call, id: string, before?: HttpApi): Json => {
    const body = textOf(call.json()["body"]);
    const { name, description, cors, definition } = importHttpApi(body);
    return keep({
      ...(before ?? emptyApi(id, now())),
      name: name || (before?.name ?? ""),
      description,
      cors,
      definition,
    });
  };
  return [
    [
      "POST",
      "/v2/apis",
      (_, call) => {
        const input = call.json();
        if (input["protocolType"] !== "HTTP") {
          throw badRequest("a WebSocket API is not in the local cloud");
        }
        return keep(changed(emptyApi(newId(), now()), input));
      },
    ],
    ["GET", "/v2/apis", () => ({ items: [...state.httpApis.values()].map(shown) })],
    ["PUT", "/v2/apis", (_, call) => imported(call, newId())],
    ["PUT", "/v2/apis/{id}", ([id = ""], call) => imported(call, id, httpApiOf(state, id))],
    ["GET", "/v2/apis/{id}", ([id = ""]) => shown(httpApiOf(state, id))],
    [
      "PATCH",
      "/v2/apis/{id}",
      ([id = ""], call) => keep(changed(httpApiOf(state, id), call.json())),
    ],
    [
      "DELETE",
      "/v2/apis/{id}",
      ([id = ""]) => {
        httpApiOf(state, id);
        state.httpApis.delete(id);
        return undefined;
      },
    ],
    [
      "DELETE",
      "/v2/apis/{id}/cors",
      ([id = ""]) => {
        state.httpApis.set(id, { ...httpApiOf(state, id), cors: undefined });
        return undefined;
      },
    ],
    [
      "POST",
      "/v2/apis/{id}/deployments",
      ([id = ""]) => {
        const api = httpApiOf(state, id);
        if (api.definition.routes.size === 0) {
          throw badRequest("At least one route is required before deploying the Api.");
        }
        const deploymentId = newId(6);
        api.deployments.set(deploymentId, api.definition);
        return { deploymentId, deploymentStatus: "DEPLOYED", autoDeployed: false };
      },
    ],
    [
      "GET",
      "/v2/apis/{id}/deployments/{deployment}",
      ([id = "", deploymentId = ""]) => {
        found(
          httpApiOf(state, id).deployments,
          deploymentId,
          "Invalid Deployment identifier specified",
        );
        return { deploymentId, deploymentStatus: "DEPLOYED", autoDeployed: false };
      },
    ],
    [
      "DELETE",
      "/v2/apis/{id}/deployments/{deployment}",
      ([id = "", deploymentId = ""]) => {
        const api = httpApiOf(state, id);
        if ([...api.stages.values()].some((stage) => stage.deploymentId === deploymentId)) {
          throw badRequest("Active stages pointing to this deployment must be moved or deleted");
        }
        api.deployments.delete(deploymentId);
        return undefined;
      },
    ],
  ];
}

const emptyApi = (id: string, createdDate: string): HttpApi => ({
  kind: "HTTP",
  id,
  name: "",
  description: "",
  cors: undefined,
  disableExecuteApiEndpoint: false,
  createdDate,
  definition: EMPTY_HTTP,
  deployments: new Map(),
  stages: new Map(),
});

const changed = (api: HttpApi, input: Json): HttpApi => ({
  ...api,
  ...(input["name"] !== undefined && { name: textOf(input["name"]) }),
  ...(input["description"] !== undefined && { description: textOf(input["description"]) }),
  ...(input["corsConfiguration"] !== undefined && {
    cors: json(input["corsConfiguration"]),
  }),
  ...(input["disableExecuteApiEndpoint"] !== undefined && {
    disableExecuteApiEndpoint: input["disableExecuteApiEndpoint"] === true,
  }),
});

function shown(api: HttpApi): Json {
  const { id, name, description, cors, disableExecuteApiEndpoint, createdDate } = api;
  return {
    apiId: id,
    name,
    protocolType: "HTTP",
    routeSelectionExpression: "$request.method $request.path",
    apiKeySelectionExpression: "$request.header.x-api-key",
    ...(description !== "" && { description }),
    ...(cors && { corsConfiguration: cors }),
    disableExecuteApiEndpoint,
    createdDate,
  };
}
