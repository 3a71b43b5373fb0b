/** Control plane of HTTP APIs (API Gateway version 2 API reference). */
import { AwsError, type Call } from "../../http.ts";
import { type AccessLog, checkAccessLog } from "../access-log.ts";
import type { Json } from "../definition.ts";
import { badRequest, json, listed, textOf, textsOf } from "../document.ts";
import { authorizerOf, importHttpApi, integrationOf } from "../http-openapi.ts";
import {
  EMPTY_HTTP,
  type HttpApi,
  type HttpDefinition,
  type HttpRoute,
  type HttpStage,
} from "../http-state.ts";
import { found, newId, type State } from "../state.ts";
import type { Operation } from "./operations.ts";

const METHODS = "GET|PUT|POST|DELETE|OPTIONS|HEAD|PATCH|ANY";
const ROUTE_KEY = new RegExp(`^(?:\\$default|(?:${METHODS}) /\\S*)$`);

const apiOf = (state: State, id: string): HttpApi =>
  found(state.httpApis, id, `Invalid API identifier specified ${id}`);

/** What the parts of an API are called in paths, and what makes one of them. */
const PARTS = {
  integrations: {
    idKey: "integrationId",
    make: (id: string, input: Json) => integrationOf(id, input),
  },
  authorizers: {
    idKey: "authorizerId",
    make: (id: string, input: Json) => authorizerOf(id, input),
  },
  routes: { idKey: "routeId", make: (id: string, input: Json) => routeOf(id, input) },
} as const;

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
  const partOperations = (Object.keys(PARTS) as (keyof typeof PARTS)[]).flatMap((part) =>
    operationsOfPart(state, part),
  );
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
    ["PUT", "/v2/apis/{id}", ([id = ""], call) => imported(call, id, apiOf(state, id))],
    ["GET", "/v2/apis/{id}", ([id = ""]) => shown(apiOf(state, id))],
    ["PATCH", "/v2/apis/{id}", ([id = ""], call) => keep(changed(apiOf(state, id), call.json()))],
    [
      "DELETE",
      "/v2/apis/{id}",
      ([id = ""]) => {
        apiOf(state, id);
        state.httpApis.delete(id);
        return undefined;
      },
    ],
    [
      "DELETE",
      "/v2/apis/{id}/cors",
      ([id = ""]) => {
        state.httpApis.set(id, { ...apiOf(state, id), cors: undefined });
        return undefined;
      },
    ],
    ...partOperations,
    [
      "POST",
      "/v2/apis/{id}/deployments",
      ([id = ""]) => {
        const api = apiOf(state, id);
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
          apiOf(state, id).deployments,
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
        const api = apiOf(state, id);
        if ([...api.stages.values()].some((stage) => stage.deploymentId === deploymentId)) {
          throw badRequest("Active stages pointing to this deployment must be moved or deleted");
        }
        api.deployments.delete(deploymentId);
        return undefined;
      },
    ],
    [
      "POST",
      "/v2/apis/{id}/stages",
      ([id = ""], call) => {
        const api = apiOf(state, id);
        const input = call.json();
        const stageName = textOf(input["stageName"]);
        if (!/^(?:\$default|[\w-]{1,128})$/.test(stageName)) {
          throw badRequest("Stage name only allows a-zA-Z0-9_-");
        }
        if (api.stages.has(stageName)) {
          throw new AwsError(409, "ConflictException", "Stage already exists");
        }
        const stage = changedStage(api, emptyStage(stageName, now()), input);
        api.stages.set(stageName, stage);
        return shownStage(stage);
      },
    ],
    [
      "GET",
      "/v2/apis/{id}/stages",
      ([id = ""]) => ({ items: [...apiOf(state, id).stages.values()].map(shownStage) }),
    ],
    [
      "GET",
      "/v2/apis/{id}/stages/{stage}",
      ([id = "", name = ""]) => shownStage(stageOf(apiOf(state, id), name)),
    ],
    [
      "PATCH",
      "/v2/apis/{id}/stages/{stage}",
      ([id = "", name = ""], call) => {
        const api = apiOf(state, id);
        const stage = changedStage(api, stageOf(api, name), call.json());
        api.stages.set(name, stage);
        return shownStage(stage);
      },
    ],
    [
      "DELETE",
      "/v2/apis/{id}/stages/{stage}",
      ([id = "", name = ""]) => {
        const api = apiOf(state, id);
        stageOf(api, name);
        api.stages.delete(name);
        return undefined;
      },
    ],
  ];
}

