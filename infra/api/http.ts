/** An HTTP API: routes, who may call them, and a stage that deploys by itself. */
import * as aws from "@pulumi/aws";
import * as names from "../names.ts";
import { HTTP_LOG_FORMAT } from "./access-log.ts";
import { httpBody } from "./body.ts";
import { ALLOWED_HEADERS, EXPOSED_HEADERS, MAX_AGE_SECONDS, methodsOf } from "./cors.ts";
import type { ApiContext, Definition } from "./definition.ts";
import { makeDomain } from "./domain.ts";

export function makeHttpApi({ settings, body, logGroup, opts }: ApiContext): Definition {
  const { apiCorsOrigins: origins } = settings;
  const methods = Object.values(body.document.paths).flatMap((operations) => methodsOf(operations));
  const api = new aws.apigatewayv2.Api(
    "api",
    {
      name: names.apiName(settings),
      protocolType: "HTTP",
      body: httpBody(body),
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
    opts,
  );
  return {
    id: api.id,
    stageName: names.HTTP_STAGE_NAME,
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
        { ...opts, dependsOn: [...dependsOn] },
      );
      makeDomain(settings, api.id, stage.name, opts);
      return api.apiEndpoint;
    },
  };
}
