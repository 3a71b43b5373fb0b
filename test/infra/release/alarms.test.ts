import { expect } from "chai";
import type { MetricAlarm } from "@aws-sdk/client-cloudwatch";
import { BUSY_CALLS_PER_MINUTE, canaryAlarms } from "../../../infra/release/alarms.ts";
import { alarmState } from "local-aws/emulator/cloudwatch/alarms.ts";
import { type Invocation, recordInvocation } from "local-aws/emulator/cloudwatch/lambda-metrics.ts";
import { Metrics } from "local-aws/emulator/cloudwatch/metrics.ts";
import { alarmInput } from "local-aws/cloud/types/observability.ts";
import { testSettings } from "../../support/settings.ts";

const settings = testSettings({ environment: "production" });
const alarms = Object.fromEntries(
  Object.entries(canaryAlarms(settings, "8")).map(([metric, alarm]) => [
    metric,
    alarmInput({ name: metric, ...alarm }) as MetricAlarm,
  ]),
);
const MINUTE_MS = 60_000;
const NOW_MS = 100 * MINUTE_MS;

/** A call through the alias during a canary, answered by the new version. */
const canaryCall: Invocation = {
  functionName: "ledger-function-production",
  qualifier: "live",
  executedVersion: "8",
  weighted: true,
  failed: false,
  throttled: false,
  startedMs: 0,
  endedMs: 0,
  durationMs: 20,
};

/** The names of the alarms that are red after these calls, spread evenly over the last quarter of an hour. */
function redAfter(calls: readonly Invocation[], minutes = 15): string[] {
  const metrics = new Metrics();
  calls.forEach((call, index) => {
    const ageMs = (index / calls.length) * minutes * MINUTE_MS;
    recordInvocation(metrics, { ...call, startedMs: NOW_MS - ageMs - 1 }, 0);
  });
  return Object.entries(alarms)
    .filter(([, alarm]) => {
      return alarmState(alarm, metrics, { nowMs: NOW_MS, minuteMs: MINUTE_MS }) === "ALARM";
    })
    .map(([metric]) => metric);
}

const times = (count: number, call: Invocation): Invocation[] =>
  Array.from({ length: count }, () => call);

describe("every alarm that judges a release", () => {
  it("reads what Lambda really emits, and can fire", () => {
    const broken = { ...canaryCall, failed: true, durationMs: 29_000 };
    const throttled = { ...canaryCall, throttled: true };

    const perMinute = settings.throttleAlarmThreshold;
    const red = redAfter(times(15 * perMinute, broken).flatMap((call) => [call, throttled]));

    expect(red).to.have.members(Object.keys(alarms));
  });

  it("is quiet on healthy calls, and without any", () => {
    expect(redAfter(times(500, canaryCall))).to.deep.equal([]);
    expect(redAfter([])).to.deep.equal([]);
  });

  it("fires for the new version alone: one failing call is enough while there are few", () => {
    expect(redAfter([{ ...canaryCall, failed: true }, ...times(20, canaryCall)], 1)).to.deep.equal([
      "canary-errors",
    ]);
  });

  it("does not blame the new version for the old one", () => {
    const old = { ...canaryCall, executedVersion: "7", failed: true, durationMs: 29_000 };

    expect(redAfter(times(20, old)))
      .to.include("errors")
      .and.not.include("canary-errors");
    expect(redAfter(times(20, old))).to.not.include("canary-duration");
  });

  it("does not look at calls past the alias", () => {
    const direct = { ...canaryCall, qualifier: "8", weighted: false, failed: true };

    expect(redAfter(times(20, direct))).to.deep.equal([]);
  });

  it("goes by the share of failing calls when there are many", () => {
    const few = times(BUSY_CALLS_PER_MINUTE * 2, canaryCall);
    const failing = (count: number) => times(count, { ...canaryCall, failed: true });

    expect(redAfter([...failing(2), ...few], 0.9)).to.not.include("canary-errors");
    expect(redAfter([...failing(4), ...few], 0.9)).to.include("canary-errors");
  });
});
