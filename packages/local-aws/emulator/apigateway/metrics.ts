/**
 * What API Gateway reports of each request (API Gateway developer guide, "Amazon API Gateway dimensions and metrics",
 * and "Work with metrics for HTTP APIs"): errors are 0 or 1, so that their average is a rate.
 */
import type { Metric } from "../cloudwatch/metrics.ts";

export interface Measured {
  readonly kind: "REST" | "HTTP";
  readonly apiId: string;
  readonly apiName: string;
  readonly stage: string;
  /** Resource and method, where the stage reports them. */
  readonly detail?: { readonly method: string; readonly resource: string } | undefined;
  readonly status: number;
  readonly latencyMs: number;
  /** Absent where nothing behind the gateway was called. */
  readonly integrationLatencyMs?: number | undefined;
}

export type RecordMetric = (metric: Metric, value: number, atMs: number) => void;

export function recordRequest(measured: Measured, atMs: number, record: RecordMetric): void {
  const { kind, apiId, apiName, stage, detail, status } = measured;
  const api: Readonly<Record<string, string>> =
    kind === "REST" ? { ApiName: apiName } : { ApiId: apiId };
  const withStage = { ...api, Stage: stage };
  const sets = [api, withStage];
  if (detail) sets.push({ ...withStage, Method: detail.method, Resource: detail.resource });
  const errors = kind === "REST" ? ["4XXError", "5XXError"] : ["4xx", "5xx"];
  const [clientErrors = "", serverErrors = ""] = errors;
  const values: Readonly<Record<string, number | undefined>> = {
    Count: 1,
    [clientErrors]: Number(status >= 400 && status < 500),
    [serverErrors]: Number(status >= 500),
    Latency: measured.latencyMs,
    IntegrationLatency: measured.integrationLatencyMs,
  };
  for (const [metricName, value] of Object.entries(values)) {
    if (value === undefined) continue;
    for (const dimensions of sets) {
      record({ namespace: "AWS/ApiGateway", metricName, dimensions }, value, atMs);
    }
  }
}
