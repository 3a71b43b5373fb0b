/** The messages are compared with what AWS has sent: its schemas, and messages that people have published. */
import { expect } from "chai";
import {
  compositeAlarmMessage,
  metricAlarmMessage,
  type StateChange,
} from "../../../emulator/cloudwatch/notification.ts";
import { changeReason, compositeReason } from "../../../emulator/cloudwatch/reason.ts";

const change: StateChange = {
  partition: "aws",
  region: "eu-west-1",
  accountId: "123456789012",
  from: "OK",
  to: "ALARM",
  reason: "the reason",
  changedMs: Date.parse("2026-03-16T12:16:45.770Z"),
  configuredMs: Date.parse("2026-02-23T12:07:38.685Z"),
};
const TOPIC = "arn:aws:sns:eu-west-1:123456789012:orders-p2-staging";
const alarm = {
  AlarmName: "orders-errors-staging",
  AlarmDescription: "P2 orders",
  AlarmActions: [TOPIC],
  Namespace: "AWS/Lambda",
  MetricName: "Errors",
  Dimensions: [{ Name: "FunctionName", Value: "orders" }],
  Statistic: "Sum" as const,
  Period: 300,
  EvaluationPeriods: 1,
  DatapointsToAlarm: 1,
  Threshold: 3,
  ComparisonOperator: "GreaterThanThreshold" as const,
  TreatMissingData: "notBreaching",
};
const bodyOf = ({ message }: { readonly message: string }) =>
  JSON.parse(message) as Record<string, unknown>;

describe("an alarm's message", () => {
  it("has the members of AWS's schema of metric alarms, in its order", () => {
    expect(bodyOf(metricAlarmMessage(alarm, change))).to.deep.equal({
      AlarmName: "orders-errors-staging",
      AlarmDescription: "P2 orders",
      AWSAccountId: "123456789012",
      AlarmConfigurationUpdatedTimestamp: "2026-02-23T12:07:38.685+0000",
      NewStateValue: "ALARM",
      NewStateReason: "the reason",
      StateChangeTime: "2026-03-16T12:16:45.770+0000",
      Region: "EU (Ireland)",
      AlarmArn: "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:orders-errors-staging",
      OldStateValue: "OK",
      OKActions: [],
      AlarmActions: [TOPIC],
      InsufficientDataActions: [],
      Trigger: {
        MetricName: "Errors",
        Namespace: "AWS/Lambda",
        StatisticType: "Statistic",
        Statistic: "SUM",
        Unit: null,
        Dimensions: [{ value: "orders", name: "FunctionName" }],
        Period: 300,
        EvaluationPeriods: 1,
        DatapointsToAlarm: 1,
        ComparisonOperator: "GreaterThanThreshold",
        Threshold: 3,
        TreatMissingData: "notBreaching",
        EvaluateLowSampleCountPercentile: "",
      },
    });
  });

  it("names a percentile, and shows math with its metrics", () => {
    const { Statistic: _, ...rest } = alarm;
    const percentile = metricAlarmMessage({ ...rest, ExtendedStatistic: "p99" }, change);
    const { MetricName: _name, Namespace: _namespace, Dimensions: _dimensions, ...mathOnly } = rest;
    const { Period: _period, ...math } = mathOnly;
    const metric = {
      Metric: { Namespace: "shop", MetricName: "Failed", Dimensions: alarm.Dimensions },
      Period: 60,
      Stat: "Sum",
    };
    const queries = [
      { Id: "judged", Label: "Failed requests", Expression: "FILL(m1, 0)", ReturnData: true },
      { Id: "m1", MetricStat: metric, ReturnData: false },
    ];

    expect(bodyOf(percentile)["Trigger"]).to.include({
      StatisticType: "ExtendedStatistic",
      ExtendedStatistic: "p99",
    });
    expect(
      bodyOf(metricAlarmMessage({ ...math, Metrics: queries }, change))["Trigger"],
    ).to.deep.equal({
      Period: 60,
      EvaluationPeriods: 1,
      DatapointsToAlarm: 1,
      ComparisonOperator: "GreaterThanThreshold",
      Threshold: 3,
      TreatMissingData: "notBreaching",
      EvaluateLowSampleCountPercentile: "",
      Metrics: [
        { Expression: "FILL(m1, 0)", Id: "judged", Label: "Failed requests", ReturnData: true },
        {
          Id: "m1",
          MetricStat: {
            Metric: {
              Dimensions: [{ value: "orders", name: "FunctionName" }],
              MetricName: "Failed",
              Namespace: "shop",
            },
            Period: 60,
            Stat: "Sum",
          },
          ReturnData: false,
        },
      ],
    });
  });

  it("of a composite alarm has its rule, and the alarms that changed it", () => {
    const arn = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:orders-errors-staging";
    const child = { arn, state: "ALARM" as const, changedMs: change.changedMs };
    const composite = {
      AlarmName: "orders-failing-staging",
      AlarmDescription: "P2 orders",
      AlarmRule: 'ALARM("orders-errors-staging")',
      AlarmActions: [TOPIC],
      OKActions: [TOPIC],
    };

    expect(bodyOf(compositeAlarmMessage(composite, change, [child]))).to.deep.equal({
      AlarmName: "orders-failing-staging",
      AlarmDescription: "P2 orders",
      AWSAccountId: "123456789012",
      NewStateValue: "ALARM",
      NewStateReason: "the reason",
      StateChangeTime: "2026-03-16T12:16:45.770+0000",
      Region: "EU (Ireland)",
      AlarmArn: "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:orders-failing-staging",
      OldStateValue: "OK",
      OKActions: [TOPIC],
      AlarmActions: [TOPIC],
      InsufficientDataActions: [],
      AlarmRule: 'ALARM("orders-errors-staging")',
      TriggeringChildren: [
        { Arn: arn, State: { Value: "ALARM", Timestamp: "2026-03-16T12:16:45.770+0000" } },
      ],
    });
    expect(compositeReason(child)).to.equal(
      `${arn} transitioned to ALARM at Monday 16 March, 2026 12:16:45 UTC`,
    );
  });

  it("has a subject of at most 100 characters", () => {
    expect(metricAlarmMessage(alarm, change).subject).to.equal(
      'ALARM: "orders-errors-staging" in EU (Ireland)',
    );
    const AlarmName = "a".repeat(120);
    const { subject } = metricAlarmMessage({ ...alarm, AlarmName }, change);
    expect(subject)
      .to.have.length(100)
      .and.match(/^ALARM: "a+\.\.\." in EU \(Ireland\)$/);
  });
});

