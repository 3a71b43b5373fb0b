/** Import of an HTTP API from an OpenAPI document (API Gateway developer guide, "Work with OpenAPI definitions for HTTP APIs"). */
import type { Json } from "./definition.ts";
import {
  badRequest,
  json,
  listed,
  operationsOf,
  readDocument,
  resolved,
  textOf,
} from "./document.ts";
import type {
  Cors,
  HttpDefinition,
  HttpIntegration,
  HttpRoute,
  JwtAuthorizer,
} from "./http-state.ts";
import { newId } from "./state.ts";

const EXTENSION = "x-amazon-apigateway";
const DEFAULT_TIMEOUT_MS = 30_000;

export interface ImportedHttpApi {
  readonly name: string;
  readonly description: string;
  readonly cors: Cors | undefined;
  readonly definition: HttpDefinition;
}

export function importHttpApi(text: string): ImportedHttpApi {
  const document = readDocument(text);
  const integrations = new Map<string, HttpIntegration>();
  const routes = new Map<string, HttpRoute>();
  const authorizers = authorizersOf(document);
  for (const { path, httpMethod, operation } of operationsOf(document)) {
    const given = operation[`${EXTENSION}-integration`];
    if (given === undefined) continue;
    const integration = integrationOf(newId(7), resolved(document, given));
    integrations.set(integration.integrationId, integration);
    const isDefault = operation["isDefaultRoute"] === true || path === "/$default";
    const route: HttpRoute = {
      routeId: newId(7),
      routeKey: isDefault ? "$default" : `${httpMethod} ${path}`,
      target: `integrations/${integration.integrationId}`,
      ...authorizationOf(document, operation, authorizers),
    };
    routes.set(route.routeId, route);
  }
  const { title, description } = json(document["info"]);
  const cors = document[`${EXTENSION}-cors`];
  return {
    name: textOf(title),
    description: textOf(description),
    cors: cors === undefined ? undefined : (cors as Cors),
    definition: { integrations, routes, authorizers },
  };
}

/** An integration as CreateIntegration and the extension have it. Throws what API Gateway refuses. */
export function integrationOf(integrationId: string, given: Json): HttpIntegration {
  const type = textOf(given["integrationType"] ?? given["type"]).toUpperCase();
  if (type !== "AWS_PROXY") {
    throw badRequest(`an integration of type ${type || "(none)"} is not in the local cloud`);
  }
  const timeoutInMillis = Number(given["timeoutInMillis"] ?? DEFAULT_TIMEOUT_MS);
  // API reference, CreateIntegration: 50 ms to 30 s.
  if (!(timeoutInMillis >= 50 && timeoutInMillis <= DEFAULT_TIMEOUT_MS)) {
    throw badRequest("Timeout should be between 50 ms and 30000 ms");
  }
  const version = textOf(given["payloadFormatVersion"]) || "1.0";
  if (version !== "1.0" && version !== "2.0") {
    throw badRequest("PayloadFormatVersion is invalid");
  }
  const integrationUri = textOf(given["integrationUri"] ?? given["uri"]);
  if (
    !/^arn:[^:]+:(?:lambda:[^:]+:\d+:function:|apigateway:[^:]+:lambda:path\/)/.test(integrationUri)
  ) {
    throw badRequest("Invalid IntegrationUri");
  }
  return {
    integrationId,
    integrationType: "AWS_PROXY",
    integrationUri,
    integrationMethod: textOf(given["integrationMethod"] ?? given["httpMethod"]) || "POST",
    payloadFormatVersion: version,
    timeoutInMillis,
  };
}

function authorizersOf(document: Json): ReadonlyMap<string, JwtAuthorizer> {
  const schemes = json(json(document["components"])["securitySchemes"]);
  const found = Object.entries(schemes).flatMap(([name, scheme]) => {
    const given = json(scheme)[`${EXTENSION}-authorizer`];
    return given === undefined ? [] : [authorizerOf(newId(6), { name, ...json(given) })];
  });
  return new Map(found.map((authorizer) => [authorizer.authorizerId, authorizer]));
}

/** An authorizer as CreateAuthorizer and the extension have it. */
export function authorizerOf(authorizerId: string, given: Json): JwtAuthorizer {
  const type = textOf(given["authorizerType"] ?? given["type"]).toUpperCase();
  if (type !== "JWT") {
    throw badRequest(`an authorizer of type ${type || "(none)"} is not in the local cloud`);
  }
  const { issuer, audience } = json(given["jwtConfiguration"]);
  if (textOf(issuer) === "") throw badRequest("Invalid Issuer. Issuer must be specified");
  return {
    authorizerId,
    name: textOf(given["name"]),
    authorizerType: "JWT",
    identitySource: [given["identitySource"] ?? "$request.header.Authorization"].flat().map(String),
    jwtConfiguration: { issuer: textOf(issuer), audience: listed(audience).map(String) },
  };
}

function authorizationOf(
  document: Json,
  operation: Json,
  authorizers: ReadonlyMap<string, JwtAuthorizer>,
): Pick<HttpRoute, "authorizationType" | "authorizationScopes" | "authorizerId"> {
  const [requirement] = listed(operation["security"] ?? document["security"]).map(json);
  const [[name, scopes] = ["", []]] = Object.entries(requirement ?? {});
  if (name === "") {
    const { type } = json(operation[`${EXTENSION}-auth`]);
    const authorizationType = type === "AWS_IAM" ? "AWS_IAM" : "NONE";
    return { authorizationType, authorizationScopes: [] };
  }
  const scheme = json(json(json(document["components"])["securitySchemes"])[name]);
  if (scheme[`${EXTENSION}-authtype`] === "awsSigv4") {
    return { authorizationType: "AWS_IAM", authorizationScopes: [] };
  }
  const authorizer = [...authorizers.values()].find((one) => one.name === name);
  if (!authorizer) throw badRequest(`No authorizer was found for the security scheme ${name}`);
  return {
    authorizationType: "JWT",
    authorizerId: authorizer.authorizerId,
    authorizationScopes: listed(scopes).map(String),
  };
}
