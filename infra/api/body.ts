/**
 * What API Gateway is given: the service's OpenAPI document with its extensions. Pure; the same document and settings
 * make the same text, so that a change of the text is a change of the API.
 */
import type { AwsLocation } from "../arns.ts";
import type { Settings } from "../settings/parse.ts";
import { preflight } from "./cors.ts";
import { mapOperations, type OpenApiDocument, type Operation } from "./document.ts";
import { gatewayResponses } from "./gateway-responses.ts";
import { security } from "./security.ts";

export interface BodyInput {
  /** Without extensions. */
  readonly document: OpenApiDocument;
  readonly settings: Pick<
    Settings,
    | "apiAuthorization"
    | "apiJwtIssuer"
    | "apiJwtAudiences"
    | "apiCorsOrigins"
    | "apiDisableExecuteApiEndpoint"
  >;
  readonly location: AwsLocation;
  /** The API's name, which the document is titled by: API Gateway would rename the API else. */
  readonly name: string;
  /** ARN of the alias `live`: a release decides which version answers. */
  readonly aliasArn: string;
}

/** What API Gateway calls to invoke a function (API Gateway guide, "x-amazon-apigateway-integration object"). */
const invocationUri = ({ partition, region }: AwsLocation, aliasArn: string): string =>
  `arn:${partition}:apigateway:${region}:lambda:path/2015-03-31/functions/${aliasArn}/invocations`;

/** Name of the one validator: body and required parameters. */
const VALIDATOR = "all";

/** The body of a REST API. */
export function restBody({ document, settings, location, name, aliasArn }: BodyInput): string {
  const { apiCorsOrigins: origins } = settings;
  const { demands, schemes } = security(settings);
  const paths = mapOperations(document, (operation) => ({
    ...operation,
    ...(operation.requestBody && { requestBody: ofAnyType(operation.requestBody) }),
    security: demands,
    "x-amazon-apigateway-integration": {
      type: "aws_proxy",
      httpMethod: "POST",
      uri: invocationUri(location, aliasArn),
      passthroughBehavior: "when_no_match",
    },
  }));
  return JSON.stringify({
    ...document,
    info: { ...document.info, title: name },
    paths:
      origins.length === 0
        ? paths
        : Object.fromEntries(
            Object.entries(paths).map(([path, operations]) => [
              path,
              { ...operations, options: preflight(origins, document.paths[path] ?? {}) },
            ]),
          ),
    components: { ...document.components, securitySchemes: schemes },
    "x-amazon-apigateway-request-validators": {
      [VALIDATOR]: { validateRequestBody: true, validateRequestParameters: true },
    },
    "x-amazon-apigateway-request-validator": VALIDATOR,
    "x-amazon-apigateway-gateway-responses": gatewayResponses(origins, settings),
    "x-amazon-apigateway-endpoint-configuration": {
      disableExecuteApiEndpoint: settings.apiDisableExecuteApiEndpoint,
    },
  });
}

/**
 * A body is validated by the model of its content type, and not at all where there is none; the model of `$default`
 * holds for every type (API Gateway guide, "Request validation for REST APIs"). Else a caller could skip it: see
 * docs/decisions/0706-an-api-is-one-body.md.
 */
function ofAnyType(requestBody: NonNullable<Operation["requestBody"]>): Operation["requestBody"] {
  const { content } = requestBody;
  const [model] = Object.values(content);
  return model === undefined
    ? requestBody
    : { ...requestBody, content: { ...content, $default: model } };
}

/**
 * The body of an HTTP API: routes alone, because it validates nothing. What else the document says is left out, so
 * that it cannot fail the import. Browsers are answered by the API's own setting.
 */
export function httpBody({ document, settings, location, name, aliasArn }: BodyInput): string {
  const { demands, schemes } = security(settings);
  const { openapi, info } = document;
  return JSON.stringify({
    openapi,
    info: { title: name, version: info.version },
    paths: mapOperations(document, ({ operationId, parameters = [] }) => ({
      ...(operationId !== undefined && { operationId }),
      ...(parameters.some(({ in: where }) => where === "path") && {
        parameters: parameters.filter(({ in: where }) => where === "path"),
      }),
      responses: { default: { description: "The service's answer" } },
      security: demands,
      "x-amazon-apigateway-integration": {
        type: "aws_proxy",
        httpMethod: "POST",
        uri: invocationUri(location, aliasArn),
        payloadFormatVersion: "2.0",
      },
    })),
    components: { securitySchemes: schemes },
  });
}