describe("an alarm's reason", () => {
  const fromMs = Date.parse("2026-03-16T12:15:00Z");
  const turns = { from: "OK" as const, to: "ALARM" as const };

  it("lists the data points as AWS does", () => {
    const points = [{ fromMs, value: 613 }];
    expect(changeReason({ ...alarm, Threshold: 1 }, points, turns)).to.equal(
      "Threshold Crossed: 1 out of the last 1 datapoints [613.0 (16/03/26 12:15:00)] was greater than the threshold (1.0) (minimum 1 datapoint for OK -> ALARM transition).",
    );
  });

  it("lists those that decided it", () => {
    const three = { ...alarm, EvaluationPeriods: 3, DatapointsToAlarm: 2, Threshold: 5 };
    const values = [9, 1, 7].map((value) => ({ fromMs, value }));
    expect(changeReason(three, values, turns)).to.include(
      "2 out of the last 3 datapoints [9.0 (16/03/26 12:15:00), 7.0 (16/03/26 12:15:00)] were greater than",
    );
    expect(changeReason(three, values.slice(1, 2), { from: "ALARM", to: "OK" })).to.include(
      "[1.0 (16/03/26 12:15:00)] was not greater than the threshold (5.0)",
    );
  });

  it("says what was made of missing ones", () => {
    const points = [
      { fromMs, value: 613.5 },
      ...Array.from({ length: 19 }, () => ({ fromMs: 0, value: undefined })),
    ];
    const reason = changeReason(
      { ...alarm, EvaluationPeriods: 20, ComparisonOperator: "GreaterThanOrEqualToThreshold" },
      points,
      turns,
    );
    expect(reason).to.equal(
      "Threshold Crossed: 1 out of the last 20 datapoints [613.5 (16/03/26 12:15:00)] was greater than or equal to the threshold (3.0) and 19 missing datapoints were treated as [NonBreaching] (minimum 1 datapoint for OK -> ALARM transition).",
    );
    expect(
      changeReason(alarm, [{ fromMs, value: undefined }], { from: "ALARM", to: "OK" }),
    ).to.equal(
      "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [NonBreaching].",
    );
  });
});