/** Create, list, read, change and delete of one kind of part. */
function operationsOfPart(state: State, part: keyof typeof PARTS): readonly Operation[] {
  const { idKey, make } = PARTS[part];
  const all = (id: string): ReadonlyMap<string, Json> =>
    apiOf(state, id).definition[part] as unknown as ReadonlyMap<string, Json>;
  const replace = (id: string, parts: ReadonlyMap<string, Json>): void => {
    const api = apiOf(state, id);
    const definition = { ...api.definition, [part]: parts } as unknown as HttpDefinition;
    state.httpApis.set(id, { ...api, definition });
  };
  const one = (id: string, partId: string): Json =>
    found(all(id), partId, `Invalid ${idKey.replace("Id", "")} identifier specified ${partId}`);
  const put = (id: string, partId: string, input: Json): Json => {
    const made = make(partId, input) as unknown as Json;
    if (part === "routes") checkRoute(apiOf(state, id), made as unknown as HttpRoute);
    replace(id, new Map([...all(id), [partId, made]]));
    return made;
  };
  const path = `/v2/apis/{id}/${part}`;
  return [
    ["POST", path, ([id = ""], call) => put(id, newId(7), call.json())],
    ["GET", path, ([id = ""]) => ({ items: [...all(id).values()] })],
    ["GET", `${path}/{part}`, ([id = "", partId = ""]) => one(id, partId)],
    [
      "PATCH",
      `${path}/{part}`,
      ([id = "", partId = ""], call) => put(id, partId, { ...one(id, partId), ...call.json() }),
    ],
    [
      "DELETE",
      `${path}/{part}`,
      ([id = "", partId = ""]) => {
        one(id, partId);
        if (part === "integrations") checkUnused(apiOf(state, id), partId);
        replace(id, new Map([...all(id)].filter(([key]) => key !== partId)));
        return undefined;
      },
    ],
  ];
}

function routeOf(routeId: string, input: Json): HttpRoute {
  const routeKey = textOf(input["routeKey"]);
  if (!ROUTE_KEY.test(routeKey)) {
    throw badRequest(
      `The provided route key is not formatted properly for HTTP protocol. Format should be "<HTTP METHOD> /<RESOURCE PATH>" or "$default"`,
    );
  }
  const authorizationType = textOf(input["authorizationType"]) || "NONE";
  if (!["NONE", "JWT", "AWS_IAM"].includes(authorizationType)) {
    throw badRequest(`authorization by ${authorizationType} is not in the local cloud`);
  }
  return {
    routeId,
    routeKey,
    target: textOf(input["target"]),
    authorizationType: authorizationType as HttpRoute["authorizationType"],
    ...(input["authorizerId"] !== undefined && { authorizerId: textOf(input["authorizerId"]) }),
    authorizationScopes: listed(input["authorizationScopes"]).map(String),
  };
}

function checkRoute({ definition }: HttpApi, route: HttpRoute): void {
  const { routeId, routeKey, target, authorizationType, authorizerId = "" } = route;
  const same = [...definition.routes.values()].find(
    (one) => one.routeKey === routeKey && one.routeId !== routeId,
  );
  if (same) {
    throw new AwsError(
      409,
      "ConflictException",
      `Route with key ${routeKey} already exists for this API`,
    );
  }
  if (target !== "" && !definition.integrations.has(target.replace(/^integrations\//, ""))) {
    throw new AwsError(404, "NotFoundException", "Invalid Integration identifier specified");
  }
  if (authorizationType === "JWT" && !definition.authorizers.has(authorizerId)) {
    throw badRequest(
      "Invalid authorizer ID specified. Setting the authorization type to JWT requires a valid authorizer",
    );
  }
}

function checkUnused({ definition }: HttpApi, integrationId: string): void {
  const user = [...definition.routes.values()].find(
    ({ target }) => target === `integrations/${integrationId}`,
  );
  if (user) {
    throw new AwsError(
      409,
      "ConflictException",
      `Cannot delete Integration '${integrationId}'. Integration is referenced by route '${user.routeKey}'`,
    );
  }
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

const stageOf = (api: HttpApi, name: string): HttpStage =>
  found(api.stages, name, "Invalid stage identifier specified");

const emptyStage = (stageName: string, createdDate: string): HttpStage => ({
  stageName,
  autoDeploy: false,
  deploymentId: undefined,
  description: "",
  stageVariables: {},
  accessLog: undefined,
  defaultRouteSettings: {},
  routeSettings: {},
  createdDate,
});

function changedStage(api: HttpApi, stage: HttpStage, input: Json): HttpStage {
  const deploymentId = textOf(input["deploymentId"]) || undefined;
  if (deploymentId !== undefined && !api.deployments.has(deploymentId)) {
    throw badRequest("Deployment id does not exist");
  }
  const autoDeploy = (input["autoDeploy"] ?? stage.autoDeploy) === true;
  if (autoDeploy && deploymentId !== undefined) {
    throw badRequest("Deployment ID cannot be set on a stage when AutoDeploy is enabled");
  }
  const log = input["accessLogSettings"];
  const accessLog = log === undefined ? stage.accessLog : (json(log) as unknown as AccessLog);
  if (accessLog) checkAccessLog(accessLog);
  const settings = Object.entries(json(input["routeSettings"])).map(([key, value]) => [
    key,
    json(value),
  ]);
  return {
    ...stage,
    autoDeploy,
    deploymentId: autoDeploy ? undefined : (deploymentId ?? stage.deploymentId),
    ...(input["description"] !== undefined && { description: textOf(input["description"]) }),
    ...(input["stageVariables"] !== undefined && {
      stageVariables: textsOf(input["stageVariables"]),
    }),
    accessLog,
    ...(input["defaultRouteSettings"] !== undefined && {
      defaultRouteSettings: json(input["defaultRouteSettings"]),
    }),
    routeSettings: {
      ...stage.routeSettings,
      ...(Object.fromEntries(settings) as HttpStage["routeSettings"]),
    },
  };
}

const shownStage = ({ accessLog, deploymentId, ...stage }: HttpStage): Json => ({
  ...stage,
  ...(deploymentId !== undefined && { deploymentId }),
  lastUpdatedDate: stage.createdDate,
  ...(accessLog && { accessLogSettings: accessLog }),
});
