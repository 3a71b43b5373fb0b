/**
 * The alarms of the account: judged once a minute by the metrics in exactly their dimensions, and their actions taken
 * when their state changes. Composite alarms follow their alarms at once.
 */
import type {
  MetricAlarm,
  PutCompositeAlarmInput,
  PutMetricAlarmInput,
} from "@aws-sdk/client-cloudwatch";
import { alarmState, datapointsOf } from "./alarms.ts";
import { ActionSuppressor, alarmsOf, ruleHolds } from "./composite.ts";
import type { AlarmState } from "./evaluation.ts";
import type { Metrics } from "./metrics.ts";
import {
  alarmArnOf,
  type Child,
  compositeAlarmMessage,
  metricAlarmMessage,
  type Notification,
} from "./notification.ts";
import { changeReason, compositeReason } from "./reason.ts";

/** Where the account is. */
export interface AccountLocation {
  readonly partition: string;
  readonly region: string;
  /** Twelve digits. */
  readonly accountId: string;
}

/** What follows from a change of state. */
export interface Change {
  readonly alarmName: string;
  readonly state: AlarmState;
  readonly reason: string;
}

/** A notification, and the topics that it is for. */
export interface Due extends Notification {
  readonly alarmName: string;
  readonly topicArns: readonly string[];
}

/** What one evaluation comes to. */
export interface Outcome {
  readonly changes: readonly Change[];
  readonly due: readonly Due[];
}

interface Known {
  state: AlarmState;
  changedMs: number;
  /** When it was last put. */
  configuredMs: number;
}

interface KnownMetricAlarm extends Known {
  readonly alarm: PutMetricAlarmInput;
  readonly createdMs: number;
}

interface KnownComposite extends Known {
  readonly alarm: PutCompositeAlarmInput;
  readonly suppressor: ActionSuppressor;
  /** What its message will say once it may be sent. */
  pending: { readonly from: AlarmState; readonly reason: string; readonly children: Child[] };
}

export interface AlarmBookOptions extends AccountLocation {
  readonly minuteMs: number;
  readonly metrics: Metrics;
}

export class AlarmBook {
  readonly #options: AlarmBookOptions;
  /** As they were put. */
  readonly #alarms = new Map<string, KnownMetricAlarm>();
  readonly #composites = new Map<string, KnownComposite>();

  constructor(options: AlarmBookOptions) {
    this.#options = options;
  }

