/** What API Gateway counts of the API, whichever kind it is. Pure, but for `withApiId`. */
import type * as pulumi from "@pulumi/pulumi";
import * as names from "../names.ts";
import type { Metric } from "../observability/metrics.ts";
import type { Settings } from "../settings/parse.ts";

/** Each by its name in a REST API (API Gateway guide, "Amazon API Gateway dimensions and metrics"). */
export type ApiMetric = "4XXError" | "5XXError" | "Count" | "IntegrationLatency" | "Latency";

/** What HTTP APIs call otherwise (API Gateway guide, "Monitor CloudWatch metrics for HTTP APIs"). */
const IN_HTTP: Partial<Record<ApiMetric, string>> = { "4XXError": "4xx", "5XXError": "5xx" };

/** Stands for the API's id, which AWS draws, until it is known. */
export const API_ID = "{apiId}";

/** REST APIs are counted by name, HTTP APIs by id. */
export const apiMetric =
  (settings: Pick<Settings, "api" | "serviceName" | "environment">) =>
  (metric: ApiMetric): Metric =>
    settings.api === "rest"
      ? {
          namespace: "AWS/ApiGateway",
          metricName: metric,
          dimensions: { ApiName: names.apiName(settings), Stage: names.REST_STAGE_NAME },
        }
      : {
          namespace: "AWS/ApiGateway",
          metricName: IN_HTTP[metric] ?? metric,
          dimensions: { ApiId: API_ID, Stage: names.HTTP_STAGE_NAME },
        };

/** The same with the id in the place of what stands for it. */
export function withApiId<T>(value: T, apiId: pulumi.Input<string> | undefined): T {
  const filled = (part: unknown): unknown => {
    if (part === API_ID) return apiId;
    if (Array.isArray(part)) return part.map((item) => filled(item));
    if (typeof part !== "object" || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, item]) => [key, filled(item)]));
  };
  return apiId === undefined ? value : (filled(value) as T);
}
