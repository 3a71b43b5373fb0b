/** One request of an HTTP API from its arrival to its answer (API Gateway developer guide, "API Gateway HTTP APIs"). */
import type { Answer } from "../http.ts";
import { authorize } from "./authorization.ts";
import { type Context, newContext } from "./context.ts";
import { isPreflight, preflightAnswer, withCors } from "./cors.ts";
import { httpAnswer } from "./http-answer.ts";
import { httpEvent, httpEventV1 } from "./http-event.ts";
import {
  EMPTY_HTTP,
  type HttpApi,
  type HttpDefinition,
  type HttpRoute,
  type HttpStage,
} from "./http-state.ts";
import type { Tokens } from "./jwt.ts";
import { callLambda } from "./lambda.ts";
import { reportAnswer } from "./report.ts";
import type { ApiRequest } from "./request.ts";
import { type DataPlane, MOST_BYTES } from "./rest.ts";
import { type Matched, matching } from "./route.ts";
import { ACCOUNT_LIMIT, limitOf } from "./state.ts";

export interface HttpDataPlane extends DataPlane {
  readonly tokens: Tokens;
}

interface Exchange {
  readonly api: HttpApi;
  readonly stage: HttpStage;
  readonly definition: HttpDefinition;
  readonly request: ApiRequest;
  readonly context: Context;
  readonly plane: HttpDataPlane;
  routeKey?: string;
  integrationLatencyMs?: number;
}

/** What the gateway answers itself: a status, its message, and why, for the access log. */
class HttpRefusal extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly reason: string;
  constructor(status: number, message: string, reason = "", headers = {}) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.headers = headers;
  }
}

export async function answerHttp(
  api: HttpApi,
  stage: HttpStage,
  request: ApiRequest,
  plane: HttpDataPlane,
): Promise<Answer> {
  const begunMs = performance.now();
  const deployed = stage.deploymentId && api.deployments.get(stage.deploymentId);
  const definition = stage.autoDeploy ? api.definition : deployed || EMPTY_HTTP;
  const { stageName } = stage;
  const context = newContext(
    {
      accountId: plane.accountId,
      region: plane.region,
      apiId: api.id,
      stage: stageName,
    },
    request,
    plane.nowMs(),
  );
  const path = decoded(request.path);
  context.set({ path: stageName === "$default" ? path : `/${stageName}${path}` });
  const exchange: Exchange = { api, stage, definition, request, context, plane };
  const plain = await carryOut(exchange).catch((error: unknown) => refused(error, context));
  const answer = api.cors && plain.status !== 204 ? withCors(plain, api.cors, request) : plain;
  return finish(exchange, answer, performance.now() - begunMs);
}

function refused(error: unknown, context: Context): Answer {
  // Anything else is a defect of this front; the access log says which.
  const refusal =
    error instanceof HttpRefusal
      ? error
      : new HttpRefusal(500, "Internal Server Error", String(error));
  const { status, message, reason, headers } = refusal;
  context.set({
    "error.message": message,
    "error.messageString": JSON.stringify(message),
    ...(reason !== "" && { "integration.error": reason, integrationErrorMessage: reason }),
  });
  return {
    status,
    body: Buffer.from(JSON.stringify({ message })),
    headers: { "content-type": "application/json", ...headers },
  };
}

