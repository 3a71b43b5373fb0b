/** The samples as a source: computed as CloudWatch computes, and with the alarms of the plan. */
import type { MetricAlarm, MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import { alarmInput } from "local-aws/cloud/types/observability.ts";
import { alarmState, mathValue, metricValue } from "local-aws/emulator/cloudwatch/alarms.ts";
import { ruleHolds } from "local-aws/emulator/cloudwatch/composite.ts";
import type { AlarmState } from "local-aws/emulator/cloudwatch/evaluation.ts";
import { evaluate } from "local-aws/emulator/cloudwatch/expression.ts";
import { runQuery } from "local-aws/insights/query.ts";
import type { AlarmStatus, Point, Source, Span } from "../data.ts";
import type { PlannedResource } from "../planned.ts";
import { type Incident, MINUTE_MS } from "./incident.ts";

const METRIC_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const COMPOSITE_ALARM = "aws:cloudwatch/compositeAlarm:CompositeAlarm";

export function sampleSource(incident: Incident, planned: readonly PlannedResource[]): Source {
  const { metrics, logs, releases, span: whole } = incident;
  return {
    minuteMs: MINUTE_MS,
    list: async (namespace, metricName) =>
      metrics
        .list(whole.toMs)
        .filter((metric) => metric.namespace === namespace && metric.metricName === metricName),
    read: async (queries, span) =>
      new Map(
        queries
          .filter(({ ReturnData }) => ReturnData)
          .map((query) => [query.Id ?? "", pointsOf(query, queries, incident, span)]),
      ),
    alarms: async (names) => alarmsAt(names, planned, incident),
    rows: async ({ logGroupName, query }, { fromMs, toMs }) =>
      runQuery(
        query,
        (logs[logGroupName] ?? []).filter(
          ({ timestamp }) => timestamp >= fromMs && timestamp < toMs,
        ),
      ),
    releases: async ({ fromMs, toMs }) =>
      releases.filter(({ atMs }) => atMs >= fromMs && atMs < toMs),
    problemOf: expressionProblem,
  };
}

/** Why the local evaluator of metric math cannot compute an expression; `undefined` when it can. */
export function expressionProblem(expression: string, ids: readonly string[]): string | undefined {
  const unknown = (expression.match(/\b[a-z]\w*/g) ?? []).find((word) => !ids.includes(word));
  if (unknown !== undefined) return `${unknown} in ${expression} is no metric of this widget`;
  try {
    evaluate(expression, Object.fromEntries(ids.map((id) => [id, 1])));
    return undefined;
  } catch {
    return expression;
  }
}

function pointsOf(
  query: MetricDataQuery,
  queries: readonly MetricDataQuery[],
  { metrics }: Incident,
  { fromMs, toMs }: Span,
): Point[] {
  const periods = (query.Expression ? queries : [query]).map(
    ({ MetricStat }) => MetricStat?.Period ?? 0,
  );
  const periodMs = Math.max(60, ...periods) * 1000;
  const points: Point[] = [];
  for (let at = Math.floor(fromMs / periodMs) * periodMs; at < toMs; at += periodMs) {
    const part = { fromMs: at, toMs: Math.min(at + periodMs, toMs), seenAtMs: Infinity };
    const value = query.Expression
      ? mathValue([{ ...query, ReturnData: true }, ...inputs(queries)], metrics, part)
      : metricValue(query, metrics, part);
    if (value !== undefined) points.push([at, value]);
  }
  return points;
}

/** The metrics alone: the one query that returns data is the expression. */
const inputs = (queries: readonly MetricDataQuery[]): MetricDataQuery[] =>
  queries.filter(({ MetricStat }) => MetricStat).map((query) => ({ ...query, ReturnData: false }));

/** Every alarm evaluated each minute from the beginning on, as CloudWatch does. */
function alarmsAt(
  names: readonly string[],
  planned: readonly PlannedResource[],
  { metrics, span }: Incident,
): AlarmStatus[] {
  const states = new Map<string, { state: AlarmState; sinceMs?: number }>();
  const set = (name: string, state: AlarmState, nowMs: number) => {
    const before = states.get(name);
    if (before?.state === state) return;
    states.set(name, { state, ...(before && { sinceMs: nowMs }) });
  };
  const alarms = planned
    .filter(({ type }) => type === METRIC_ALARM)
    .map(({ inputs }) => alarmInput(inputs) as MetricAlarm);
  const composites = planned.filter(({ type }) => type === COMPOSITE_ALARM);
  const stateOf = (name: string): AlarmState => states.get(name)?.state ?? "OK";
  for (let nowMs = span.fromMs; nowMs <= span.toMs; nowMs += MINUTE_MS) {
    for (const alarm of alarms) {
      const name = alarm.AlarmName ?? "";
      const state = alarmState(alarm, metrics, { nowMs, minuteMs: MINUTE_MS }, stateOf(name));
      set(name, state, nowMs);
    }
    for (const { inputs } of composites) {
      const red = ruleHolds(String(inputs["alarmRule"]), stateOf);
      set(String(inputs["alarmName"]), red ? "ALARM" : "OK", nowMs);
    }
  }
  return names.map((name) => ({ name, state: "missing", ...states.get(name) }));
}
