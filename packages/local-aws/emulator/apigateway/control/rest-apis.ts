/** Control plane of REST APIs: import, settings, gateway responses (API Gateway API reference). */
import { AwsError, type Call } from "../../http.ts";
import { type Definition, EMPTY_DEFINITION, type Json } from "../definition.ts";
import { badRequest, json, listed, textOf, textsOf } from "../document.ts";
import { GATEWAY_RESPONSE_TYPES } from "../gateway-response.ts";
import { gatewayResponseOf, importRestApi, resourcePaths } from "../openapi.ts";
import { resourceId } from "../rest.ts";
import { found, newId, type RestApi, type State } from "../state.ts";
import { isTrue, items, type Operation, patchesOf } from "./operations.ts";

export const apiOf = (state: State, id: string): RestApi =>
  found(state.restApis, id, "Invalid API identifier specified " + id);

export function restApiOperations(state: State, nowMs: () => number): readonly Operation[] {
  const seconds = () => Math.floor(nowMs() / 1000);
  const keep = (api: RestApi): Json => {
    state.restApis.set(api.id, api);
    return shown(api);
  };
  const create = (call: Call): Json => {
    const made = (more: Pick<RestApi, "name" | "description" | "definition">): RestApi => ({
      kind: "REST",
      id: newId(),
      createdDate: seconds(),
      endpointTypes: ["EDGE"],
      tags: {},
      deployments: new Map(),
      stages: new Map(),
      ...more,
    });
    if (call.query.get("mode") === "import") {
      const definition = importRestApi(call.body.toString());
      const { title: name, description } = definition;
      return keep(made({ name, description, definition }));
    }
    const input = call.json();
    const name = textOf(input["name"]);
    if (name === "") throw badRequest("Name cannot be empty");
    const definition: Definition = {
      ...EMPTY_DEFINITION,
      binaryMediaTypes: listed(input["binaryMediaTypes"]).map(String),
      apiKeySource: textOf(input["apiKeySource"]) || "HEADER",
      disableExecuteApiEndpoint: input["disableExecuteApiEndpoint"] === true,
      policy: textOf(input["policy"]),
    };
    return keep({
      ...made({ name, description: textOf(input["description"]), definition }),
      endpointTypes: listed(json(input["endpointConfiguration"])["types"]).map(String),
      tags: textsOf(input["tags"]),
    });
  };
  return [
    ["POST", "/restapis", (_, call) => create(call)],
    ["GET", "/restapis", () => items([...state.restApis.values()].map(shown))],
    ["GET", "/restapis/{id}", ([id = ""]) => shown(apiOf(state, id))],
    [
      "DELETE",
      "/restapis/{id}",
      ([id = ""]) => {
        apiOf(state, id);
        checkUnmapped(state, id);
        state.restApis.delete(id);
        return undefined;
      },
    ],
    ["PUT", "/restapis/{id}", ([id = ""], call) => keep(reimported(apiOf(state, id), call))],
    ["PATCH", "/restapis/{id}", ([id = ""], call) => keep(patched(apiOf(state, id), call))],
    [
      "GET",
      "/restapis/{id}/resources",
      ([id = ""]) => {
        const { definition } = apiOf(state, id);
        const paths = resourcePaths(definition.methods.map(({ resourcePath }) => resourcePath));
        return items(paths.map((path) => resource(definition, path)));
      },
    ],
    [
      "PUT",
      "/restapis/{id}/gatewayresponses/{type}",
      ([id = "", type = ""], call) => {
        const api = apiOf(state, id);
        if (!GATEWAY_RESPONSE_TYPES.includes(type)) {
          throw badRequest(`Invalid gateway response type specified: ${type}`);
        }
        const response = gatewayResponseOf(call.json());
        const gatewayResponses = { ...api.definition.gatewayResponses, [type]: response };
        keep({ ...api, definition: { ...api.definition, gatewayResponses } });
        return { responseType: type, defaultResponse: false, ...call.json() };
      },
    ],
    [
      "GET",
      "/restapis/{id}/gatewayresponses/{type}",
      ([id = "", type = ""]) => {
        const response = apiOf(state, id).definition.gatewayResponses[type];
        if (!response) throw new AwsError(404, "NotFoundException", "Invalid gateway response");
        const { statusCode, ...rest } = response;
        return {
          responseType: type,
          defaultResponse: false,
          ...(statusCode !== undefined && { statusCode: String(statusCode) }),
          ...rest,
        };
      },
    ],
    [
      "DELETE",
      "/restapis/{id}/gatewayresponses/{type}",
      ([id = "", type = ""]) => {
        const api = apiOf(state, id);
        const { [type]: _, ...gatewayResponses } = api.definition.gatewayResponses;
        keep({ ...api, definition: { ...api.definition, gatewayResponses } });
        return undefined;
      },
    ],
  ];
}

