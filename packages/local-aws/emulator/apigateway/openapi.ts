/**
 * Import of a REST API from an OpenAPI 3.0 document with API Gateway's extensions (API Gateway developer guide,
 * "OpenAPI extensions for API Gateway"), and what AWS refuses or ignores of one (same guide, "Amazon API Gateway
 * important notes").
 *
 * What AWS takes and this front does not run (Lambda and Cognito authorizers, integrations with anything but a function
 * or a mock) is refused at import, so that nobody takes its absence for an answer.
 */
import type {
  Definition,
  GatewayResponse,
  Integration,
  IntegrationResponse,
  Json,
  Method,
  RequiredParameter,
} from "./definition.ts";
import {
  badRequest,
  json,
  listed,
  type Operation,
  operationsOf,
  readDocument,
  resolved,
  scalarText,
  textOf,
  textsOf,
} from "./document.ts";
import { GATEWAY_RESPONSE_TYPES } from "./gateway-response.ts";
import { compileModel, modelOf } from "./schema.ts";

const EXTENSION = "x-amazon-apigateway";

/** API Gateway quotas, "Resources per API". */
const MOST_RESOURCES = 300;

/** Important notes: what a part of a path may hold; a parameter is a part of its own, a greedy one the last. */
const PATH_PART = /^(?:[\w.,:~-]*|\{[\w.-]+\})$/;
const GREEDY_PART = /^\{[\w.-]+\+\}$/;

/** API reference, PutIntegration: 50 ms to 29 s. Regional APIs may raise it by a quota, which nobody here has. */
const TIMEOUT_MS = { least: 50, most: 29_000 } as const;

const UNSUPPORTED = "is not in the local cloud";

/** The API of a document. Throws a BadRequestException that names every fault. */
export function importRestApi(text: string): Definition {
  const document = readDocument(text);
  checkModels(document);
  const validators = json(document[`${EXTENSION}-request-validators`]);
  const faults: string[] = [];
  const methods = operationsOf(document).flatMap((operation) => {
    try {
      checkPath(operation.path);
      return [methodOf(document, operation, validators)];
    } catch (error) {
      const { httpMethod, path } = operation;
      const { message } = error as Error;
      faults.push(`Unable to put method '${httpMethod}' on resource at path '${path}': ${message}`);
      return [];
    }
  });
  if (resourcePaths(methods.map(({ resourcePath }) => resourcePath)).length > MOST_RESOURCES) {
    faults.push("Maximum number of resources for this API has been reached.");
  }
  const gatewayResponses = gatewayResponsesOf(document, faults);
  if (faults.length > 0) {
    throw badRequest(`Errors found during import:\n\t${faults.join("\n\t")}`);
  }
  const { title, description } = json(document["info"]);
  const policy = document[`${EXTENSION}-policy`];
  const endpoint = json(document[`${EXTENSION}-endpoint-configuration`]);
  return {
    title: textOf(title),
    description: textOf(description),
    methods,
    gatewayResponses,
    binaryMediaTypes: listed(document[`${EXTENSION}-binary-media-types`]).map(String),
    apiKeySource: textOf(document[`${EXTENSION}-api-key-source`]) || "HEADER",
    disableExecuteApiEndpoint: endpoint["disableExecuteApiEndpoint"] === true,
    policy: policy === undefined ? "" : JSON.stringify(policy),
  };
}

/** Every resource of such paths: they, and all above them. */
export function resourcePaths(paths: readonly string[]): readonly string[] {
  const all = paths.flatMap((path) => {
    const parts = path.split("/").filter((part) => part !== "");
    return parts.map((_, index) => `/${parts.slice(0, index + 1).join("/")}`);
  });
  return [...new Set(["/", ...all])].sort();
}

function checkPath(path: string): void {
  const parts = path.split("/").slice(1);
  const isGood = parts.every(
    (part, index) => PATH_PART.test(part) || (GREEDY_PART.test(part) && index === parts.length - 1),
  );
  if (!path.startsWith("/") || !isGood) {
    throw new Error(
      "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end.",
    );
  }
}

/** Important notes: a model's name is alphanumeric. What a schema may hold is compiled once, here. */
function checkModels(document: Json): void {
  const { schemas } = json(document["components"]);
  for (const [name, schema] of Object.entries(json(schemas))) {
    if (!/^[A-Za-z0-9]+$/.test(name)) {
      throw badRequest(
        `Errors found during import:\n\tUnable to create model '${name}': Model name must be alphanumeric: ${name}`,
      );
    }
    try {
      compileModel(modelOf(document, json(schema)));
    } catch (error) {
      throw badRequest(
        `Errors found during import:\n\tUnable to create model '${name}': Invalid model specified: ${(error as Error).message}`,
      );
    }
  }
}

function methodOf(
  document: Json,
  { path, httpMethod, operation, pathItem }: Operation,
  validators: Json,
): Method {
  const named = operation[`${EXTENSION}-request-validator`];
  const validatorName = textOf(named ?? document[`${EXTENSION}-request-validator`]);
  const validator = json(validators[validatorName]);
  if (validatorName !== "" && validators[validatorName] === undefined) {
    throw new Error(`Invalid Request Validator identifier specified`);
  }
  const models = modelsOf(document, operation);
  for (const model of Object.values(models)) compileModel(model);
  return {
    resourcePath: path.length > 1 ? path.replace(/\/$/, "") : path,
    httpMethod,
    ...authorizationOf(document, operation),
    validatesBody: validator["validateRequestBody"] === true,
    validatesParameters: validator["validateRequestParameters"] === true,
    requiredParameters: parametersOf(document, operation, pathItem),
    models,
    integration: integrationOf(operation),
  };
}

