/** The API in front of the function, as config states it. docs/growth.md#api. */
import { createHash } from "node:crypto";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { HTTP_LOG_FORMAT, REST_LOG_FORMAT } from "./api/access-log.ts";
import type { Route } from "../function/platform/route.ts";
import { type BodyInput, httpBody, restBody } from "./api/body.ts";
import { ALLOWED_HEADERS, EXPOSED_HEADERS, MAX_AGE_SECONDS, methodsOf } from "./api/cors.ts";
import { contractOf } from "./api/contract.ts";
import type { OpenApiDocument } from "./api/document.ts";
import { gatewayDocument } from "./api/gateway-document.ts";
import { makeDomain } from "./api/domain.ts";
import { type AwsLocation, lambdaArn } from "./arns.ts";
import * as names from "./names.ts";
import type { Settings } from "./settings.ts";

export interface ApiArgs {
  readonly settings: Settings;
  readonly location: AwsLocation;
  /** What the API offers, without API Gateway's extensions. */
  readonly document: OpenApiDocument;
  /** The KMS key that encrypts the access logs. Default AWS's own. */
  readonly keyArn?: pulumi.Input<string> | undefined;
}

/** What stands behind the API. */
export interface Backend {
  /** The alias: nothing may call before it is there. */
  readonly alias: pulumi.Resource;
  /** Lets an HTTP API write its access log. Default: none is needed. */
  readonly logsPolicy?: pulumi.Resource | undefined;
}

/** A definition that has been made and is not yet open to callers. */
interface Definition {
  readonly id: pulumi.Output<string>;
  /** Opens it; answers with its address. */
  readonly publish: (dependsOn: readonly pulumi.Resource[]) => pulumi.Output<string>;
}

/**
 * An API that calls the alias `live`.
 *
 * It is made in two steps, because the function must know the API's id and the API needs the function: first its
 * definition, which names the alias by an ARN that is known beforehand, then, when the function is there, the
 * permission to call it and the stage that callers reach.
 */
export class Api extends pulumi.ComponentResource {
  /** Drawn by AWS; metrics of HTTP APIs and what the handler knows its callers by. */
  readonly id: pulumi.Output<string>;
  readonly #definition: Definition;
  readonly #args: ApiArgs;

  constructor(name: string, args: ApiArgs, opts?: pulumi.ComponentResourceOptions) {
    super("lambda-service:infra:Api", name, {}, opts);
    this.#args = args;
    const logGroup = this.#accessLogs();
    this.#definition = args.settings.api === "rest" ? this.#rest(logGroup) : this.#http(logGroup);
    this.id = this.#definition.id;
  }

  /** Lets callers in, once what answers them is there. Answers with the address of the API. */
  open({ alias, logsPolicy }: Backend): pulumi.Output<string> {
    const { settings } = this.#args;
    const permission = this.#permission(alias);
    const url = this.#definition.publish([permission, ...(logsPolicy ? [logsPolicy] : [])]);
    this.registerOutputs({ id: this.id });
    return settings.apiDomainName === undefined
      ? url
      : pulumi.output(`https://${settings.apiDomainName}`);
  }

