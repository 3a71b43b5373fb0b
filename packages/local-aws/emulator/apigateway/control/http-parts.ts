/** Control plane of what an HTTP API consists of: integrations, routes, authorizers (version 2 API reference). */
import { AwsError } from "../../http.ts";
import type { Json } from "../definition.ts";
import { badRequest, listed, textOf } from "../document.ts";
import { authorizerOf, integrationOf } from "../http-openapi.ts";
import type { HttpApi, HttpDefinition, HttpRoute } from "../http-state.ts";
import { found, newId, type State } from "../state.ts";
import { httpApiOf } from "./http-apis.ts";
import type { Operation } from "./operations.ts";

const METHODS = "GET|PUT|POST|DELETE|OPTIONS|HEAD|PATCH|ANY";
const ROUTE_KEY = new RegExp(`^(?:\\$default|(?:${METHODS}) /\\S*)$`);

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

export const httpPartOperations = (state: State): readonly Operation[] =>
  (Object.keys(PARTS) as (keyof typeof PARTS)[]).flatMap((part) => operationsOfPart(state, part));

/** Create, list, read, change and delete of one kind of part. */
function operationsOfPart(state: State, part: keyof typeof PARTS): readonly Operation[] {
  const { idKey, make } = PARTS[part];
  const all = (id: string): ReadonlyMap<string, Json> =>
    httpApiOf(state, id).definition[part] as unknown as ReadonlyMap<string, Json>;
  const replace = (id: string, parts: ReadonlyMap<string, Json>): void => {
    const api = httpApiOf(state, id);
    const definition = { ...api.definition, [part]: parts } as unknown as HttpDefinition;
    state.httpApis.set(id, { ...api, definition });
  };
  const one = (id: string, partId: string): Json =>
    found(all(id), partId, `Invalid ${idKey.replace("Id", "")} identifier specified ${partId}`);
  const put = (id: string, partId: string, input: Json): Json => {
    const made = make(partId, input) as unknown as Json;
    if (part === "routes") checkRoute(httpApiOf(state, id), made as unknown as HttpRoute);
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
        if (part === "integrations") checkUnused(httpApiOf(state, id), partId);
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