/** Important notes: of a parameter, only name, location, type, `required` and description are read. */
function parametersOf(
  document: Json,
  operation: Json,
  pathItem: Json,
): readonly RequiredParameter[] {
  const all = [...listed(pathItem["parameters"]), ...listed(operation["parameters"])];
  return all.flatMap((parameter): readonly RequiredParameter[] => {
    const { name, in: where, required } = resolved(document, parameter);
    if (required !== true || typeof name !== "string") return [];
    if (where === "query") return [{ in: "querystring", name }];
    return where === "header" || where === "path" ? [{ in: where, name }] : [];
  });
}

function modelsOf(document: Json, operation: Json): Readonly<Record<string, Json>> {
  const { content } = resolved(document, operation["requestBody"]);
  return Object.fromEntries(
    Object.entries(json(content)).flatMap(([type, media]) => {
      const { schema } = json(media);
      return schema === undefined ? [] : [[type, modelOf(document, json(schema))]];
    }),
  );
}

/** Who may call, by `security` and by the extensions that say so. */
function authorizationOf(
  document: Json,
  operation: Json,
): Pick<Method, "authorizationType" | "apiKeyRequired"> {
  const schemes = json(json(document["components"])["securitySchemes"]);
  const requirements = listed(operation["security"] ?? document["security"]);
  let authorizationType: Method["authorizationType"] = "NONE";
  let apiKeyRequired = false;
  for (const name of requirements.flatMap((requirement) => Object.keys(json(requirement)))) {
    const scheme = json(schemes[name]);
    if (scheme["type"] !== "apiKey") throw new Error(`security scheme ${name} ${UNSUPPORTED}`);
    const kind = textOf(scheme[`${EXTENSION}-authtype`]);
    if (kind === "awsSigv4") authorizationType = "AWS_IAM";
    else if (kind !== "" || scheme[`${EXTENSION}-authorizer`] !== undefined) {
      throw new Error(`authorizer ${name} ${UNSUPPORTED}`);
    } else if (textOf(scheme["name"]).toLowerCase() === "x-api-key") apiKeyRequired = true;
  }
  const { type } = json(operation[`${EXTENSION}-auth`] ?? document[`${EXTENSION}-auth`]);
  if (type === "AWS_IAM") authorizationType = "AWS_IAM";
  return { authorizationType, apiKeyRequired };
}

function integrationOf(operation: Json): Integration | undefined {
  const given = operation[`${EXTENSION}-integration`];
  if (given === undefined) return undefined;
  const integration = json(given);
  const type = textOf(integration["type"]).toUpperCase();
  if (type !== "AWS_PROXY" && type !== "MOCK") {
    throw new Error(`an integration of type ${type.toLowerCase()} ${UNSUPPORTED}`);
  }
  if (integration["responseTransferMode"] === "STREAM") {
    throw new Error(`a streamed answer ${UNSUPPORTED}`);
  }
  const uri = textOf(integration["uri"]);
  if (type === "AWS_PROXY" && !/^arn:[^:]+:apigateway:[^:]+:lambda:path\//.test(uri)) {
    throw new Error("Invalid ARN specified in the request");
  }
  const timeoutMs = Number(integration["timeoutInMillis"] ?? TIMEOUT_MS.most);
  if (!(timeoutMs >= TIMEOUT_MS.least && timeoutMs <= TIMEOUT_MS.most)) {
    throw new Error(`Timeout should be between ${TIMEOUT_MS.least} ms and ${TIMEOUT_MS.most} ms`);
  }
  return {
    type,
    uri,
    httpMethod: textOf(integration["httpMethod"]).toUpperCase(),
    timeoutMs,
    requestTemplates: textsOf(integration["requestTemplates"]),
    passthroughBehavior: textOf(integration["passthroughBehavior"]) || "when_no_match",
    responses: Object.entries(json(integration["responses"])).map(
      ([pattern, response]): IntegrationResponse => ({
        pattern,
        statusCode: scalarText(json(response)["statusCode"]),
        responseParameters: textsOf(json(response)["responseParameters"]),
        responseTemplates: textsOf(json(response)["responseTemplates"]),
      }),
    ),
  };
}

function gatewayResponsesOf(
  document: Json,
  faults: string[],
): Readonly<Record<string, GatewayResponse>> {
  const given = Object.entries(json(document[`${EXTENSION}-gateway-responses`]));
  const unknown = given.filter(([type]) => !GATEWAY_RESPONSE_TYPES.includes(type));
  for (const [type] of unknown) faults.push(`Invalid gateway response type specified: ${type}`);
  return Object.fromEntries(
    given.map(([type, response]) => [type, gatewayResponseOf(json(response))]),
  );
}

export function gatewayResponseOf(response: Json): GatewayResponse {
  const { statusCode, responseParameters, responseTemplates } = response;
  return {
    ...(statusCode !== undefined && statusCode !== null && { statusCode: Number(statusCode) }),
    responseParameters: textsOf(responseParameters),
    responseTemplates: textsOf(responseTemplates),
  };
}