  #bodyInput(): BodyInput {
    const { settings, location, document } = this.#args;
    return {
      document,
      settings,
      location,
      name: names.apiName(settings),
      aliasArn: `${lambdaArn(location, names.functionName(settings))}:${names.ALIAS_NAME}`,
    };
  }

  #rest(logGroup: aws.cloudwatch.LogGroup | undefined): Definition {
    const { settings } = this.#args;
    const child = { parent: this };
    const body = restBody(this.#bodyInput());
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
      child,
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
      child,
    );
    return {
      id: api.id,
      publish: (dependsOn) => this.#restStage(api, deployment, logGroup, dependsOn),
    };
  }

  #restStage(
    api: aws.apigateway.RestApi,
    deployment: aws.apigateway.Deployment,
    logGroup: aws.cloudwatch.LogGroup | undefined,
    dependsOn: readonly pulumi.Resource[],
  ): pulumi.Output<string> {
    const { settings } = this.#args;
    const child = { parent: this };
    const stage = new aws.apigateway.Stage(
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
      { ...child, dependsOn: [...dependsOn] },
    );
    const limits = new aws.apigateway.MethodSettings(
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
      child,
    );
    for (const plan of settings.apiUsagePlans) {
      new aws.apigateway.UsagePlan(
        `api-plan-${plan.name}`,
        {
          name: names.ownName(settings, plan.name),
          apiStages: [{ apiId: api.id, stage: stage.stageName }],
          throttleSettings: { rateLimit: plan.requestsPerSecond, burstLimit: plan.burstRequests },
          ...(plan.quotaRequests !== undefined && {
            quotaSettings: {
              limit: plan.quotaRequests,
              period: (plan.quotaPeriod ?? "month").toUpperCase(),
            },
          }),
        },
        { ...child, dependsOn: [limits] },
      );
    }
    makeDomain(settings, api.id, stage.stageName, child);
    return stage.invokeUrl;
  }

  #http(logGroup: aws.cloudwatch.LogGroup | undefined): Definition {
    const { settings, document } = this.#args;
    const { apiCorsOrigins: origins } = settings;
    const child = { parent: this };
    const methods = Object.values(document.paths).flatMap((operations) => methodsOf(operations));
    const api = new aws.apigatewayv2.Api(
      "api",
      {
        name: names.apiName(settings),
        protocolType: "HTTP",
        body: httpBody(this.#bodyInput()),
        failOnWarnings: true,
        disableExecuteApiEndpoint: settings.apiDisableExecuteApiEndpoint,
        ...(origins.length > 0 && {
          corsConfiguration: {
            allowOrigins: [...origins],
            allowMethods: [...new Set(methods)].toSorted(),
            allowHeaders: [...ALLOWED_HEADERS],
            exposeHeaders: [...EXPOSED_HEADERS],
            maxAge: MAX_AGE_SECONDS,
            allowCredentials: settings.apiCorsCredentials,
          },
        }),
      },
      child,
    );
    return {
      id: api.id,
      publish: (dependsOn) => {
        const stage = new aws.apigatewayv2.Stage(
          "api-stage",
          {
            apiId: api.id,
            name: names.HTTP_STAGE_NAME,
            autoDeploy: true,
            defaultRouteSettings: {
              throttlingRateLimit: settings.apiRequestsPerSecond,
              throttlingBurstLimit: settings.apiBurstRequests,
              detailedMetricsEnabled: settings.apiDetailedMetrics,
            },
            ...(logGroup && {
              accessLogSettings: { destinationArn: logGroup.arn, format: HTTP_LOG_FORMAT },
            }),
          },
          { ...child, dependsOn: [...dependsOn] },
        );
        makeDomain(settings, api.id, stage.name, child);
        return api.apiEndpoint;
      },
    };
  }

  /** Exactly this API and stage may call, and the alias only. */
  #permission(alias: pulumi.Resource): aws.lambda.Permission {
    const { settings, location } = this.#args;
    const { partition, region, accountId } = location;
    const stage = settings.api === "rest" ? names.REST_STAGE_NAME : names.HTTP_STAGE_NAME;
    return new aws.lambda.Permission(
      "api-permission",
      {
        action: "lambda:InvokeFunction",
        function: names.functionName(settings),
        qualifier: names.ALIAS_NAME,
        principal: "apigateway.amazonaws.com",
        sourceArn: pulumi.interpolate`arn:${partition}:execute-api:${region}:${accountId}:${this.id}/${stage}/*/*`,
      },
      { parent: this, dependsOn: [alias] },
    );
  }

  #accessLogs(): aws.cloudwatch.LogGroup | undefined {
    const { settings, keyArn } = this.#args;
    if (!settings.apiAccessLogs) return undefined;
    return new aws.cloudwatch.LogGroup(
      "api-logs",
      {
        name: names.apiLogGroupName(settings),
        retentionInDays: settings.logRetentionDays,
        ...(keyArn !== undefined && { kmsKeyId: keyArn }),
      },
      { parent: this },
    );
  }
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

export interface OpenApiArgs extends Omit<ApiArgs, "document"> {
  /** What the domain offers over HTTP. */
  readonly routes: readonly Route[];
}

/**
 * Makes the definition of the API, or nothing where config states none. Throws `pulumi.RunError` where the domain has
 * no routes, or one that an API cannot have.
 */
export function openApi(
  { routes, ...args }: OpenApiArgs,
  opts: pulumi.ComponentResourceOptions,
): Api | undefined {
  const { api, environment } = args.settings;
  if (api === "none") return undefined;
  if (routes.length === 0) {
    throw new pulumi.RunError(
      `api: "${api}"; function/domain/index.ts names no routes, so the API would offer nothing; add them there (docs/handler.md#routes), or set api to none in Pulumi.${environment}.yaml`,
    );
  }
  return new Api("api", { ...args, document: documentOf(routes) }, opts);
}

function documentOf(routes: readonly Route[]): OpenApiDocument {
  try {
    return gatewayDocument(contractOf(routes));
  } catch (error) {
    // What is wrong with a route is one line for whoever wrote it.
    throw new pulumi.RunError(error instanceof Error ? error.message : String(error));
  }
}

/** What the handler is told of its fronts: the API's id, beside those that a team names itself. */
export function frontsEnvironment(
  api: Api | undefined,
  own: Readonly<Record<string, pulumi.Input<string>>>,
): Readonly<Record<string, pulumi.Input<string>>> {
  if (api === undefined) return {};
  const others = own["HTTP_FRONTS"];
  return {
    HTTP_FRONTS: others === undefined ? api.id : pulumi.interpolate`${api.id},${others}`,
  };
}
