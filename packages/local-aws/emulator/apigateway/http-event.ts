/**
 * The event of an HTTP API's Lambda integration (API Gateway developer guide, "Create AWS Lambda proxy integrations for
 * HTTP APIs in API Gateway"). What is empty is left out. The path is decoded, and begins with the stage unless that is
 * `$default` (middleapi/standard-server pull request 93; aws-powertools/powertools-lambda-python issue 621).
 */
import type { Context } from "./context.ts";
import { type ApiRequest, grouped, headerOf, mediaTypeOf } from "./request.ts";

export interface HttpExchange {
  readonly request: ApiRequest;
  readonly context: Context;
  readonly routeKey: string;
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly stageVariables: Readonly<Record<string, string>>;
  /** What the authorizer found out, for `requestContext.authorizer`. */
  readonly authorizer: object | undefined;
}

export function httpEvent(exchange: HttpExchange): object {
  const { request, context, routeKey, pathParameters, stageVariables, authorizer } = exchange;
  const of = (name: string): string | undefined => context.get(name);
  const rawPath = of("path") ?? request.path;
  const { headers, cookies } = headersOf(request, context);
  return {
    version: "2.0",
    routeKey,
    rawPath,
    rawQueryString: request.rawQuery,
    ...(cookies.length > 0 && { cookies }),
    headers,
    ...(request.query.length > 0 && { queryStringParameters: joined(request.query) }),
    requestContext: {
      accountId: of("accountId"),
      apiId: of("apiId"),
      ...(authorizer && { authorizer }),
      domainName: of("domainName"),
      domainPrefix: of("domainPrefix"),
      http: {
        method: request.method,
        path: rawPath,
        protocol: of("protocol"),
        sourceIp: request.sourceIp,
        userAgent: headerOf(request, "user-agent") ?? "",
      },
      requestId: of("requestId"),
      routeKey,
      stage: of("stage"),
      time: of("requestTime"),
      timeEpoch: Number(of("requestTimeEpoch")),
    },
    ...(Object.keys(pathParameters).length > 0 && { pathParameters }),
    ...(Object.keys(stageVariables).length > 0 && { stageVariables }),
    ...bodyOf(request),
  };
}

/** Format 1.0: as for REST APIs, with the version, and header names in lower case. */
export function httpEventV1(exchange: HttpExchange): object {
  const { request, context, routeKey, pathParameters, stageVariables, authorizer } = exchange;
  const of = (name: string): string | null => context.get(name) ?? null;
  const lower = request.headers.map(([name, value]) => [name.toLowerCase(), value] as const);
  const headers = grouped([...lower, ...own(request, context)]);
  const query = grouped(request.query);
  const resource = routeKey.split(" ")[1] ?? "$default";
  const { body = null, isBase64Encoded } = bodyOf(request);
  return {
    version: "1.0",
    resource,
    path: of("path"),
    httpMethod: request.method,
    headers: headers.last,
    multiValueHeaders: headers.all,
    queryStringParameters: orNull(query.last),
    multiValueQueryStringParameters: orNull(query.all),
    requestContext: {
      accountId: of("accountId"),
      apiId: of("apiId"),
      ...(authorizer && { authorizer }),
      domainName: of("domainName"),
      domainPrefix: of("domainPrefix"),
      extendedRequestId: of("extendedRequestId"),
      httpMethod: request.method,
      identity: {
        accessKey: null,
        accountId: null,
        caller: null,
        cognitoAuthenticationProvider: null,
        cognitoAuthenticationType: null,
        cognitoIdentityId: null,
        cognitoIdentityPoolId: null,
        principalOrgId: null,
        sourceIp: request.sourceIp,
        user: null,
        userAgent: headerOf(request, "user-agent") ?? null,
        userArn: null,
      },
      path: of("path"),
      protocol: of("protocol"),
      requestId: of("requestId"),
      requestTime: of("requestTime"),
      requestTimeEpoch: Number(of("requestTimeEpoch")),
      resourceId: routeKey,
      resourcePath: resource,
      stage: of("stage"),
    },
    pathParameters: orNull(pathParameters),
    stageVariables: orNull(stageVariables),
    body,
    isBase64Encoded,
  };
}

const orNull = <T extends object>(values: T): T | null =>
  Object.keys(values).length === 0 ? null : values;

const own = (request: ApiRequest, context: Context): ApiRequest["headers"] => [
  ["x-amzn-trace-id", `Root=${context.get("xrayTraceId") ?? ""}`],
  ["x-forwarded-for", request.sourceIp],
  ["x-forwarded-port", "443"],
  ["x-forwarded-proto", "https"],
];

/** Several values of a name as one, with commas. */
const joined = (pairs: ApiRequest["headers"]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(grouped(pairs).all).map(([name, values]) => [name, values.join(",")]),
  );

/** Names in lower case, without the cookies, which the event lists apart. */
function headersOf(request: ApiRequest, context: Context) {
  const lower = request.headers.map(([name, value]) => [name.toLowerCase(), value] as const);
  const cookies = lower
    .filter(([name]) => name === "cookie")
    .flatMap(([, value]) => value.split(/;\s*/))
    .filter((cookie) => cookie !== "");
  const kept = lower.filter(
    ([name]) => !["cookie", "connection", "transfer-encoding"].includes(name),
  );
  return { headers: joined([...kept, ...own(request, context)]), cookies };
}

/** Texts are handed over as they are, everything else in base64. */
const TEXT =
  /^(?:text\/.*|application\/(?:.*\+)?(?:json|xml)|application\/javascript|application\/x-www-form-urlencoded)$/;

function bodyOf(request: ApiRequest): {
  readonly body?: string;
  readonly isBase64Encoded: boolean;
} {
  const { body } = request;
  if (body.length === 0) return { isBase64Encoded: false };
  const isText = headerOf(request, "content-type") !== undefined && TEXT.test(mediaTypeOf(request));
  return { body: body.toString(isText ? "utf8" : "base64"), isBase64Encoded: !isText };
}
