/** Calls and errors as CloudWatch counts them. */
import { GetMetricDataCommand, type MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import { canaryDimensions } from "../../infra/release/alarms.ts";
import type { StackOutputs } from "../../infra/outputs.ts";
import type { AwsClients } from "../support/aws.ts";

export interface Calls {
  readonly invocations: number;
  readonly errors: number;
}

const METRICS = { invocations: "Invocations", errors: "Errors" } as const;

type Dimensions = Readonly<Record<string, string>>;

const query = (id: string, metric: string, dimensions: Dimensions): MetricDataQuery => ({
  Id: id,
  MetricStat: {
    Metric: {
      Namespace: "AWS/Lambda",
      MetricName: metric,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    },
    Period: 60,
    Stat: "Sum",
  },
});

async function sums(
  clients: AwsClients,
  queries: MetricDataQuery[],
  from: Date,
  to: Date,
): Promise<ReadonlyMap<string, number>> {
  const { MetricDataResults = [] } = await clients.cloudWatch.send(
    new GetMetricDataCommand({ MetricDataQueries: queries, StartTime: from, EndTime: to }),
  );
  return new Map(
    MetricDataResults.map(({ Id = "", Values = [] }) => [
      Id,
      Values.reduce((sum, value) => sum + value, 0),
    ]),
  );
}

/** Calls through the alias that each version answered while the alias had weights. */
export async function callsByVersion(
  clients: AwsClients,
  outputs: StackOutputs,
  versions: readonly string[],
  from: Date,
): Promise<readonly Calls[]> {
  const queries = versions.flatMap((version, index) =>
    Object.entries(METRICS).map(([key, metric]) =>
      query(`${key}${index}`, metric, canaryDimensions(outputs, version)),
    ),
  );
  const found = await sums(clients, queries, from, new Date());
  return versions.map((_, index) => ({
    invocations: found.get(`invocations${index}`) ?? 0,
    errors: found.get(`errors${index}`) ?? 0,
  }));
}

/** Minutes that say how much traffic there is. */
const RECENT_MINUTES = 15;

/** Calls of the alias a minute, of late. */
export async function recentCallsPerMinute(
  clients: AwsClients,
  { functionName, aliasName }: StackOutputs,
  minuteMs: number,
): Promise<number> {
  const dimensions = { FunctionName: functionName, Resource: `${functionName}:${aliasName}` };
  const to = new Date();
  const from = new Date(to.getTime() - RECENT_MINUTES * minuteMs);
  const found = await sums(clients, [query("calls", METRICS.invocations, dimensions)], from, to);
  return (found.get("calls") ?? 0) / RECENT_MINUTES;
}
