/** Calls and errors as CloudWatch counts them, minute by minute. */
import { type MetricDataQuery, paginateGetMetricData } from "@aws-sdk/client-cloudwatch";
import { executedVersionDimensions } from "../../infra/observability/metrics.ts";
import type { StackOutputs } from "../../infra/outputs.ts";
import type { AwsClients } from "../support/aws.ts";
import { failsVersion, pairs } from "./canary-alarms.ts";

/** Calls that one version answered. */
export interface Calls {
  readonly invocations: number;
  readonly errors: number;
  /** Minutes that alone fail the version. */
  readonly failingMinutes: number;
}

const METRICS = { invocations: "Invocations", errors: "Errors" } as const;

type Dimensions = Readonly<Record<string, string>>;

const query = (id: string, metric: string, dimensions: Dimensions): MetricDataQuery => ({
  Id: id,
  MetricStat: {
    Metric: { Namespace: "AWS/Lambda", MetricName: metric, Dimensions: pairs(dimensions) },
    Period: 60,
    Stat: "Sum",
  },
});

/** Values by minute, by the query's id. */
async function series(
  { cloudWatch }: Pick<AwsClients, "cloudWatch">,
  queries: MetricDataQuery[],
  fromMs: number,
  toMs: number,
): Promise<ReadonlyMap<string, ReadonlyMap<number, number>>> {
  const found = new Map(queries.map(({ Id = "" }) => [Id, new Map<number, number>()]));
  const pages = paginateGetMetricData(
    { client: cloudWatch },
    { MetricDataQueries: queries, StartTime: new Date(fromMs), EndTime: new Date(toMs) },
  );
  for await (const { MetricDataResults = [] } of pages) {
    for (const { Id = "", Timestamps = [], Values = [] } of MetricDataResults) {
      Timestamps.forEach((at, index) => found.get(Id)?.set(at.getTime(), Values[index] ?? 0));
    }
  }
  return found;
}

const total = (values: ReadonlyMap<number, number> | undefined): number =>
  [...(values?.values() ?? [])].reduce((sum, value) => sum + value, 0);

/**
 * Real calls through the alias that each version answered while the alias had weights. Synthetic calls are not
 * among them: they go to the version itself.
 */
export async function callsByVersion(
  clients: Pick<AwsClients, "cloudWatch" | "now">,
  outputs: StackOutputs,
  versions: readonly string[],
  fromMs: number,
  toMs: number = clients.now(),
): Promise<readonly Calls[]> {
  const queries = versions.flatMap((version, index) =>
    Object.entries(METRICS).map(([key, metric]) =>
      query(`${key}${index}`, metric, executedVersionDimensions(outputs, version)),
    ),
  );
  const found = await series(clients, queries, fromMs, toMs);
  return versions.map((_, index) => {
    const calls = found.get(`invocations${index}`);
    const errors = found.get(`errors${index}`);
    const failing = [...(errors ?? [])].filter(([at, value]) =>
      failsVersion(calls?.get(at) ?? value, value),
    );
    return {
      invocations: total(calls),
      errors: total(errors),
      failingMinutes: failing.length,
    };
  });
}

/** Minutes that say how much traffic there is. */
const RECENT_MINUTES = 15;

/** Calls of the alias a minute, of late. */
export async function recentCallsPerMinute(
  clients: Pick<AwsClients, "cloudWatch" | "now">,
  { functionName, aliasName }: StackOutputs,
  minuteMs: number,
): Promise<number> {
  const dimensions = { FunctionName: functionName, Resource: `${functionName}:${aliasName}` };
  const nowMs = clients.now();
  const found = await series(
    clients,
    [query("calls", METRICS.invocations, dimensions)],
    nowMs - RECENT_MINUTES * minuteMs,
    nowMs,
  );
  return total(found.get("calls")) / RECENT_MINUTES;
}
