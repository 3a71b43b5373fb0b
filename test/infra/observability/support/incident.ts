/**
 * Plays minutes of a service's life to its alarms, as CloudWatch would: data points are delivered a minute late,
 * alarms are evaluated once a minute, and composite alarms wait for what may suppress them.
 */
import type { MetricAlarm } from "@aws-sdk/client-cloudwatch";
import { alarmInput } from "local-aws/cloud/types/observability.ts";
import { alarmState } from "local-aws/emulator/cloudwatch/alarms.ts";
import { ActionSuppressor, ruleHolds } from "local-aws/emulator/cloudwatch/composite.ts";
import type { AlarmState } from "local-aws/emulator/cloudwatch/evaluation.ts";
import { Metrics } from "local-aws/emulator/cloudwatch/metrics.ts";
import { apiAlarms } from "../../../../infra/api/alarms.ts";
import {
  compositeAlarms,
  serviceAlarms,
  type Severity,
} from "../../../../infra/observability/alarms.ts";
import { alarmRule, SUPPRESSOR_WAIT_SECONDS } from "../../../../infra/observability/make-alarms.ts";
import type { Settings } from "../../../../infra/settings.ts";
import { testSettings } from "../../../support/settings.ts";

/** What happens within one minute; what is absent does not happen. */
export interface Minute {
  readonly calls?: number;
  /** Invocations that fail. */
  readonly errors?: number;
  /** Requests that the service answers with status 500: failures without an error. */
  readonly answered500?: number;
  readonly refused?: number;
  readonly coldStarts?: number;
  /** Of most calls, in ms. Default 20. */
  readonly durationMs?: number;
  /** Of one call, in ms. */
  readonly slowestMs?: number;
  readonly throttles?: number;
  /** Events that are given up and reach the dead-letter queue. */
  readonly givenUp?: number;
  /** Messages that wait in it. */
  readonly waiting?: number;
  readonly oldestDays?: number;
  readonly undelivered?: number;
  readonly eventAgeMs?: number;
  readonly memoryMb?: number;
  readonly logMb?: number;
  /** Runs of the pre-traffic hook: a release has begun. */
  readonly hookRuns?: number;
  /** Requests to the API, and how they were answered. */
  readonly requests?: number;
  readonly answered5xx?: number;
  readonly answered4xx?: number;
  /** How long callers of the API wait, in ms. Default 40. */
  readonly latencyMs?: number;
  /** Concurrency claimed in the account. */
  readonly claimed?: number;
  /** How late the data points of this minute are, in minutes. Default 1. */
  readonly late?: number;
}

/** An alarm that told somebody. */
export interface Ring {
  readonly alarm: string;
  readonly severity: Severity;
  /** Minutes since the beginning. */
  readonly minute: number;
}

const MINUTE_MS = 60_000;
/** Plays the minutes, then some of nothing, and returns who was called when. */
export const play = (minutes: readonly Minute[], overrides: Partial<Settings> = {}): Ring[] =>
  playThrough(minutes, overrides).rings;

/** The same, with every alarm that was red at some time, by metric. */
export function playThrough(
  minutes: readonly Minute[],
  overrides: Partial<Settings> = {},
): { readonly rings: Ring[]; readonly red: ReadonlySet<string> } {
  const settings = testSettings({ environment: "production", ...overrides });
  const metrics = new Metrics();
  minutes.forEach((minute, index) => record(metrics, settings, minute, index * MINUTE_MS));

  const alarms = { ...serviceAlarms(settings, "shop"), ...apiAlarms(settings) };
  const composites = compositeAlarms(alarms);
  const inputs = new Map(
    Object.entries(alarms).map(([name, { rule }]) => [
      name,
      alarmInput({ name, ...rule }) as MetricAlarm,
    ]),
  );
  const states = new Map<string, AlarmState>();
  const nameOf = (metric: string) => `${settings.serviceName}-${metric}-${settings.environment}`;
  const stateOf = (name: string) => states.get(name) ?? "OK";
  const suppressors = new Map(
    Object.entries(composites).map(([name, { suppressor }]) => [
      name,
      new ActionSuppressor(
        suppressor && {
          waitMs: SUPPRESSOR_WAIT_SECONDS * 1000,
          extensionMs: suppressor.extensionSeconds * 1000,
        },
      ),
    ]),
  );
  const rings: Ring[] = [];
  const everRed = new Set<string>();

  for (let minute = 1; minute <= minutes.length + 5; minute++) {
    const nowMs = minute * MINUTE_MS;
    for (const [name, alarm] of Object.entries(alarms)) {
      const before = stateOf(nameOf(name));
      const { warmUpPeriodDurationInMinutes: warmUp = 0 } =
        (alarm.rule.warmUpConfiguration as
          | { warmUpPeriodDurationInMinutes?: number }
          | undefined) ?? {};
      if (minute <= warmUp) continue;
      const input = inputs.get(name);
      if (input === undefined) throw new Error(`no alarm ${name}`);
      const now = alarmState(input, metrics, { nowMs, minuteMs: MINUTE_MS }, before);
      states.set(nameOf(name), now);
      if (now === "ALARM") everRed.add(name);
      if (alarm.part || now !== "ALARM" || before === "ALARM") continue;
      rings.push({ alarm: name, severity: alarm.severity, minute });
    }
    for (const [name, composite] of Object.entries(composites)) {
      const red = ruleHolds(alarmRule(settings, composite), stateOf);
      states.set(nameOf(name), red ? "ALARM" : "OK");
      if (red) everRed.add(name);
      const { suppressor } = composite;
      const silenced = suppressor !== undefined && stateOf(nameOf(suppressor.metric)) === "ALARM";
      const acts = suppressors.get(name)?.acts(red, silenced, nowMs);
      // That it is over is told as well, but is no ring.
      if (acts !== true || !red || composite.part) continue;
      rings.push({ alarm: name, severity: composite.severity, minute });
    }
  }
  return { rings, red: everRed };
}

