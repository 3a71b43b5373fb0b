import type { MetricAlarm } from "@aws-sdk/client-cloudwatch";
import { expect } from "chai";
import { alarmState } from "local-aws/emulator/cloudwatch/alarms.ts";
import { recordInvocation } from "local-aws/emulator/cloudwatch/lambda-metrics.ts";
import { Metrics } from "local-aws/emulator/cloudwatch/metrics.ts";

const MINUTE_MS = 60_000;

const errors = (datapoints: number): MetricAlarm => ({
  Namespace: "AWS/Lambda",
  MetricName: "Errors",
  Dimensions: [
    { Name: "FunctionName", Value: "orders" },
    { Name: "Resource", Value: "orders:live" },
    { Name: "ExecutedVersion", Value: "8" },
  ],
  Statistic: "Sum",
  Period: 60,
  EvaluationPeriods: datapoints,
  DatapointsToAlarm: 1,
  ComparisonOperator: "GreaterThanThreshold",
  Threshold: 0,
  TreatMissingData: "notBreaching",
});

describe("an alarm on Lambda's metrics", () => {
  const world = () => {
    const metrics = new Metrics();
    const call = (minute: number, { minutes = 0, failed = false, version = "8" } = {}) =>
      recordInvocation(
        metrics,
        {
          functionName: "orders",
          qualifier: "live",
          executedVersion: version,
          weighted: true,
          failed,
          throttled: false,
          startedMs: minute * MINUTE_MS,
          endedMs: (minute + minutes) * MINUTE_MS,
          durationMs: minutes * MINUTE_MS,
        },
        MINUTE_MS,
      );
    const state = (alarm: MetricAlarm, minute: number) =>
      alarmState(alarm, metrics, { nowMs: minute * MINUTE_MS, minuteMs: MINUTE_MS });
    return { call, state };
  };

  it("sees a failing call one to two minutes later", () => {
    const { call, state } = world();
    call(10.5, { failed: true });

    expect(state(errors(1), 11)).to.equal("OK");
    expect(state(errors(1), 12)).to.equal("ALARM");
  });

  it("of 1 of 1 data points never sees a call that timed out behind newer clean minutes; of 1 of 5 it does", () => {
    const { call, state } = world();
    for (let minute = 0; minute < 20; minute++) call(minute);
    call(10, { minutes: 3, failed: true });

    const minutes = Array.from({ length: 10 }, (_, index) => 11 + index);
    expect(minutes.map((minute) => state(errors(1), minute))).to.not.include("ALARM");
    expect(minutes.map((minute) => state(errors(5), minute))).to.include("ALARM");
  });

  it("does not mix up versions", () => {
    const { call, state } = world();
    call(10, { failed: true, version: "7" });

    expect(state(errors(5), 12)).to.equal("OK");
  });
});
