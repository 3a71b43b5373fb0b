/**
 * One request of a REST API from its arrival to its answer. The order of the checks: resource, who calls, key,
 * limits, size, validation, integration (API Gateway developer guide, "Throttle requests to your REST APIs": the plan's
 * limits go before the stage's, those before the account's).
 */
import { createHash } from "node:crypto";
import type { Answer } from "../http.ts";
import type { WriteLog } from "./access-log.ts";
import { authorize } from "./authorization.ts";
import type { Buckets } from "./bucket.ts";
import { type Context, type Gateway, newContext } from "./context.ts";
import type { Definition, Method } from "./definition.ts";
import { gatewayAnswer, GatewayRefusal } from "./gateway-response.ts";
import { callLambda, type LambdaOptions, type LambdaOutcome } from "./lambda.ts";
import type { RecordMetric } from "./metrics.ts";
import { reportAnswer } from "./report.ts";
import { mockAnswer } from "./mock.ts";
import { admissionOf, takeFromPlan, type Usage } from "./plans.ts";
import { type ApiRequest, headerOf } from "./request.ts";
import { restAnswer } from "./rest-answer.ts";
import { restEvent } from "./rest-event.ts";
import { matching } from "./route.ts";
import { ACCOUNT_LIMIT, limitOf, type RestApi, type RestStage, type State } from "./state.ts";
import { validate } from "./validation.ts";

export interface DataPlane {
  readonly accountId: string;
  readonly region: string;
  readonly partition: string;
  readonly state: State;
  readonly lambda: LambdaOptions;
  readonly usage: Usage;
  readonly buckets: Buckets;
  /** The time of the local cloud, milliseconds since 1970. */
  readonly nowMs: () => number;
  readonly record: RecordMetric;
  readonly writeLog: WriteLog;
}

/** API Gateway quotas, "Payload size". */
export const MOST_BYTES = 10_485_760;

interface Exchange {
  readonly api: RestApi;
  readonly stage: RestStage;
  readonly definition: Definition;
  readonly request: ApiRequest;
  readonly context: Context;
  readonly plane: DataPlane;
  method?: Method;
  integrationLatencyMs?: number;
}

export async function answerRest(
  api: RestApi,
  stage: RestStage,
  request: ApiRequest,
  plane: DataPlane,
): Promise<Answer> {
  const begunMs = performance.now();
  const definition = api.deployments.get(stage.deploymentId)?.definition ?? api.definition;
  const gateway: Gateway = {
    accountId: plane.accountId,
    region: plane.region,
    apiId: api.id,
    stage: stage.stageName,
  };
  const context = newContext(gateway, request, plane.nowMs());
  context.set({ deploymentId: stage.deploymentId });
  const exchange: Exchange = { api, stage, definition, request, context, plane };
  const answer = await carryOut(exchange).catch((error: unknown) => {
    // Anything else is a defect of this front; the access log says which.
    const refusal = error instanceof GatewayRefusal ? error : failure(500, String(error));
    return gatewayAnswer(refusal, definition, context, request);
  });
  const latencyMs = performance.now() - begunMs;
  return finish(exchange, answer, latencyMs);
}

async function carryOut(exchange: Exchange): Promise<Answer> {
  const { definition, request, context, plane, stage, api } = exchange;
  const { method, parameters } = methodOf(exchange);
  exchange.method = method;
  context.set({ resourcePath: method.resourcePath, resourceId: resourceId(method.resourcePath) });
  const apiArn = `arn:${plane.partition}:execute-api:${plane.region}:${plane.accountId}:${api.id}`;
  await authorize(method.authorizationType, request, context, {
    accountId: plane.accountId,
    partition: plane.partition,
    region: plane.region,
    nowMs: plane.nowMs(),
    apiArn,
    resource: `${stage.stageName}/${request.method}${request.path}`,
    policy: definition.policy,
  });
  if (method.apiKeyRequired) admit(exchange, method);
  throttle(exchange, method);
  if (request.body.length > MOST_BYTES) {
    throw new GatewayRefusal("REQUEST_TOO_LARGE", {
      message: `HTTP content length exceeded ${MOST_BYTES} bytes.`,
    });
  }
  validate(method, request, parameters);
  const { integration } = method;
  if (integration === undefined) {
    throw new GatewayRefusal("API_CONFIGURATION_ERROR", {
      cause: "No integration defined for method",
    });
  }
  const begunMs = performance.now();
  try {
    if (integration.type === "MOCK") return mockAnswer(integration, request, context, parameters);
    const sourceArn = `${apiArn}/${stage.stageName}/${request.method}${method.resourcePath}`;
    return await proxied(exchange, method, parameters, sourceArn);
  } finally {
    exchange.integrationLatencyMs = performance.now() - begunMs;
  }
}

/** A path without a method for it has no way in either (gateway response type MISSING_AUTHENTICATION_TOKEN). */
function methodOf({ definition, request }: Exchange): {
  readonly method: Method;
  readonly parameters: Readonly<Record<string, string>>;
} {
  const matches = matching(definition.methods, ({ resourcePath }) => resourcePath, request.path);
  // One resource is chosen by its path, and then a method of it.
  const ofResource = matches.filter(
    ({ route }) => route.resourcePath === matches[0]?.route.resourcePath,
  );
  const match =
    ofResource.find(({ route }) => route.httpMethod === request.method) ??
    ofResource.find(({ route }) => route.httpMethod === "ANY");
  if (!match) throw new GatewayRefusal("MISSING_AUTHENTICATION_TOKEN");
  return { method: match.route, parameters: match.parameters };
}

