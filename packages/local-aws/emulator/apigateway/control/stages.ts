/** Control plane of stages and their methods' settings (API Gateway API reference, CreateStage and UpdateStage). */
import { AwsError } from "../../http.ts";
import { checkAccessLog } from "../access-log.ts";
import type { Json } from "../definition.ts";
import { badRequest, textOf, textsOf } from "../document.ts";
import { found, type MethodSetting, type RestApi, type RestStage, type State } from "../state.ts";
import { isTrue, items, type Operation, type Patch, patchesOf } from "./operations.ts";
import { apiOf } from "./rest-apis.ts";

const stageOf = (api: RestApi, name: string): RestStage =>
  found(api.stages, name, "Invalid stage identifier specified");

export function stageOperations(state: State, nowMs: () => number): readonly Operation[] {
  return [
    [
      "POST",
      "/restapis/{id}/stages",
      ([id = ""], call) =>
        shown(createStage(apiOf(state, id), call.json(), Math.floor(nowMs() / 1000))),
    ],
    [
      "GET",
      "/restapis/{id}/stages",
      ([id = ""]) => items([...apiOf(state, id).stages.values()].map(shown)),
    ],
    [
      "GET",
      "/restapis/{id}/stages/{stage}",
      ([id = "", name = ""]) => shown(stageOf(apiOf(state, id), name)),
    ],
    [
      "PATCH",
      "/restapis/{id}/stages/{stage}",
      ([id = "", name = ""], call) => {
        const api = apiOf(state, id);
        const stage = patchesOf(call).reduce(
          (changed, patch) => patched(api, changed, patch),
          stageOf(api, name),
        );
        checkLogging(stage, state);
        api.stages.set(name, stage);
        return shown(stage);
      },
    ],
    [
      "DELETE",
      "/restapis/{id}/stages/{stage}",
      ([id = "", name = ""]) => {
        const api = apiOf(state, id);
        stageOf(api, name);
        api.stages.delete(name);
        return undefined;
      },
    ],
  ];
}

export function createStage(api: RestApi, input: Json, createdDate: number): RestStage {
  const stageName = textOf(input["stageName"]);
  if (!/^[\w-]{1,128}$/.test(stageName)) {
    throw badRequest("Stage name only allows a-zA-Z0-9_-");
  }
  const deploymentId = textOf(input["deploymentId"]);
  if (!api.deployments.has(deploymentId)) throw badRequest("Deployment id does not exist");
  if (api.stages.has(stageName)) {
    throw new AwsError(409, "ConflictException", "Stage already exists");
  }
  const stage: RestStage = {
    stageName,
    deploymentId,
    description: textOf(input["description"]),
    variables: textsOf(input["variables"]),
    tracingEnabled: input["tracingEnabled"] === true,
    accessLog: undefined,
    methodSettings: {},
    tags: textsOf(input["tags"]),
    createdDate,
  };
  api.stages.set(stageName, stage);
  return stage;
}

function patched(api: RestApi, stage: RestStage, patch: Patch): RestStage {
  const { op, path, value } = patch;
  const [key = "", member = ""] = path;
  switch (key) {
    case "deploymentId":
      if (!api.deployments.has(value)) throw badRequest("Deployment id does not exist");
      return { ...stage, deploymentId: value };
    case "description":
      return { ...stage, description: value };
    case "tracingEnabled":
      return { ...stage, tracingEnabled: isTrue(value) };
    case "variables": {
      const { [member]: _, ...others } = stage.variables;
      return { ...stage, variables: op === "remove" ? others : { ...others, [member]: value } };
    }
    case "accessLogSettings": {
      if (op === "remove") return { ...stage, accessLog: undefined };
      const before = stage.accessLog ?? { destinationArn: "", format: "" };
      return { ...stage, accessLog: { ...before, [member]: value } };
    }
    case "cacheClusterEnabled":
    case "cacheClusterSize":
      if (op !== "remove" && value !== "false")
        throw badRequest("a cache is not in the local cloud");
      return stage;
    default:
      return { ...stage, methodSettings: withSetting(stage.methodSettings, patch) };
  }
}

/** What a setting is called in a patch's path, and what its value is. */
const SETTINGS: Readonly<Record<string, (value: string) => MethodSetting>> = {
  "throttling/rateLimit": (value) => ({ throttlingRateLimit: Number(value) }),
  "throttling/burstLimit": (value) => ({ throttlingBurstLimit: Number(value) }),
  "metrics/enabled": (value) => ({ metricsEnabled: isTrue(value) }),
  "logging/loglevel": (value) => ({ loggingLevel: value }),
  "logging/dataTrace": (value) => ({ dataTraceEnabled: isTrue(value) }),
};

/** Paths such as `/*` + `/*` + `/throttling/rateLimit`, or `/~1records~1{id}/GET/metrics/enabled`. */
function withSetting(
  settings: RestStage["methodSettings"],
  { op, path, value }: Patch,
): RestStage["methodSettings"] {
  const isWhole = op === "remove" && !SETTINGS[path.slice(-2).join("/")];
  const [method = "", ...resource] = path.slice(0, isWhole ? undefined : -2).toReversed();
  const resourcePath = resource.toReversed().join("/");
  const key =
    resourcePath === "*" ? `*/${method}` : `/${resourcePath.replace(/^\//, "")}/${method}`;
  if (isWhole) {
    const { [key]: _, ...others } = settings;
    return others;
  }
  const name = path.slice(-2).join("/");
  if (name.startsWith("caching/")) return settings;
  const set = SETTINGS[name];
  if (!set || method === "") throw badRequest(`Invalid patch path /${path.join("/")}`);
  return { ...settings, [key]: { ...settings[key], ...set(value) } };
}

/** Guide, "Set up CloudWatch logging for REST APIs": the account's role comes first. */
function checkLogging({ accessLog, methodSettings }: RestStage, state: State): void {
  const logs = Object.values(methodSettings).some(
    ({ loggingLevel = "OFF" }) => loggingLevel !== "OFF",
  );
  if (accessLog) checkAccessLog(accessLog);
  if ((accessLog || logs) && state.account.cloudwatchRoleArn === undefined) {
    throw badRequest("CloudWatch Logs role ARN must be set in account settings to enable logging");
  }
}

function shown(stage: RestStage): Json {
  const { accessLog, createdDate, methodSettings, description, ...rest } = stage;
  return {
    ...rest,
    ...(description !== "" && { description }),
    createdDate,
    lastUpdatedDate: createdDate,
    cacheClusterEnabled: false,
    cacheClusterStatus: "NOT_AVAILABLE",
    methodSettings: Object.fromEntries(
      Object.entries(methodSettings).map(([key, setting]) => [
        key.startsWith("/")
          ? `${key.slice(0, key.lastIndexOf("/")).replaceAll("/", "~1")}${key.slice(key.lastIndexOf("/"))}`
          : key,
        {
          metricsEnabled: false,
          dataTraceEnabled: false,
          loggingLevel: "OFF",
          throttlingRateLimit: -1,
          throttlingBurstLimit: -1,
          cachingEnabled: false,
          ...setting,
        },
      ]),
    ),
    ...(accessLog && { accessLogSettings: accessLog }),
  };
}
