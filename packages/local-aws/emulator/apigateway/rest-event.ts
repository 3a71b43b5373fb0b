/**
 * The event of a REST API's Lambda proxy integration (API Gateway developer guide, "Lambda proxy integrations in API
 * Gateway", "Input format of a Lambda function for proxy integration"). Paths and path parameters stay encoded, as REST
 * APIs hand them over (middleapi/standard-server pull request 93, which compares events of live APIs).
 */
import type { Context } from "./context.ts";
import type { Definition, Method } from "./definition.ts";
import { type ApiRequest, grouped, mediaTypeOf } from "./request.ts";

export interface RestExchange {
  readonly request: ApiRequest;
  readonly context: Context;
  readonly method: Method;
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly stageVariables: Readonly<Record<string, string>>;
}

export function restEvent(
  { request, context, method, pathParameters, stageVariables }: RestExchange,
  { binaryMediaTypes }: Pick<Definition, "binaryMediaTypes">,
): object {
  const headers = grouped(forwarded(request, context));
  const query = grouped(request.query);
  const isBase64Encoded =
    request.body.length > 0 && isBinary(binaryMediaTypes, mediaTypeOf(request));
  return {
    resource: method.resourcePath,
    // By a custom domain, its base path is part of it.
    path: `${request.mount?.basePath ?? ""}${request.path}`,
    httpMethod: request.method,
    headers: headers.last,
    multiValueHeaders: headers.all,
    queryStringParameters: orNull(query.last),
    multiValueQueryStringParameters: orNull(query.all),
    pathParameters: orNull(pathParameters),
    stageVariables: orNull(stageVariables),
    requestContext: requestContext(context, method),
    body:
      request.body.length === 0 ? null : request.body.toString(isBase64Encoded ? "base64" : "utf8"),
    isBase64Encoded,
  };
}

/** Whether a media type is one of the API's binary ones: written out, or all of them. */
export const isBinary = (binaryMediaTypes: readonly string[], mediaType: string): boolean =>
  binaryMediaTypes.includes("*/*") || binaryMediaTypes.includes(mediaType);

/** Headers of the connection stay behind, and the gateway's own come along. */
const NOT_FORWARDED = new Set(["connection", "content-length", "transfer-encoding", "expect"]);

export function forwarded(request: ApiRequest, context: Context): ApiRequest["headers"] {
  const kept = request.headers.filter(([name]) => !NOT_FORWARDED.has(name.toLowerCase()));
  return [
    ...kept,
    ["X-Amzn-Trace-Id", `Root=${context.get("xrayTraceId") ?? ""}`],
    ["X-Forwarded-For", request.sourceIp],
    ["X-Forwarded-Port", "443"],
    ["X-Forwarded-Proto", "https"],
  ];
}

const orNull = <T extends object>(values: T): T | null =>
  Object.keys(values).length === 0 ? null : values;

function requestContext(context: Context, method: Method): object {
  const of = (name: string): string | null => context.get(name) ?? null;
  const apiKey = context.get("identity.apiKey");
  return {
    resourceId: of("resourceId"),
    resourcePath: method.resourcePath,
    httpMethod: of("httpMethod"),
    extendedRequestId: of("extendedRequestId"),
    requestTime: of("requestTime"),
    path: of("path"),
    accountId: of("accountId"),
    protocol: of("protocol"),
    stage: of("stage"),
    domainPrefix: of("domainPrefix"),
    requestTimeEpoch: Number(of("requestTimeEpoch")),
    requestId: of("requestId"),
    identity: {
      cognitoIdentityPoolId: null,
      accountId: of("identity.accountId"),
      cognitoIdentityId: null,
      caller: of("identity.caller"),
      sourceIp: of("identity.sourceIp"),
      principalOrgId: null,
      accessKey: of("identity.accessKey"),
      cognitoAuthenticationType: null,
      cognitoAuthenticationProvider: null,
      userArn: of("identity.userArn"),
      userAgent: of("identity.userAgent"),
      user: of("identity.user"),
      ...(apiKey !== undefined && { apiKey, apiKeyId: of("identity.apiKeyId") }),
    },
    domainName: of("domainName"),
    deploymentId: of("deploymentId"),
    apiId: of("apiId"),
  };
}