/** The metrics of one minute, named and dimensioned as AWS's own documents do it. */
function record(
  metrics: Metrics,
  { serviceName, environment }: Settings,
  minute: Minute,
  startMs: number,
): void {
  const functionName = `${serviceName}-function-${environment}`;
  const deliveredMs = startMs + MINUTE_MS * (1 + (minute.late ?? 1));
  const put = (
    namespace: string,
    metricName: string,
    dimensions: Readonly<Record<string, string>>,
    value: number | undefined,
  ): void => {
    if (value === undefined) return;
    metrics.record({ namespace, metricName, dimensions }, { atMs: startMs, deliveredMs, value });
  };
  const live = { FunctionName: functionName, Resource: `${functionName}:live` };
  const calls = minute.calls ?? 0;
  if (calls > 0) {
    put("AWS/Lambda", "Invocations", live, calls);
    put("AWS/Lambda", "Errors", live, minute.errors ?? 0);
    for (let call = 0; call < Math.min(calls, 5); call++) {
      put("AWS/Lambda", "Duration", live, minute.durationMs ?? 20);
    }
    put("AWS/Lambda", "Duration", live, minute.slowestMs);
  }
  if (calls > 0 || minute.throttles !== undefined) {
    put("AWS/Lambda", "Throttles", live, minute.throttles ?? 0);
  }
  const hook = { FunctionName: `${serviceName}-hook-${environment}` };
  put("AWS/Lambda", "Invocations", hook, minute.hookRuns);
  const own = { service: serviceName, environment };
  const errors = minute.errors ?? 0;
  const failed = errors + (minute.answered500 ?? 0);
  const succeeded = calls - failed - (minute.refused ?? 0);
  put("shop", "FailedCount", own, failed > 0 ? failed : undefined);
  put("shop", "RefusedCount", own, minute.refused);
  put("shop", "SuccessCount", own, succeeded > 0 ? succeeded : undefined);
  put("shop", "ColdStart", own, minute.coldStarts);
  const queue = { QueueName: `${serviceName}-dlq-${environment}` };
  put("AWS/SQS", "NumberOfMessagesSent", queue, minute.givenUp);
  put("AWS/SQS", "ApproximateNumberOfMessagesVisible", queue, minute.waiting);
  const ageSeconds = minute.oldestDays === undefined ? undefined : minute.oldestDays * 86_400;
  put("AWS/SQS", "ApproximateAgeOfOldestMessage", queue, ageSeconds);
  const all = { FunctionName: functionName };
  put("AWS/Lambda", "AsyncEventsDropped", all, minute.givenUp);
  put("AWS/Lambda", "DeadLetterErrors", all, minute.undelivered);
  put("AWS/Lambda", "AsyncEventAge", all, minute.eventAgeMs);
  put(`shop/${serviceName}-${environment}`, "MaxMemoryUsedMB", {}, minute.memoryMb);
  const group = { LogGroupName: `/aws/lambda/${functionName}` };
  put("AWS/Logs", "IncomingBytes", group, minute.logMb && minute.logMb * 1_000_000);
  put("AWS/Lambda", "ClaimedAccountConcurrency", {}, minute.claimed);
  const { requests = 0 } = minute;
  if (requests === 0) return;
  const api = { ApiName: `${serviceName}-api-${environment}`, Stage: "live" };
  put("AWS/ApiGateway", "Count", api, requests);
  put("AWS/ApiGateway", "5XXError", api, minute.answered5xx ?? 0);
  put("AWS/ApiGateway", "4XXError", api, minute.answered4xx ?? 0);
  put("AWS/ApiGateway", "Latency", api, minute.latencyMs ?? 40);
}

/** The same minute, several times. */
export const times = (count: number, minute: Minute): Minute[] => Array<Minute>(count).fill(minute);
