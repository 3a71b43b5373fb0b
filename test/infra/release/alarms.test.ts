import { expect } from "chai";
import type { MetricAlarm } from "@aws-sdk/client-cloudwatch";
import { functionAlarms, refusalAlarms } from "../../../infra/observability/alarms.ts";
import { BUSY_CALLS_PER_MINUTE, canaryAlarms } from "../../../infra/release/alarms.ts";
import { alarmState } from "local-aws/emulator/cloudwatch/alarms.ts";
import { type Invocation, recordInvocation } from "local-aws/emulator/cloudwatch/lambda-metrics.ts";
import { Metrics } from "local-aws/emulator/cloudwatch/metrics.ts";
import { alarmInput } from "local-aws/cloud/types/observability.ts";
import { context, harness, httpEvent } from "../../function/support/harness.ts";
import type { EmfLine } from "../../function/support/emf.ts";
import { testSettings } from "../../support/settings.ts";

const NAMESPACE = "ledger-metrics";
const settings = testSettings({ environment: "production" });
const alarms = Object.fromEntries(
  Object.entries({
    ...functionAlarms(settings, NAMESPACE),
    ...refusalAlarms(settings, NAMESPACE),
    ...canaryAlarms(settings, "8", NAMESPACE),
  }).map(([metric, alarm]) => [metric, alarmInput({ name: metric, ...alarm }) as MetricAlarm]),
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

/** A call with the line of metrics that the handler wrote, as CloudWatch reads it. */
interface Handled extends Invocation {
  readonly line?: EmfLine | undefined;
}

/** Stores a line under each of its sets of dimensions ("Embedded metric format specification"). */
function recordLine(metrics: Metrics, line: EmfLine, atMs: number): void {
  for (const { Namespace: namespace, Dimensions, Metrics: of } of line._aws.CloudWatchMetrics) {
    for (const set of Dimensions) {
      const dimensions = Object.fromEntries(set.map((name) => [name, String(line[name])]));
      for (const { Name: metricName } of of) {
        const value = Number(line[metricName]);
        metrics.record({ namespace, metricName, dimensions }, { atMs, deliveredMs: atMs, value });
      }
    }
  }
}

/** The names of the alarms that are red after these calls, spread evenly over the last quarter of an hour. */
function redAfter(calls: readonly Handled[], minutes = 15): string[] {
  const metrics = new Metrics();
  calls.forEach((call, index) => {
    const ageMs = (index / calls.length) * minutes * MINUTE_MS;
    const startedMs = NOW_MS - ageMs - 1;
    recordInvocation(metrics, { ...call, startedMs }, 0);
    if (call.line) recordLine(metrics, call.line, startedMs);
  });
  return Object.entries(alarms)
    .filter(([, alarm]) => {
      return alarmState(alarm, metrics, { nowMs: NOW_MS, minuteMs: MINUTE_MS }) === "ALARM";
    })
    .map(([metric]) => metric);
}

const times = (count: number, call: Handled): Handled[] =>
  Array.from({ length: count }, () => call);

/** The handler itself, as version `version`; what it writes is what the alarms read. */
async function handled(version: string, event: unknown, failed: boolean): Promise<Handled> {
  const flow = harness({
    outside: () => {
      throw new Error("broken");
    },
    variables: {
      POWERTOOLS_METRICS_NAMESPACE: NAMESPACE,
      POWERTOOLS_SERVICE_NAME: settings.serviceName,
      ENVIRONMENT: settings.environment,
      AWS_LAMBDA_FUNCTION_VERSION: version,
    },
  });
  await flow.handler(event, context()).catch(() => {});
  return { ...canaryCall, executedVersion: version, failed, line: flow.metrics()[0] };
}

const ours = (await handled("8", httpEvent({ word: "w" }), false)).line;
const theirs = (await handled("8", httpEvent({ word: 7 }), false)).line;

describe("every alarm that judges a release", () => {
  it("reads what Lambda really emits, and can fire", () => {
    const broken = { ...canaryCall, failed: true, durationMs: 29_000, line: ours };
    const strict = { ...canaryCall, line: theirs };
    const throttled = { ...canaryCall, throttled: true };

    const perMinute = settings.throttleAlarmThreshold;
    const red = redAfter(
      times(15 * perMinute, broken).flatMap((call) => [call, strict, strict, throttled]),
    );

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

  it("sends a version back that fails behind an HTTP front, where Lambda sees no error", () => {
    const failing = { ...canaryCall, line: ours };

    expect(redAfter([failing, ...times(20, canaryCall)], 0.9)).to.deep.equal(["canary-failures"]);
    const few = times(BUSY_CALLS_PER_MINUTE * 2, canaryCall);
    expect(redAfter([...times(2, failing), ...few], 0.9)).to.not.include("canary-failures");
    expect(redAfter([...times(4, failing), ...few], 0.9)).to.include("canary-failures");
  });

  it("sends a version back that refuses what the serving version takes", async () => {
    const old = { ...canaryCall, executedVersion: "7" };
    const refusing = { ...canaryCall, line: theirs };

    // A tenth of the traffic, and of that everything, or a tenth.
    expect(redAfter([...times(2, refusing), ...times(18, old)], 0.9)).to.deep.equal([
      "canary-refusals",
    ]);
    const busy = [...times(180, canaryCall), ...times(1800, old)];
    expect(redAfter([...times(20, refusing), ...busy], 0.9)).to.include("canary-refusals");
  });

  it("does not blame it for refusals that the serving version has as well, nor for a single one", async () => {
    const old = await handled("7", httpEvent({ word: 7 }), false);
    const refusing = { ...canaryCall, line: theirs };
    const both = [...times(4, refusing), ...times(4, canaryCall), ...times(40, old)];

    expect(redAfter([...both, ...times(40, { ...old, line: undefined })], 0.9)).to.deep.equal([]);
    expect(redAfter([refusing, ...times(19, { ...old, line: undefined })], 0.9)).to.deep.equal([]);
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