  /** The alarm as it was put. */
  put(name: string): PutMetricAlarmInput | PutCompositeAlarmInput | undefined {
    return (this.#alarms.get(name) ?? this.#composites.get(name))?.alarm;
  }

  /**
   * A new alarm knows nothing; one that is changed keeps its state until it is evaluated again (CloudWatch API
   * reference, PutMetricAlarm).
   */
  putMetricAlarm(alarm: PutMetricAlarmInput, nowMs: number): void {
    const before = this.#alarms.get(alarm.AlarmName ?? "");
    this.#alarms.set(alarm.AlarmName ?? "", {
      state: before?.state ?? "INSUFFICIENT_DATA",
      changedMs: before?.changedMs ?? nowMs,
      createdMs: before?.createdMs ?? nowMs,
      configuredMs: nowMs,
      alarm,
    });
  }

  /** Throws for a rule that nobody can read. */
  putCompositeAlarm(alarm: PutCompositeAlarmInput, nowMs: number): void {
    alarmsOf(alarm.AlarmRule ?? "");
    const before = this.#composites.get(alarm.AlarmName ?? "");
    this.#composites.set(alarm.AlarmName ?? "", {
      state: before?.state ?? "INSUFFICIENT_DATA",
      changedMs: before?.changedMs ?? nowMs,
      configuredMs: nowMs,
      alarm,
      suppressor: before?.suppressor ?? new ActionSuppressor(this.#suppressionOf(alarm)),
      pending: before?.pending ?? { from: "INSUFFICIENT_DATA", reason: "", children: [] },
    });
  }

  delete(name: string): void {
    this.#alarms.delete(name);
    this.#composites.delete(name);
  }

  /** A state that is set by hand lasts until the next evaluation (API reference, SetAlarmState), and has its actions. */
  set(name: string, state: AlarmState, reason: string, nowMs: number): Outcome {
    const known = this.#alarms.get(name);
    if (!known || known.state === state) return { changes: [], due: [] };
    const own = this.#changed(known, state, reason, nowMs);
    const above = this.#composed(nowMs);
    // The caller's own change is the emulator's already.
    return { changes: above.changes, due: [...own.due, ...above.due] };
  }

  /** Alarms are evaluated once a minute (CloudWatch user guide, "Evaluating an alarm"). */
  judge(nowMs: number): Outcome {
    const { metrics, minuteMs } = this.#options;
    const moment = { nowMs, minuteMs };
    const outcomes: Outcome[] = [];
    for (const known of this.#alarms.values()) {
      const alarm = known.alarm as MetricAlarm;
      if (nowMs < known.createdMs + warmUpMinutes(known.alarm) * minuteMs) continue;
      let state: AlarmState;
      let reason: string;
      try {
        state = alarmState(alarm, metrics, moment, known.state);
        if (state === known.state) continue;
        reason = changeReason(alarm, datapointsOf(alarm, metrics, moment), {
          from: known.state,
          to: state,
        });
      } catch (error) {
        // Math that is not known here: like an alarm whose metric nobody emits.
        state = "INSUFFICIENT_DATA";
        reason = error instanceof Error ? error.message : String(error);
        if (state === known.state) continue;
      }
      outcomes.push(this.#changed(known, state, reason, nowMs));
    }
    return joined([...outcomes, this.#composed(nowMs)]);
  }

  #changed(known: KnownMetricAlarm, state: AlarmState, reason: string, nowMs: number): Outcome {
    const { alarm, state: from, configuredMs } = known;
    known.state = state;
    known.changedMs = nowMs;
    const alarmName = alarm.AlarmName ?? "";
    const change = { ...this.#options, from, to: state, reason, changedMs: nowMs, configuredMs };
    const topicArns = actionsOf(alarm, state);
    const due = topicArns.length > 0 ? [metricAlarmMessage(alarm, change)] : [];
    return {
      changes: [{ alarmName, state, reason }],
      due: due.map((notification) => ({ ...notification, alarmName, topicArns })),
    };
  }

  /** Composite alarms may be part of others, so they are evaluated until none changes; a ring of them changes on. */
  #composed(nowMs: number): Outcome {
    const outcomes: Outcome[] = [];
    for (let round = 0; round <= this.#composites.size; round++) {
      const changes = [...this.#composites.values()].flatMap((known) => this.#follow(known, nowMs));
      if (changes.length === 0) break;
      outcomes.push({ changes, due: [] });
    }
    const due = [...this.#composites.values()].flatMap((known) => this.#dueOf(known, nowMs));
    return joined([...outcomes, { changes: [], due }]);
  }

  #follow(known: KnownComposite, nowMs: number): Change[] {
    const { AlarmRule: rule = "", AlarmName: alarmName = "" } = known.alarm;
    const state = ruleHolds(rule, (name) => this.#stateOf(name)) ? "ALARM" : "OK";
    if (state === known.state) return [];
    const children = alarmsOf(rule)
      .map((name) => this.#child(name))
      .toSorted((a, b) => b.changedMs - a.changedMs);
    const [latest] = children;
    const reason = latest ? compositeReason(latest) : `the rule evaluates to ${state}`;
    const triggering = children.filter(({ changedMs }) => changedMs === latest?.changedMs);
    known.pending = { from: known.state, reason, children: triggering };
    known.state = state;
    known.changedMs = nowMs;
    return [{ alarmName, state, reason }];
  }

  #dueOf(known: KnownComposite, nowMs: number): Due[] {
    const { alarm, state, suppressor, pending, configuredMs } = known;
    const silencer = nameOf(alarm.ActionsSuppressor ?? "");
    const silenced = silencer !== "" && this.#stateOf(silencer) === "ALARM";
    if (!suppressor.acts(state === "ALARM", silenced, nowMs)) return [];
    const topicArns = actionsOf(alarm, state);
    if (topicArns.length === 0) return [];
    const change = {
      ...this.#options,
      from: pending.from,
      to: state,
      reason: pending.reason,
      changedMs: nowMs,
      configuredMs,
    };
    const notification = compositeAlarmMessage(alarm, change, pending.children);
    return [{ ...notification, alarmName: alarm.AlarmName ?? "", topicArns }];
  }

  #stateOf(name: string): AlarmState {
    return (this.#alarms.get(name) ?? this.#composites.get(name))?.state ?? "INSUFFICIENT_DATA";
  }

  #child(name: string): Child {
    const known = this.#alarms.get(name) ?? this.#composites.get(name);
    return {
      arn: alarmArnOf(this.#options, name),
      state: this.#stateOf(name),
      changedMs: known?.changedMs ?? 0,
    };
  }

  #suppressionOf({
    ActionsSuppressor: suppressor,
    ActionsSuppressorWaitPeriod: waitSeconds = 0,
    ActionsSuppressorExtensionPeriod: extensionSeconds = 0,
  }: PutCompositeAlarmInput) {
    if (suppressor === undefined) return undefined;
    const { minuteMs } = this.#options;
    return {
      waitMs: (waitSeconds / 60) * minuteMs,
      extensionMs: (extensionSeconds / 60) * minuteMs,
    };
  }
}

const joined = (outcomes: readonly Outcome[]): Outcome => ({
  changes: outcomes.flatMap(({ changes }) => changes),
  due: outcomes.flatMap(({ due }) => due),
});

const nameOf = (nameOrArn: string): string => nameOrArn.split(":alarm:").at(-1) ?? "";

const warmUpMinutes = ({ WarmUpConfiguration: warmUp }: PutMetricAlarmInput): number =>
  warmUp?.WarmUpPeriodDurationInMinutes ?? 0;

type WithActions = Pick<
  PutMetricAlarmInput,
  "ActionsEnabled" | "AlarmActions" | "OKActions" | "InsufficientDataActions"
>;

/** The topics that are told of a state; other actions are nothing that the local cloud could do. */
const actionsOf = (alarm: WithActions, state: AlarmState): readonly string[] => {
  if (alarm.ActionsEnabled === false) return [];
  const actions = {
    ALARM: alarm.AlarmActions,
    OK: alarm.OKActions,
    INSUFFICIENT_DATA: alarm.InsufficientDataActions,
  }[state];
  return (actions ?? []).filter((arn) => arn.split(":")[2] === "sns");
};
