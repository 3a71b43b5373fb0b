/** CloudWatch's own part of a canary: counts invocations, judges alarms by them, answers GetMetricData. */
import {
  type CloudWatchClient,
  type MetricAlarm,
  type MetricDataQuery,
  paginateDescribeAlarms,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import type { Answer, Call } from "../http.ts";
import { alarmState, mathValue, metricValue } from "./alarms.ts";
import { type Invocation, recordInvocation } from "./lambda-metrics.ts";
import { Metrics } from "./metrics.ts";

/** Where one account of the emulator is. */
export interface AwsAddress {
  /** The emulator's URL. */
  readonly upstream: string;
  /** Twelve digits. */
  readonly accountId: string;
  readonly region: string;
}

export class FrontCloudWatch {
  readonly #cloudWatch: CloudWatchClient;
  readonly #minuteMs: number;
  readonly #metrics = new Metrics();
  /** Math of alarms by name: the emulator takes it and forgets it. */
  readonly #math = new Map<string, MetricDataQuery[]>();
  readonly #timer: NodeJS.Timeout;
  #judging: Promise<void> = Promise.resolve();

  constructor(cloudWatch: CloudWatchClient, minuteMs: number) {
    this.#cloudWatch = cloudWatch;
    this.#minuteMs = minuteMs;
    // Alarms turn green again without any call: that takes a clock.
    this.#timer = setInterval(() => void this.#judge(), Math.max(50, minuteMs / 6));
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Counts an invocation; alarms that it turns red are red when this resolves. */
  async count(invocation: Invocation): Promise<void> {
    recordInvocation(this.#metrics, invocation);
    if (invocation.failed || invocation.throttled) await this.#judge();
  }

  /** Answers GetMetricData on Lambda's metrics; everything else is not its business. */
  answer(call: Call): Answer | undefined {
    if (call.operation === "PutMetricAlarm") this.#remember(call);
    if (call.operation !== "GetMetricData") return undefined;
    const { MetricDataQueries, StartTime, EndTime } = call.json() as unknown as {
      readonly MetricDataQueries: readonly MetricDataQuery[];
      readonly StartTime: number;
      readonly EndTime: number;
    };
    const reads = (namespace: string | undefined) =>
      namespace === undefined || namespace === LAMBDA;
    if (!MetricDataQueries.every(({ MetricStat }) => reads(MetricStat?.Metric?.Namespace))) {
      return undefined;
    }
    const [fromMs, toMs] = [StartTime * 1000, EndTime * 1000];
    const results = MetricDataQueries.filter(({ ReturnData }) => ReturnData !== false).map(
      (query) => {
        const value = query.Expression
          ? mathValue(
              [{ ...query, ReturnData: true }, ...MetricDataQueries],
              this.#metrics,
              fromMs,
              toMs,
            )
          : metricValue(query, this.#metrics, fromMs, toMs);
        const points = value === undefined ? [] : [value];
        return {
          Id: query.Id,
          Label: query.Label ?? query.Id,
          StatusCode: "Complete",
          // One point for the whole time asked for, whatever its period: minutes may be shorter here.
          Timestamps: points.map(() => StartTime),
          Values: points,
        };
      },
    );
    return { status: 200, body: { MetricDataResults: results, Messages: [] } };
  }

  #remember(call: Call): void {
    const { AlarmName = "", Metrics: queries = [] } = call.json() as MetricAlarm;
    this.#math.set(AlarmName, queries);
  }

  /** One look at all alarms at a time; a call that comes during one waits for the next. */
  #judge(): Promise<void> {
    this.#judging = this.#judging.then(() => this.#judgeNow());
    return this.#judging;
  }

  async #judgeNow(): Promise<void> {
    try {
      for await (const { MetricAlarms = [] } of paginateDescribeAlarms(
        { client: this.#cloudWatch },
        { AlarmTypes: ["MetricAlarm"] },
      )) {
        for (const known of MetricAlarms) {
          const alarm = { ...known, Metrics: this.#math.get(known.AlarmName ?? "") };
          if (readsLambda(alarm)) await this.#setState(alarm);
        }
      }
    } catch {
      // The emulator is going away; nobody reads alarms any more.
    }
  }

  async #setState(alarm: MetricAlarm): Promise<void> {
    const { AlarmName, StateValue, StateReason } = alarm;
    // A state that somebody set by hand stays until they take it back.
    if (StateReason !== undefined && StateReason !== OWN_REASON && StateValue === "ALARM") return;
    const state = alarmState(alarm, this.#metrics, { nowMs: Date.now(), minuteMs: this.#minuteMs });
    if (state === StateValue) return;
    await this.#cloudWatch.send(
      new SetAlarmStateCommand({ AlarmName, StateValue: state, StateReason: OWN_REASON }),
    );
  }
}

const LAMBDA = "AWS/Lambda";
const OWN_REASON = "Judged by the local cloud";

const readsLambda = ({ Namespace, Metrics = [] }: MetricAlarm): boolean =>
  Namespace === LAMBDA ||
  Metrics.some(({ MetricStat }) => MetricStat?.Metric?.Namespace === LAMBDA);