/** PutRestApi: the document replaces the API, or is put over it. Stages keep what they were deployed with. */
function reimported(api: RestApi, call: Call): RestApi {
  const imported = importRestApi(call.body.toString());
  const { title, description } = imported;
  if (call.query.get("mode") !== "merge") {
    return { ...api, name: title || api.name, description, definition: imported };
  }
  const { definition: before } = api;
  const others = before.methods.filter(
    (method) =>
      !imported.methods.some(
        ({ resourcePath, httpMethod }) =>
          resourcePath === method.resourcePath && httpMethod === method.httpMethod,
      ),
  );
  const definition: Definition = {
    ...imported,
    methods: [...others, ...imported.methods],
    gatewayResponses: { ...before.gatewayResponses, ...imported.gatewayResponses },
    policy: imported.policy || before.policy,
  };
  return { ...api, name: title || api.name, description, definition };
}

function patched(api: RestApi, call: Call): RestApi {
  return patchesOf(call).reduce((changed, { op, path, value }): RestApi => {
    const { definition } = changed;
    const [key = "", member = ""] = path;
    switch (key) {
      case "name":
        return { ...changed, name: value };
      case "description":
        return { ...changed, description: value };
      case "policy":
        return { ...changed, definition: { ...definition, policy: op === "remove" ? "" : value } };
      case "apiKeySource":
        return { ...changed, definition: { ...definition, apiKeySource: value } };
      case "disableExecuteApiEndpoint":
        return {
          ...changed,
          definition: { ...definition, disableExecuteApiEndpoint: isTrue(value) },
        };
      case "binaryMediaTypes": {
        const others = definition.binaryMediaTypes.filter((type) => type !== member);
        const binaryMediaTypes = op === "remove" ? others : [...others, value || member];
        return { ...changed, definition: { ...definition, binaryMediaTypes } };
      }
      case "endpointConfiguration":
        return { ...changed, endpointTypes: [value] };
      default:
        throw badRequest(`Invalid patch path /${path.join("/")}`);
    }
  }, api);
}

function checkUnmapped(state: State, apiId: string): void {
  for (const { name, mappings } of state.domains.values()) {
    if ([...mappings.values()].some((mapping) => mapping.apiId === apiId)) {
      throw badRequest(
        `Deleting API failed. Please remove all base path mappings related to the API in your domains: ${name}`,
      );
    }
  }
}

function shown(api: RestApi): Json {
  const { id, name, description, createdDate, definition, endpointTypes, tags } = api;
  return {
    id,
    name,
    ...(description !== "" && { description }),
    createdDate,
    apiKeySource: definition.apiKeySource,
    endpointConfiguration: { types: endpointTypes, ipAddressType: "ipv4" },
    disableExecuteApiEndpoint: definition.disableExecuteApiEndpoint,
    rootResourceId: resourceId("/"),
    tags,
    ...(definition.binaryMediaTypes.length > 0 && {
      binaryMediaTypes: definition.binaryMediaTypes,
    }),
    ...(definition.policy !== "" && { policy: definition.policy }),
  };
}

function resource({ methods }: Definition, path: string): Json {
  const own = methods.filter(({ resourcePath }) => resourcePath === path);
  const parent = path.slice(0, path.lastIndexOf("/")) || "/";
  return {
    id: resourceId(path),
    path,
    ...(path !== "/" && {
      parentId: resourceId(parent),
      pathPart: path.slice(path.lastIndexOf("/") + 1),
    }),
    ...(own.length > 0 && {
      resourceMethods: Object.fromEntries(own.map(({ httpMethod }) => [httpMethod, {}])),
    }),
  };
}
