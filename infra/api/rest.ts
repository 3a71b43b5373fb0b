/** A REST API: its body, the deployment that puts it into force, its stage with limits, and plans of keys. */
import { createHash } from "node:crypto";
import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import * as names from "../names.ts";
import { REST_LOG_FORMAT } from "./access-log.ts";
import { restBody } from "./body.ts";
import type { ApiContext, Definition } from "./definition.ts";
import { makeDomain } from "./domain.ts";

export function makeRestApi(context: ApiContext): Definition {
  const { settings, opts } = context;
  const body = restBody(context.body);
  const api = new aws.apigateway.RestApi(
    "api",
    {
      name: names.apiName(settings),
      body,
      endpointConfiguration: { types: "REGIONAL" },
      // As in the body: what the two say differently, the argument wins.
      disableExecuteApiEndpoint: settings.apiDisableExecuteApiEndpoint,
      failOnWarnings: true,
    },
    opts,
  );
  // A snapshot of the API: callers get another body only with another deployment. The new one is made and the
  // stage moved before the old one goes: API Gateway keeps a deployment that a stage points at.
  const deployment = new aws.apigateway.Deployment(
    "api-deployment",
    {
      restApi: api.id,
      description: `Body ${sha256(body).slice(0, 12)}`,
      triggers: { redeploy: sha256(body) },
    },
    opts,
  );
  return {
    id: api.id,
    stageName: names.REST_STAGE_NAME,
    publish: (dependsOn) => {
      const stage = makeStage(context, api, deployment, dependsOn);
      const limits = makeLimits(context, api, stage);
      makePlans(context, api, stage, limits);
      makeDomain(settings, api.id, stage.stageName, opts);
      return stage.invokeUrl;
    },
  };
}

const makeStage = (
  { settings, logGroup, opts }: ApiContext,
  api: aws.apigateway.RestApi,
  deployment: aws.apigateway.Deployment,
  dependsOn: readonly pulumi.Resource[],
): aws.apigateway.Stage =>
  new aws.apigateway.Stage(
    "api-stage",
    {
      restApi: api.id,
      deployment: deployment.id,
      stageName: names.REST_STAGE_NAME,
      xrayTracingEnabled: settings.tracing === "active",
      ...(logGroup && {
        accessLogSettings: { destinationArn: logGroup.arn, format: REST_LOG_FORMAT },
      }),
    },
    { ...opts, dependsOn: [...dependsOn] },
  );

const makeLimits = (
  { settings, opts }: ApiContext,
  api: aws.apigateway.RestApi,
  stage: aws.apigateway.Stage,
): pulumi.Resource =>
  new aws.apigateway.MethodSettings(
    "api-limits",
    {
      restApi: api.id,
      stageName: stage.stageName,
      methodPath: "*/*",
      settings: {
        throttlingRateLimit: settings.apiRequestsPerSecond,
        throttlingBurstLimit: settings.apiBurstRequests,
        metricsEnabled: settings.apiDetailedMetrics,
        // Execution logs hold bodies, in a group that API Gateway makes itself, without end and without our key.
        loggingLevel: "OFF",
        dataTraceEnabled: false,
      },
    },
    opts,
  );

/** What the keys of each plan may send. Keys are never made here: their values would lie in the state. */
function makePlans(
  { settings, opts }: ApiContext,
  api: aws.apigateway.RestApi,
  stage: aws.apigateway.Stage,
  limits: pulumi.Resource,
): void {
  for (const plan of settings.apiUsagePlans) {
    const { name, requestsPerSecond, burstRequests, quotaRequests, quotaPeriod = "month" } = plan;
    new aws.apigateway.UsagePlan(
      `api-plan-${name}`,
      {
        name: names.ownName(settings, name),
        apiStages: [{ apiId: api.id, stage: stage.stageName }],
        throttleSettings: { rateLimit: requestsPerSecond, burstLimit: burstRequests },
        ...(quotaRequests !== undefined && {
          quotaSettings: { limit: quotaRequests, period: quotaPeriod.toUpperCase() },
        }),
      },
      { ...opts, dependsOn: [limits] },
    );
  }
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
