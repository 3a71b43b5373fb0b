/** Control plane of the stages of HTTP APIs (API Gateway version 2 API reference). */
import { AwsError } from "../../http.ts";
import { type AccessLog, checkAccessLog } from "../access-log.ts";
import type { Json } from "../definition.ts";
import { badRequest, json, textOf, textsOf } from "../document.ts";
import type { HttpApi, HttpStage } from "../http-state.ts";
import { found, type State } from "../state.ts";
import { httpApiOf } from "./http-apis.ts";
import type { Operation } from "./operations.ts";

export function httpStageOperations(state: State, nowMs: () => number): readonly Operation[] {
  const now = () => new Date(nowMs()).toISOString();
  return [
    [
      "POST",
      "/v2/apis/{id}/stages",
      ([id = ""], call) => {
        const api = httpApiOf(state, id);
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
      ([id = ""]) => ({ items: [...httpApiOf(state, id).stages.values()].map(shownStage) }),
    ],
    [
      "GET",
      "/v2/apis/{id}/stages/{stage}",
      ([id = "", name = ""]) => shownStage(stageOf(httpApiOf(state, id), name)),
    ],
    [
      "PATCH",
      "/v2/apis/{id}/stages/{stage}",
      ([id = "", name = ""], call) => {
        const api = httpApiOf(state, id);
        const stage = changedStage(api, stageOf(api, name), call.json());
        api.stages.set(name, stage);
        return shownStage(stage);
      },
    ],
    [
      "DELETE",
      "/v2/apis/{id}/stages/{stage}",
      ([id = "", name = ""]) => {
        const api = httpApiOf(state, id);
        stageOf(api, name);
        api.stages.delete(name);
        return undefined;
      },
    ],
  ];
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