async function carryOut(exchange: Exchange): Promise<Answer> {
  const { api, definition, request, context, plane } = exchange;
  if (api.cors && isPreflight(request)) return preflightAnswer(api.cors, request);
  const match = routeOf(definition, request);
  if (!match) throw new HttpRefusal(404, "Not Found");
  const { route, parameters } = match;
  exchange.routeKey = route.routeKey;
  context.set({ routeKey: route.routeKey });
  const authorizer = await authorized(exchange, route);
  throttle(exchange, route);
  if (request.body.length > MOST_BYTES) throw new HttpRefusal(413, "Request Entity Too Large");
  const integration = definition.integrations.get(route.target.replace(/^integrations\//, ""));
  if (!integration) throw new HttpRefusal(500, "Internal Server Error", "no integration");
  const event = {
    request,
    context,
    routeKey: route.routeKey,
    pathParameters: Object.fromEntries(
      Object.entries(parameters).map(([name, value]) => [name, decoded(value)]),
    ),
    stageVariables: exchange.stage.stageVariables,
    authorizer,
  };
  const { payloadFormatVersion: version, integrationUri: uri, timeoutInMillis } = integration;
  const begunMs = performance.now();
  const outcome = await callLambda(
    {
      uri,
      event: version === "2.0" ? httpEvent(event) : httpEventV1(event),
      timeoutMs: timeoutInMillis,
      sourceArn: `${arnOf(exchange)}/${exchange.stage.stageName}/${sourcePath(route, request)}`,
      accountId: plane.accountId,
    },
    plane.lambda,
  );
  exchange.integrationLatencyMs = performance.now() - begunMs;
  if (outcome.kind === "answered") {
    const answer = httpAnswer(outcome.payload, request, version);
    if (!answer) throw new HttpRefusal(500, "Internal Server Error", "the response is malformed");
    context.set({ "integration.status": 200, integrationStatus: 200 });
    return answer;
  }
  // serverless/serverless issue 11222: an HTTP API answers 503 where its own time is over.
  if (outcome.kind === "timed out") throw new HttpRefusal(503, "Service Unavailable", "timed out");
  const reason =
    outcome.kind === "not allowed"
      ? "The IAM role configured on the integration or API Gateway doesn't have permissions to call the integration. Check the permissions and try again."
      : "The Lambda function returned the following error: see its log";
  throw new HttpRefusal(500, "Internal Server Error", reason);
}

/**
 * Guide, "Create routes for HTTP APIs": an exact path with its method, then with ANY, then greedy ones, then `$default`.
 */
function routeOf({ routes }: HttpDefinition, request: ApiRequest): Matched<HttpRoute> | undefined {
  const methodOf = ({ routeKey }: HttpRoute) => routeKey.split(" ")[0] ?? "";
  const candidates = [...routes.values()].filter((route) =>
    [request.method, "ANY"].includes(methodOf(route)),
  );
  // The sort behind it is stable: of equal paths, the one with the method itself goes first.
  const byMethod = candidates.sort(
    (one, other) => Number(methodOf(one) === "ANY") - Number(methodOf(other) === "ANY"),
  );
  const [match] = matching(byMethod, ({ routeKey }) => routeKey.split(" ")[1] ?? "", request.path);
  if (match) return match;
  const fallback = [...routes.values()].find(({ routeKey }) => routeKey === "$default");
  return fallback && { route: fallback, parameters: {} };
}

const arnOf = ({ api, plane }: Exchange): string =>
  `arn:${plane.partition}:execute-api:${plane.region}:${plane.accountId}:${api.id}`;

/** As in a permission's source ARN: `GET/records/{id}`, or `$default`. */
const sourcePath = ({ routeKey }: HttpRoute, { method }: ApiRequest): string =>
  routeKey === "$default" ? "$default" : `${method}${routeKey.split(" ")[1] ?? ""}`;

/** What the event says of the caller. Throws 401 or 403. */
async function authorized(exchange: Exchange, route: HttpRoute): Promise<object | undefined> {
  const { request, context, definition, plane, stage } = exchange;
  if (route.authorizationType === "NONE") return undefined;
  if (route.authorizationType === "AWS_IAM") {
    await authorize("AWS_IAM", request, context, {
      accountId: plane.accountId,
      partition: plane.partition,
      region: plane.region,
      nowMs: plane.nowMs(),
      apiArn: arnOf(exchange),
      resource: `${stage.stageName}/${request.method}${request.path}`,
      policy: "",
    }).catch((error: unknown) => {
      throw new HttpRefusal(403, "Forbidden", error instanceof Error ? error.message : "");
    });
    return {
      iam: {
        accessKey: context.get("identity.accessKey"),
        accountId: context.get("identity.accountId"),
        callerId: context.get("identity.caller"),
        cognitoIdentity: null,
        principalOrgId: null,
        userArn: context.get("identity.userArn"),
        userId: context.get("identity.user"),
      },
    };
  }
  const authorizer = definition.authorizers.get(route.authorizerId ?? "");
  if (!authorizer) throw new HttpRefusal(500, "Internal Server Error", "no authorizer");
  const verdict = await plane.tokens.judge(request, authorizer, route);
  if (verdict.kind === "unauthorized") {
    context.set({ "authorizer.error": verdict.reason });
    throw new HttpRefusal(401, "Unauthorized", "", { "www-authenticate": "Bearer" });
  }
  if (verdict.kind === "forbidden") throw new HttpRefusal(403, "Forbidden");
  const claims = Object.entries(verdict.claims).map(([name, value]) => [
    name,
    // Every claim is a text in the event; a list stands in brackets.
    Array.isArray(value) ? `[${value.join(" ")}]` : String(value),
  ]);
  return { jwt: { claims: Object.fromEntries(claims) as object, scopes: verdict.scopes } };
}

/** Guide, "Throttle requests to your HTTP APIs": the route's limit, or the stage's default for each route; the account's. */
function throttle({ api, stage, plane }: Exchange, { routeKey }: HttpRoute): void {
  const settings = { ...stage.defaultRouteSettings, ...stage.routeSettings[routeKey] };
  const limits = [
    [`route ${api.id} ${stage.stageName} ${routeKey}`, limitOf(settings)],
    ["account", ACCOUNT_LIMIT],
  ] as const;
  for (const [name, limit] of limits) {
    if (limit && !plane.buckets.take(name, limit)) throw new HttpRefusal(429, "Too Many Requests");
  }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function finish(exchange: Exchange, answer: Answer, latencyMs: number): Answer {
  const { stage, context, routeKey } = exchange;
  const { status, headers = {} } = answer;
  const settings = { ...stage.defaultRouteSettings, ...stage.routeSettings[routeKey ?? ""] };
  const [method = "", resource = ""] = routeKey?.split(" ") ?? [];
  reportAnswer(exchange, {
    kind: "HTTP",
    status,
    latencyMs,
    responseLength: (answer.body as Uint8Array).length,
    ...(settings.detailedMetricsEnabled === true &&
      routeKey !== undefined && { detail: { method, resource } }),
  });
  return {
    ...answer,
    headers: { "apigw-requestid": context.get("extendedRequestId") ?? "", ...headers },
  };
}
