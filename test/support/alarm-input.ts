import type { PutMetricAlarmCommandInput } from "@aws-sdk/client-cloudwatch";

/** Pulumi's alarm as CloudWatch's API takes it: the same members, capitalised. */
export const alarmInput = (name: string, alarm: object): PutMetricAlarmCommandInput => {
  const { extendedStatistic, alarmDescription, metricQueries, dimensions, ...rest } =
    alarm as Record<string, unknown>;
  const list = (of: unknown) =>
    Object.entries((of ?? {}) as Record<string, string>).map(([Name, Value]) => ({ Name, Value }));
  const capitalised = (of: Record<string, unknown>): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(of).map(([key, value]) => [key.charAt(0).toUpperCase() + key.slice(1), value]),
    );
  type Query = { metric?: Record<string, unknown> };
  return {
    AlarmName: name,
    ...capitalised({ ...rest, extendedStatistic, alarmDescription }),
    ...(dimensions !== undefined && { Dimensions: list(dimensions) }),
    ...(metricQueries !== undefined && {
      Metrics: (metricQueries as Query[]).map(({ metric, ...query }) => ({
        ...capitalised(query),
        ...(metric && {
          MetricStat: {
            Metric: {
              Namespace: metric["namespace"],
              MetricName: metric["metricName"],
              Dimensions: list(metric["dimensions"]),
            },
            Period: metric["period"],
            Stat: metric["stat"],
          },
        }),
      })),
    }),
  } as PutMetricAlarmCommandInput;
};