/** Key and plan (guide, "Usage plans and API keys for REST APIs"). */
function admit(exchange: Exchange, method: Method): void {
  const { api, stage, request, context, plane, definition } = exchange;
  const of = { apiId: api.id, stage: stage.stageName };
  const { state, usage, buckets } = plane;
  const admission = admissionOf(
    // From an authorizer no key can come: there is none here.
    definition.apiKeySource === "HEADER" ? headerOf(request, "x-api-key") : undefined,
    of,
    [...state.keys.values()],
    [...state.plans.values()],
  );
  context.set({
    "identity.apiKey": admission.key.value,
    "identity.apiKeyId": admission.key.id,
  });
  const methodKey = `${method.resourcePath}/${method.httpMethod}`;
  takeFromPlan(admission, { ...of, methodKey }, { usage, buckets, nowMs: plane.nowMs() });
}

function throttle({ api, stage, plane }: Exchange, method: Method): void {
  const key = `${method.resourcePath}/${method.httpMethod}`;
  const own = limitOf(stage.methodSettings[key]);
  const limits = [
    // A limit of a method is a bucket of its own; the stage's goes for each method without one.
    [
      `stage ${api.id} ${stage.stageName} ${own ? key : "*"}`,
      own ?? limitOf(stage.methodSettings["*/*"]),
    ],
    ["account", ACCOUNT_LIMIT],
  ] as const;
  for (const [name, limit] of limits) {
    if (limit && !plane.buckets.take(name, limit)) throw new GatewayRefusal("THROTTLED");
  }
}

async function proxied(
  { definition, request, context, stage, plane }: Exchange,
  method: Method,
  pathParameters: Readonly<Record<string, string>>,
  sourceArn: string,
): Promise<Answer> {
  const { uri = "", timeoutMs = 0, httpMethod } = method.integration ?? {};
  const { variables: stageVariables } = stage;
  const event = restEvent({ request, context, method, pathParameters, stageVariables }, definition);
  const resolvedUri = uri.replaceAll(
    /\$\{stageVariables\.(\w+)\}/g,
    (_all, name: string) => stageVariables[name] ?? "",
  );
  // Lambda is called by POST (guide, "Set up Lambda proxy integrations"); anything else is no call of it.
  if (httpMethod !== "POST") throw failure(500, "the integration's method is not POST");
  const outcome = await callLambda(
    { uri: resolvedUri, event, timeoutMs, sourceArn, accountId: plane.accountId },
    plane.lambda,
  );
  if (outcome.kind !== "answered") throw REFUSALS[outcome.kind]();
  const answer = restAnswer(outcome.payload, request, definition.binaryMediaTypes);
  if (!answer) throw failure(502, "Malformed Lambda proxy response");
  context.set({ "integration.status": 200, integrationStatus: 200 });
  return answer;
}

const failure = (status: number, cause: string): GatewayRefusal =>
  new GatewayRefusal("DEFAULT_5XX", { status, cause });

/** Lambda developer guide, "Handling errors with an API Gateway API"; gateway response types for the others. */
const REFUSALS: Readonly<Record<Exclude<LambdaOutcome["kind"], "answered">, () => GatewayRefusal>> =
  {
    failed: () => failure(502, "Lambda execution failed due to customer function error"),
    refused: () => failure(500, "Lambda refused the invocation"),
    "timed out": () =>
      new GatewayRefusal("INTEGRATION_TIMEOUT", { cause: "Endpoint request timed out" }),
    "not allowed": () =>
      new GatewayRefusal("API_CONFIGURATION_ERROR", {
        cause: "Invalid permissions on Lambda function",
      }),
  };

/** An id without a meaning, and always the same for the same resource. */
export const resourceId = (resourcePath: string): string =>
  createHash("sha256").update(resourcePath).digest("hex").slice(0, 10);

/** What every answer has, what it is counted as, and what is logged of it. */
function finish(exchange: Exchange, answer: Answer, latencyMs: number): Answer {
  const { stage, context, method, integrationLatencyMs } = exchange;
  const { status, headers = {} } = answer;
  const settings = {
    ...stage.methodSettings["*/*"],
    ...(method && stage.methodSettings[`${method.resourcePath}/${method.httpMethod}`]),
  };
  reportAnswer(exchange, {
    kind: "REST",
    status,
    latencyMs,
    responseLength: (answer.body as Uint8Array).length,
    ...(settings.metricsEnabled === true &&
      method && { detail: { method: method.httpMethod, resource: method.resourcePath } }),
  });
  return {
    ...answer,
    headers: {
      "x-amzn-requestid": context.get("requestId") ?? "",
      "x-amz-apigw-id": context.get("extendedRequestId") ?? "",
      ...(method?.integration?.type === "AWS_PROXY" &&
        integrationLatencyMs !== undefined && {
          "x-amzn-trace-id": `Root=${context.get("xrayTraceId") ?? ""}`,
        }),
      ...headers,
    },
  };
}
