/** What API Gateway knows of a request once it is answered: `$context`, its metrics, and its line in the access log. */
import { type AccessLog, type WriteLog, writeAccessLog } from "./access-log.ts";
import type { Context } from "./context.ts";
import { type Measured, recordRequest, type RecordMetric } from "./metrics.ts";

/** A request on its way, of either kind of API. */
interface Answered {
  readonly api: { readonly id: string; readonly name: string };
  readonly stage: { readonly stageName: string; readonly accessLog: AccessLog | undefined };
  readonly context: Context;
  readonly plane: {
    readonly nowMs: () => number;
    readonly record: RecordMetric;
    readonly writeLog: WriteLog;
  };
  readonly integrationLatencyMs?: number;
}

export function reportAnswer(
  { api, stage, context, plane, integrationLatencyMs }: Answered,
  {
    responseLength,
    ...own
  }: Pick<Measured, "kind" | "status" | "latencyMs" | "detail"> & {
    /** Bytes of the body. */
    readonly responseLength: number;
  },
): void {
  const integrationLatency =
    integrationLatencyMs === undefined ? undefined : Math.round(integrationLatencyMs);
  context.set({
    status: own.status,
    responseLength,
    responseLatency: Math.round(own.latencyMs),
    integrationLatency,
    "integration.latency": integrationLatency,
  });
  const measured = { apiId: api.id, apiName: api.name, stage: stage.stageName };
  recordRequest({ ...measured, ...own, integrationLatencyMs }, plane.nowMs(), plane.record);
  if (stage.accessLog) writeAccessLog(stage.accessLog, context, plane.writeLog);
}
