/**
 * What CloudWatch sends to an SNS topic when an alarm changes its state (CloudWatch user guide, "Notifying users on
 * alarm changes": the schemas of both kinds; what the fields hold as in messages that AWS has sent). Pure.
 */
import type {
  MetricAlarm,
  MetricDataQuery,
  PutCompositeAlarmInput,
  PutMetricAlarmInput,
} from "@aws-sdk/client-cloudwatch";
import type { AlarmState } from "./evaluation.ts";

/** One change of an alarm. */
export interface StateChange {
  readonly accountId: string;
  readonly region: string;
  readonly partition: string;
  readonly from: AlarmState;
  readonly to: AlarmState;
  readonly reason: string;
  readonly changedMs: number;
  /** When the alarm was last put. */
  readonly configuredMs: number;
}

/** An alarm in a composite alarm's rule, as it is now. */
export interface Child {
  readonly arn: string;
  readonly state: AlarmState;
  readonly changedMs: number;
}

/** A message as SNS takes it. */
export interface Notification {
  readonly subject: string;
  readonly message: string;
}

export const alarmArnOf = (
  { partition, region, accountId }: Pick<StateChange, "partition" | "region" | "accountId">,
  name: string,
): string => `arn:${partition}:cloudwatch:${region}:${accountId}:alarm:${name}`;

/** The message of a metric alarm. */
export const metricAlarmMessage = (
  alarm: PutMetricAlarmInput,
  change: StateChange,
): Notification => {
  const { AlarmConfigurationUpdatedTimestamp, ...common } = commonOf(alarm, change);
  const { AlarmName, AlarmDescription, AWSAccountId, ...rest } = common;
  return notification(AlarmName, change, {
    AlarmName,
    AlarmDescription,
    AWSAccountId,
    AlarmConfigurationUpdatedTimestamp,
    ...rest,
    Trigger: triggerOf(alarm),
  });
};

/** The message of a composite alarm. */
export const compositeAlarmMessage = (
  alarm: PutCompositeAlarmInput,
  change: StateChange,
  triggering: readonly Child[],
): Notification => {
  const { AlarmConfigurationUpdatedTimestamp: _, ...common } = commonOf(alarm, change);
  return notification(common.AlarmName, change, {
    ...common,
    AlarmRule: alarm.AlarmRule,
    TriggeringChildren: triggering.map(({ arn, state, changedMs }) => ({
      Arn: arn,
      State: { Value: state, Timestamp: stamp(changedMs) },
    })),
  });
};

/** SNS takes subjects of at most 100 characters; CloudWatch shortens the name to fit. */
const LONGEST_SUBJECT = 100;

function notification(name: string, { to, region }: StateChange, body: object): Notification {
  const around = (shown: string) => `${to}: "${shown}" in ${regionName(region)}`;
  const room = LONGEST_SUBJECT - around("").length;
  const shown = name.length <= room ? name : `${name.slice(0, room - 3)}...`;
  return { subject: around(shown), message: JSON.stringify(body) };
}

type Named = Pick<
  PutMetricAlarmInput,
  "AlarmName" | "AlarmDescription" | "OKActions" | "AlarmActions" | "InsufficientDataActions"
>;

const commonOf = (alarm: Named, change: StateChange) => ({
  AlarmName: alarm.AlarmName ?? "",
  AlarmDescription: alarm.AlarmDescription ?? null,
  AWSAccountId: change.accountId,
  AlarmConfigurationUpdatedTimestamp: stamp(change.configuredMs),
  NewStateValue: change.to,
  NewStateReason: change.reason,
  StateChangeTime: stamp(change.changedMs),
  Region: regionName(change.region),
  AlarmArn: alarmArnOf(change, alarm.AlarmName ?? ""),
  OldStateValue: change.from,
  OKActions: alarm.OKActions ?? [],
  AlarmActions: alarm.AlarmActions ?? [],
  InsufficientDataActions: alarm.InsufficientDataActions ?? [],
});

