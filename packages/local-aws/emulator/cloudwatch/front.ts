/** CloudWatch's own part of a canary: counts invocations, judges alarms by them, answers for their metrics. */
import {
  type CloudWatchClient,
  type MetricAlarm,
  type MetricDataQuery,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import type { Answer, Call, Forward } from "../http.ts";
import { alarmState, mathValue, metricValue } from "./alarms.ts";
import type { AlarmState } from "./evaluation.ts";
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

export interface CloudWatchOptions {
  readonly minuteMs: number;
  /** The time of the local cloud, milliseconds since 1970. */
  readonly nowMs: () => number;
  /** Sends a call on to the emulator. */
  readonly forward: Forward;
}

/**
 * Minutes after the end of an invocation until its data points can be read. A real canary whose errors began
 * at 12:04:30 had its alarm red at 12:05:21.
 */
const DELIVERY_MINUTES = 1;

/**
 * Data points an answer of GetMetricData. AWS's own limit is 100,800 (API reference, MaxDatapoints); here
 * callers meet a second page early.
 */
const PAGE_DATAPOINTS = 20;

interface KnownAlarm {
  readonly alarm: MetricAlarm;
  state: AlarmState;
}

export class FrontCloudWatch {
  readonly #cloudWatch: CloudWatchClient;
  readonly #options: CloudWatchOptions;
  readonly #metrics = new Metrics();
  /** Alarms on Lambda's metrics by name, as they were put: the emulator takes math and forgets it. */
  readonly #alarms = new Map<string, KnownAlarm>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(cloudWatch: CloudWatchClient, options: CloudWatchOptions) {
    this.#cloudWatch = cloudWatch;
    this.#options = options;
    this.#judgeAtNextMinute();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Counts an invocation. Nobody sees it before it is delivered. */
  count(invocation: Invocation): void {
    recordInvocation(this.#metrics, invocation, DELIVERY_MINUTES * this.#options.minuteMs);
  }

  /** Answers for Lambda's metrics and for alarms on them; everything else is not its business. */
  async answer(call: Call): Promise<Answer | undefined> {
    if (call.service !== "monitoring") return undefined;
    switch (call.operation) {
      case "PutMetricAlarm":
        return this.#put(call);
      case "DeleteAlarms":
        for (const name of (call.json()["AlarmNames"] ?? []) as string[]) this.#alarms.delete(name);
        return undefined;
      case "SetAlarmState":
        return this.#set(call);
      case "DescribeAlarms":
        return this.#describe(call);
      case "GetMetricData":
        return this.#metricData(call);
      case "ListMetrics":
        return this.#listMetrics(call);
      default:
        return undefined;
    }
  }

  async #put(call: Call): Promise<Answer> {
    const alarm = call.json() as MetricAlarm;
    const answer = await this.#options.forward(call);
    if (answer.status === 200 && readsLambda(alarm)) {
      // A new alarm knows nothing; one that is changed keeps its state until it is evaluated again
      // (CloudWatch API reference, PutMetricAlarm).
      const state = this.#alarms.get(alarm.AlarmName ?? "")?.state ?? "INSUFFICIENT_DATA";
      this.#alarms.set(alarm.AlarmName ?? "", { alarm, state });
    }
    return answer;
  }

  /** A state that is set by hand lasts until the next evaluation (API reference, SetAlarmState). */
  #set(call: Call): undefined {
    const { AlarmName, StateValue } = call.json() as MetricAlarm;
    const known = this.#alarms.get(AlarmName ?? "");
    if (known && StateValue) known.state = StateValue;
  }

  /** The emulator's answer, with the math that it has forgotten. */
  async #describe(call: Call): Promise<Answer> {
    const answer = await this.#options.forward(call);
    if (answer.status !== 200) return answer;
    const body = JSON.parse(Buffer.from(answer.body as Uint8Array).toString()) as {
      readonly MetricAlarms?: readonly MetricAlarm[];
    };
    const alarms = (body.MetricAlarms ?? []).map((alarm) => {
      const { Metrics: queries } = this.#alarms.get(alarm.AlarmName ?? "")?.alarm ?? {};
      return queries ? { ...alarm, Metrics: queries } : alarm;
    });
    return { status: 200, body: { ...body, MetricAlarms: alarms } };
  }

  /** One point a period, newest first, in pages. */
  #metricData(call: Call): Answer | undefined {
    const {
      MetricDataQueries: queries,
      StartTime,
      EndTime,
      NextToken,
    } = call.json() as unknown as {
      readonly MetricDataQueries: readonly MetricDataQuery[];
      readonly StartTime: number;
      readonly EndTime: number;
      readonly NextToken?: string;
    };
    const reads = (namespace: string | undefined) =>
      namespace === undefined || namespace === LAMBDA;
    if (!queries.every(({ MetricStat }) => reads(MetricStat?.Metric?.Namespace))) return undefined;
    const from = Number(NextToken ?? 0);
    const points = queries
      .filter(({ ReturnData }) => ReturnData !== false)
      .flatMap((query) => this.#points(query, queries, StartTime * 1000, EndTime * 1000));
    const page = points.slice(from, from + PAGE_DATAPOINTS);
    const more = from + PAGE_DATAPOINTS < points.length;
    const results = queries
      .filter(({ ReturnData }) => ReturnData !== false)
      .map(({ Id, Label }) => {
        const own = page.filter((point) => point.id === Id);
        return {
          Id,
          Label: Label ?? Id,
          StatusCode: more ? "PartialData" : "Complete",
          Timestamps: own.map(({ atMs }) => atMs / 1000),
          Values: own.map(({ value }) => value),
        };
      });
    const next = more ? { NextToken: String(from + PAGE_DATAPOINTS) } : {};
    return { status: 200, body: { MetricDataResults: results, Messages: [], ...next } };
  }

  #points(
    query: MetricDataQuery,
    queries: readonly MetricDataQuery[],
    startMs: number,
    endMs: number,
  ): { id: string | undefined; atMs: number; value: number }[] {
    const { minuteMs, nowMs } = this.#options;
    const seenAtMs = nowMs();
    const seconds = queries.map(({ MetricStat, Period }) => Period ?? MetricStat?.Period ?? 60);
    const periodMs = (Math.max(...seconds) / 60) * minuteMs;
    const points = [];
    const first = Math.floor(startMs / periodMs) * periodMs;
    for (let fromMs = first; fromMs < Math.min(endMs, seenAtMs); fromMs += periodMs) {
      const span = { fromMs, toMs: fromMs + periodMs, seenAtMs };
      const value = query.Expression
        ? mathValue([{ ...query, ReturnData: true }, ...queries], this.#metrics, span)
        : metricValue(query, this.#metrics, span);
      if (value !== undefined) points.push({ id: query.Id, atMs: fromMs, value });
    }
    return points.toReversed();
  }

  #listMetrics(call: Call): Answer | undefined {
    const input = call.json() as {
      readonly Namespace?: string;
      readonly MetricName?: string;
      readonly Dimensions?: readonly { readonly Name: string; readonly Value?: string }[];
    };
    if (input.Namespace !== LAMBDA) return undefined;
    const found = this.#metrics.list(this.#options.nowMs()).filter(({ metricName, dimensions }) => {
      if (input.MetricName !== undefined && input.MetricName !== metricName) return false;
      return (input.Dimensions ?? []).every(({ Name, Value }) =>
        Value === undefined ? Name in dimensions : dimensions[Name] === Value,
      );
    });
    const metrics = found.map(({ namespace, metricName, dimensions }) => ({
      Namespace: namespace,
      MetricName: metricName,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    }));
    return { status: 200, body: { Metrics: metrics } };
  }

  /** Alarms are evaluated once a minute (CloudWatch user guide, "Evaluating an alarm"). */
  #judgeAtNextMinute(): void {
    if (this.#stopped) return;
    const { minuteMs, nowMs } = this.#options;
    const untilNextMs = minuteMs - (nowMs() % minuteMs);
    this.#timer = setTimeout(() => {
      void this.#judge().finally(() => this.#judgeAtNextMinute());
    }, untilNextMs);
    this.#timer.unref();
  }

  async #judge(): Promise<void> {
    const { minuteMs, nowMs } = this.#options;
    const moment = { nowMs: nowMs(), minuteMs };
    for (const [name, known] of this.#alarms) {
      const state = alarmState(known.alarm, this.#metrics, moment, known.state);
      if (state === known.state) continue;
      known.state = state;
      const command = new SetAlarmStateCommand({
        AlarmName: name,
        StateValue: state,
        StateReason: "Evaluated by the local cloud",
      });
      // Gone meanwhile, or the emulator is: nobody reads it any more.
      await this.#cloudWatch.send(command).catch(() => undefined);
    }
  }
}

const LAMBDA = "AWS/Lambda";

const readsLambda = ({ Namespace, Metrics: queries = [] }: MetricAlarm): boolean =>
  Namespace === LAMBDA ||
  queries.some(({ MetricStat }) => MetricStat?.Metric?.Namespace === LAMBDA);
