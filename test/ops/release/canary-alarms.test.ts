import { expect } from "chai";
import type { MetricAlarm } from "@aws-sdk/client-cloudwatch";
import {
  BUSY_CALLS_PER_MINUTE,
  canaryAlarms,
  failsVersion,
  minutesJudged,
  readsTheSame,
} from "../../../ops/release/canary-alarms.ts";
import { alarmState } from "local-aws/emulator/cloudwatch/alarms.ts";
import { type Invocation, recordInvocation } from "local-aws/emulator/cloudwatch/lambda-metrics.ts";
import { Metrics } from "local-aws/emulator/cloudwatch/metrics.ts";
import type { EmfLine } from "../../function/support/emf.ts";
import { context, harness, httpEvent } from "../../function/support/harness.ts";

const NAMESPACE = "ledger-metrics";
const scope = {
  serviceName: "ledger",
  environment: "production",
  functionName: "ledger-function-production",
  aliasName: "live",
  durationAlarmMs: 10_000,
  timeoutSeconds: 30,
  metricsNamespace: NAMESPACE,
};
const alarms = canaryAlarms(scope, "8") as readonly MetricAlarm[];
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

/** What the names of the alarms tell apart. */
const kindOf = ({ AlarmName = "" }: MetricAlarm): string => AlarmName.split("-")[2] ?? "";

/** The alarms that are red at the end of a minute after these calls, spread evenly over the minutes before it. */
function redAfter(calls: readonly Handled[], minutes = 5, of = alarms): string[] {
  const metrics = new Metrics();
  calls.forEach((call, index) => {
    const startedMs = NOW_MS - 1 - (index / calls.length) * minutes * MINUTE_MS;
    recordInvocation(metrics, { ...call, startedMs, endedMs: startedMs }, 0);
    if (call.line) recordLine(metrics, call.line, startedMs);
  });
  return of
    .filter((alarm) => {
      return alarmState(alarm, metrics, { nowMs: NOW_MS, minuteMs: MINUTE_MS }) === "ALARM";
    })
    .map(kindOf);
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
      POWERTOOLS_SERVICE_NAME: scope.serviceName,
      ENVIRONMENT: scope.environment,
      AWS_LAMBDA_FUNCTION_VERSION: version,
    },
  });
  await flow.handler(event, context()).catch(() => {});
  return { ...canaryCall, executedVersion: version, failed, line: flow.metrics()[0] };
}

const ours = (await handled("8", httpEvent({ word: "w" }), false)).line;
const theirs = (await handled("8", httpEvent({ word: 7 }), false)).line;

describe("the alarms of a canary", () => {
  it("read what Lambda really emits, and can fire", () => {
    const broken = { ...canaryCall, failed: true, durationMs: 29_000, line: ours };
    const strict = { ...canaryCall, line: theirs };

    expect(redAfter(times(20, broken).flatMap((call) => [call, strict, strict]))).to.have.members([
      "errors",
      "failures",
      "refusals",
      "duration",
    ]);
  });

  it("are quiet on healthy calls, and without any", () => {
    expect(redAfter(times(500, canaryCall))).to.deep.equal([]);
    expect(redAfter([])).to.deep.equal([]);
  });

  it("fire for the new version alone: one failing call is enough while there are few", () => {
    expect(redAfter([{ ...canaryCall, failed: true }, ...times(20, canaryCall)], 1)).to.deep.equal([
      "errors",
    ]);
  });

  it("see one failing call behind four minutes of good ones", () => {
    expect(redAfter([...times(20, canaryCall), { ...canaryCall, failed: true }])).to.deep.equal([
      "errors",
    ]);
  });

  it("do not blame the new version for another one, nor look at calls past the alias", () => {
    const slow = { ...canaryCall, failed: true, durationMs: 29_000 };
    const others: Partial<Invocation>[] = [
      { executedVersion: "7" },
      { executedVersion: "9" },
      { qualifier: "8", weighted: false },
      { functionName: "other-function-production" },
    ];

    for (const other of others)
      expect(redAfter(times(20, { ...slow, ...other }))).to.deep.equal([]);
  });

  it("sends a version back that fails behind an HTTP front, where Lambda sees no error", () => {
    const failing = { ...canaryCall, line: ours };

    expect(redAfter([failing, ...times(20, canaryCall)], 0.9)).to.deep.equal(["failures"]);
    const few = times(BUSY_CALLS_PER_MINUTE * 2, canaryCall);
    expect(redAfter([...times(2, failing), ...few], 0.9)).to.not.include("failures");
    expect(redAfter([...times(4, failing), ...few], 0.9)).to.include("failures");
  });

  it("sends a version back that refuses what the serving version takes", async () => {
    const old = { ...canaryCall, executedVersion: "7" };
    const refusing = { ...canaryCall, line: theirs };

    // A tenth of the traffic, and of that everything, or a tenth.
    expect(redAfter([...times(2, refusing), ...times(18, old)], 0.9)).to.deep.equal(["refusals"]);
    const busy = [...times(180, canaryCall), ...times(1800, old)];
    expect(redAfter([...times(20, refusing), ...busy], 0.9)).to.include("refusals");
  });

  it("does not blame it for refusals that the serving version has as well, nor for a single one", async () => {
    const old = await handled("7", httpEvent({ word: 7 }), false);
    const refusing = { ...canaryCall, line: theirs };
    const both = [...times(4, refusing), ...times(4, canaryCall), ...times(40, old)];

    expect(redAfter([...both, ...times(40, { ...old, line: undefined })], 0.9)).to.deep.equal([]);
    expect(redAfter([refusing, ...times(19, { ...old, line: undefined })], 0.9)).to.deep.equal([]);
  });

  it("go by the share of failing calls when there are many", () => {
    const few = times(BUSY_CALLS_PER_MINUTE * 2, canaryCall);
    const failing = (count: number) => times(count, { ...canaryCall, failed: true });

    expect(redAfter([...failing(2), ...few], 0.9)).to.not.include("errors");
    expect(redAfter([...failing(4), ...few], 0.9)).to.include("errors");
    expect(failsVersion(200, 2)).to.equal(false);
    expect(failsVersion(200, 4)).to.equal(true);
    expect(failsVersion(99, 1)).to.equal(true);
    expect(failsVersion(99, 0)).to.equal(false);
  });

  it("look back as far as a call can run before it fails", () => {
    expect(minutesJudged(30)).to.equal(5);
    expect(minutesJudged(900)).to.equal(17);
    const [errors] = canaryAlarms({ ...scope, timeoutSeconds: 900 }, "8");
    expect(errors).to.deep.include({ EvaluationPeriods: 17, DatapointsToAlarm: 1 });
  });

  it("are those of exactly one version, and a change of what they read is noticed", () => {
    const others = canaryAlarms(scope, "9");
    alarms.forEach((alarm, index) => {
      const made = canaryAlarms(scope, "8")[index] ?? { AlarmName: "none" };
      expect(readsTheSame(alarm, made)).to.equal(true);
      expect(readsTheSame(others[index] ?? {}, alarm)).to.equal(false);
      expect(readsTheSame({}, alarm)).to.equal(false);
    });
  });
});