/** What the alarm watches. */
function triggerOf(alarm: PutMetricAlarmInput): object {
  const rule = {
    Period: alarm.Period ?? periodOf(alarm.Metrics),
    EvaluationPeriods: alarm.EvaluationPeriods,
    ...(alarm.DatapointsToAlarm !== undefined && { DatapointsToAlarm: alarm.DatapointsToAlarm }),
    ComparisonOperator: alarm.ComparisonOperator,
    Threshold: alarm.Threshold,
    TreatMissingData: alarm.TreatMissingData ?? "missing",
    EvaluateLowSampleCountPercentile: alarm.EvaluateLowSampleCountPercentile ?? "",
  };
  if (alarm.Metrics && alarm.Metrics.length > 0) {
    return { ...rule, Metrics: alarm.Metrics.map(queryOf) };
  }
  const { MetricName, Namespace, Statistic, ExtendedStatistic, Unit, Dimensions } = alarm;
  return {
    MetricName,
    Namespace,
    ...(ExtendedStatistic === undefined
      ? {
          StatisticType: "Statistic",
          // SampleCount is SAMPLE_COUNT.
          Statistic: (Statistic ?? "").replaceAll(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase(),
        }
      : { StatisticType: "ExtendedStatistic", ExtendedStatistic }),
    Unit: Unit ?? null,
    Dimensions: dimensionsOf(Dimensions),
    ...rule,
  };
}

const periodOf = (queries: readonly MetricDataQuery[] = []): number | undefined =>
  queries.find(({ MetricStat }) => MetricStat)?.MetricStat?.Period;

const queryOf = ({ Id, Label, Expression, MetricStat, ReturnData = true }: MetricDataQuery) =>
  MetricStat
    ? {
        Id,
        ...(Label !== undefined && { Label }),
        MetricStat: {
          Metric: {
            Dimensions: dimensionsOf(MetricStat.Metric?.Dimensions),
            MetricName: MetricStat.Metric?.MetricName,
            Namespace: MetricStat.Metric?.Namespace,
          },
          Period: MetricStat.Period,
          Stat: MetricStat.Stat,
        },
        ReturnData,
      }
    : { Expression, Id, ...(Label !== undefined && { Label }), ReturnData };

/** Small letters here, unlike everywhere else. */
const dimensionsOf = (dimensions: MetricAlarm["Dimensions"] = []) =>
  dimensions.map(({ Name, Value }) => ({ value: Value, name: Name }));

/** `2021-11-10T02:45:55.640+0000`. */
const stamp = (ms: number): string => new Date(ms).toISOString().replace("Z", "+0000");

/** The names that CloudWatch shows for regions; others by their code. */
const REGION_NAMES: Readonly<Record<string, string>> = {
  "af-south-1": "Africa (Cape Town)",
  "ap-east-1": "Asia Pacific (Hong Kong)",
  "ap-northeast-1": "Asia Pacific (Tokyo)",
  "ap-northeast-2": "Asia Pacific (Seoul)",
  "ap-northeast-3": "Asia Pacific (Osaka)",
  "ap-south-1": "Asia Pacific (Mumbai)",
  "ap-southeast-1": "Asia Pacific (Singapore)",
  "ap-southeast-2": "Asia Pacific (Sydney)",
  "ca-central-1": "Canada (Central)",
  "eu-central-1": "EU (Frankfurt)",
  "eu-north-1": "EU (Stockholm)",
  "eu-south-1": "EU (Milan)",
  "eu-west-1": "EU (Ireland)",
  "eu-west-2": "EU (London)",
  "eu-west-3": "EU (Paris)",
  "me-south-1": "Middle East (Bahrain)",
  "sa-east-1": "South America (Sao Paulo)",
  "us-east-1": "US East (N. Virginia)",
  "us-east-2": "US East (Ohio)",
  "us-west-1": "US West (N. California)",
  "us-west-2": "US West (Oregon)",
};

const regionName = (region: string): string => REGION_NAMES[region] ?? region;
