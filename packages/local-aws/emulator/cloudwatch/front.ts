/** CloudWatch's own part of the account: takes metrics, judges alarms by them, tells topics, answers for both. */
import {
  type CloudWatchClient,
  type CompositeAlarm,
  type MetricAlarm,
  type MetricDatum,
  type PutCompositeAlarmInput,
  type PutMetricAlarmInput,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import { type Answer, AwsError, type Call, type Forward, withJson } from "../http.ts";
import { type AccountLocation, AlarmBook, type Outcome } from "./alarm-book.ts";
import type { AlarmState } from "./evaluation.ts";
import { type Invocation, recordInvocation } from "./lambda-metrics.ts";
import { metricData, type MetricDataRequest } from "./metric-data.ts";
import { type Metric, Metrics } from "./metrics.ts";
import { type Action, publish, type PublisherOptions } from "./publisher.ts";

/** Where one account of the emulator is. */
export interface AwsAddress {
  /** The emulator's URL. */
  readonly upstream: string;
  /** Twelve digits. */
  readonly accountId: string;
  readonly region: string;
}

export interface CloudWatchOptions extends AccountLocation, PublisherOptions {
  readonly cloudWatch: CloudWatchClient;
  readonly minuteMs: number;
  /** The time of the local cloud, milliseconds since 1970. */
  readonly nowMs: () => number;
  /** Sends a call on to the emulator. */
  readonly forward: Forward;
  /** Takes the metrics out of what has been logged since; asked before anything is read or judged. */
  readonly collect: () => Promise<void>;
}

/**
 * Minutes after a value came to be until it can be read. A real canary whose errors began at 12:04:30 had its alarm
 * red at 12:05:21.
 */
const DELIVERY_MINUTES = 1;

export class FrontCloudWatch {
  readonly #options: CloudWatchOptions;
  readonly #metrics = new Metrics();
  readonly #book: AlarmBook;
  readonly #actions: (Action & { readonly atMs: number })[] = [];
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: CloudWatchOptions) {
    this.#options = options;
    this.#book = new AlarmBook({ ...options, metrics: this.#metrics });
    this.#judgeAtNextMinute();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Counts an invocation. Nobody sees it before it is delivered. */
  count(invocation: Invocation): void {
    recordInvocation(this.#metrics, invocation, this.#deliveryMs);
  }

  /** Takes a value that came to be at `knownMs` and is stamped with `atMs`. Nobody sees it before it is delivered. */
  record(metric: Metric, value: number, atMs: number, knownMs = this.#options.nowMs()): void {
    this.#metrics.record(metric, { atMs, deliveredMs: knownMs + this.#deliveryMs, value });
  }

  get #deliveryMs(): number {
    return DELIVERY_MINUTES * this.#options.minuteMs;
  }

  /** Answers for metrics and alarms; everything else is not its business. */
  async answer(call: Call): Promise<Answer | undefined> {
    if (call.service !== "monitoring") return undefined;
    switch (call.operation) {
      case "PutMetricAlarm":
        return this.#put(call, () =>
          this.#book.putMetricAlarm(
            call.json() as unknown as PutMetricAlarmInput,
            this.#options.nowMs(),
          ),
        );
      case "PutCompositeAlarm":
        return this.#put(call, () =>
          this.#book.putCompositeAlarm(
            call.json() as unknown as PutCompositeAlarmInput,
            this.#options.nowMs(),
          ),
        );
      case "DeleteAlarms":
        return this.#delete(call);
      case "SetAlarmState":
        return this.#set(call);
      case "DescribeAlarms":
        return this.#describe(call);
      case "DescribeAlarmHistory":
        return this.#history(call);
      case "PutMetricData":
        return this.#take(call);
      case "GetMetricData":
        await this.#options.collect();
        return {
          status: 200,
          body: metricData(call.json() as unknown as MetricDataRequest, this.#metrics, {
            nowMs: this.#options.nowMs(),
            minuteMs: this.#options.minuteMs,
          }),
        };
      case "ListMetrics":
        await this.#options.collect();
        return this.#listMetrics(call);
      default:
        return undefined;
    }
  }

  /**
   * The emulator keeps it, too, but judges nothing and takes no action: it would judge without regard to dimensions,
   * publish past every policy, and knows no suppressor.
   */
  async #put(call: Call, put: () => void): Promise<Answer> {
    const mute = { ...call.json(), MetricName: undefined, ActionsEnabled: false };
    const answer = await this.#options.forward(withJson(call, mute));
    if (answer.status !== 200) return answer;
    try {
      put();
    } catch (error) {
      throw new AwsError(400, "ValidationError", error instanceof Error ? error.message : "");
    }
    return answer;
  }

  async #delete(call: Call): Promise<Answer> {
    const answer = await this.#options.forward(call);
    const names = (call.json()["AlarmNames"] ?? []) as readonly string[];
    if (answer.status === 200) for (const name of names) this.#book.delete(name);
    return answer;
  }

  async #set(call: Call): Promise<Answer> {
    const answer = await this.#options.forward(call);
    const {
      AlarmName = "",
      StateValue,
      StateReason = "",
    } = call.json() as {
      readonly AlarmName?: string;
      readonly StateValue?: AlarmState;
      readonly StateReason?: string;
    };
    if (answer.status === 200 && StateValue) {
      const { nowMs } = this.#options;
      await this.#follow(this.#book.set(AlarmName, StateValue, StateReason, nowMs()));
    }
    return answer;
  }

  /** The emulator's answer, with what it has forgotten, or was not given. */
  async #describe(call: Call): Promise<Answer> {
    const answer = await this.#options.forward(call);
    if (answer.status !== 200) return answer;
    const body = JSON.parse(Buffer.from(answer.body as Uint8Array).toString()) as {
      readonly MetricAlarms?: readonly MetricAlarm[];
      readonly CompositeAlarms?: readonly CompositeAlarm[];
    };
    const whole = <Alarm extends MetricAlarm | CompositeAlarm>(alarm: Alarm): Alarm => {
      const put = this.#book.put(alarm.AlarmName ?? "");
      const { Tags: _tags, ...kept } = (put ?? {}) as { readonly Tags?: unknown };
      return put ? { ...alarm, ...kept, ActionsEnabled: put.ActionsEnabled ?? true } : alarm;
    };
    return {
      status: 200,
      body: {
        ...body,
        MetricAlarms: (body.MetricAlarms ?? []).map(whole),
        CompositeAlarms: (body.CompositeAlarms ?? []).map(whole),
      },
    };
  }

  /** What became of an alarm's actions; the rest is the emulator's. */
  async #history(call: Call): Promise<Answer | undefined> {
    const { AlarmName, HistoryItemType } = call.json();
    if (HistoryItemType !== "Action") return undefined;
    const items = this.#actions
      .filter(({ alarmName }) => AlarmName === undefined || alarmName === AlarmName)
      .map(({ alarmName, summary, atMs }) => ({
        AlarmName: alarmName,
        HistoryItemType: "Action",
        HistorySummary: summary,
        Timestamp: atMs / 1000,
      }));
    return { status: 200, body: { AlarmHistoryItems: items.toReversed() } };
  }

  /** What callers measure themselves. */
  async #take(call: Call): Promise<Answer> {
    const answer = await this.#options.forward(call);
    if (answer.status !== 200) return answer;
    const { Namespace = "", MetricData = [] } = call.json() as {
      readonly Namespace?: string;
      readonly MetricData?: readonly MetricDatum[];
    };
    const knownMs = this.#options.nowMs();
    for (const datum of MetricData) {
      const metric = {
        namespace: Namespace,
        metricName: datum.MetricName ?? "",
        dimensions: Object.fromEntries(
          (datum.Dimensions ?? []).map(({ Name = "", Value = "" }) => [Name, Value]),
        ),
      };
      // JSON carries times as seconds since 1970.
      const atMs = datum.Timestamp === undefined ? knownMs : Number(datum.Timestamp) * 1000;
      for (const value of valuesOf(datum)) this.record(metric, value, atMs, knownMs);
    }
    return answer;
  }

  #listMetrics(call: Call): Answer {
    const input = call.json() as {
      readonly Namespace?: string;
      readonly MetricName?: string;
      readonly Dimensions?: readonly { readonly Name: string; readonly Value?: string }[];
    };
    const found = this.#metrics
      .list(this.#options.nowMs())
      .filter(({ namespace, metricName, dimensions }) => {
        if (input.Namespace !== undefined && input.Namespace !== namespace) return false;
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
    await this.#options.collect();
    if (this.#stopped) return;
    await this.#follow(this.#book.judge(this.#options.nowMs()));
  }

  /** Has the emulator say the same, and tells whoever is to know. */
  async #follow({ changes, due }: Outcome): Promise<void> {
    for (const { alarmName, state, reason } of changes) {
      const command = new SetAlarmStateCommand({
        AlarmName: alarmName,
        StateValue: state,
        StateReason: reason.slice(0, LONGEST_REASON),
      });
      // Gone meanwhile, or the emulator is: nobody reads it any more.
      await this.#options.cloudWatch.send(command).catch(() => undefined);
    }
    for (const notification of due) {
      const atMs = this.#options.nowMs();
      const actions = await publish(notification, this.#options);
      this.#actions.push(...actions.map((action) => ({ ...action, atMs })));
    }
  }
}

/** API reference, SetAlarmState. */
const LONGEST_REASON = 1023;

/** Values with how often each was measured, one value, or what sums many up as the fewest values with the same sum. */
function valuesOf({ Value, Values, Counts = [], StatisticValues }: MetricDatum): readonly number[] {
  if (Values !== undefined) {
    return Values.flatMap((value, index) => Array<number>(Counts[index] ?? 1).fill(value));
  }
  if (StatisticValues) {
    const { Sum = 0, SampleCount = 1, Minimum = 0, Maximum = 0 } = StatisticValues;
    if (SampleCount < 3) return SampleCount === 1 ? [Sum] : [Minimum, Maximum];
    const others = (Sum - Minimum - Maximum) / (SampleCount - 2);
    return [Minimum, ...Array<number>(SampleCount - 2).fill(others), Maximum];
  }
  return Value === undefined ? [] : [Value];
}
