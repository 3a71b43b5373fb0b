/**
 * The samples that a dashboard shows where there is no AWS to ask: a morning of a service, a good release at 12:48,
 * and at 13:12 a bad one, whose canary goes back. Nobody has written down when: the calls are drawn from a seed,
 * counted as Lambda counts them, and the release's own alarms decide. Pure.
 */
import { alarmState } from "local-aws/emulator/cloudwatch/alarms.ts";
import { recordInvocation } from "local-aws/emulator/cloudwatch/lambda-metrics.ts";
import { Metrics } from "local-aws/emulator/cloudwatch/metrics.ts";
import { seeded } from "local-aws/emulator/random.ts";
import type { LogEvent } from "local-aws/insights/query.ts";
import { ALIAS_NAME, functionName, hookLogGroupName, logGroupName } from "../../../infra/names.ts";
import { type Metric, serviceMetrics } from "../../../infra/observability/metrics.ts";
import type { Settings } from "../../../infra/settings.ts";
import { canaryAlarms } from "../../../ops/release/canary-alarms.ts";
import type { Moment, Span } from "../data.ts";

/** What happened, minute by minute. */
export interface Incident {
  readonly span: Span;
  readonly metrics: Metrics;
  /** Lines by log group. */
  readonly logs: Readonly<Record<string, readonly LogEvent[]>>;
  readonly releases: readonly Moment[];
}

export const MINUTE_MS = 60_000;
const END_MS = Date.UTC(2026, 2, 12, 13, 40);
const MINUTES = 60;
const START_MS = END_MS - MINUTES * MINUTE_MS;
/** When CodeDeploy has the first traffic shifted, in minutes since the beginning. */
const GOOD_RELEASE = 8;
const BAD_RELEASE = 32;
const CANARY_MINUTES = 5;
const CANARY_SHARE = 0.1;
/** CloudWatch delivers a minute after a call has ended; see the local cloud. */
const DELIVERY_MS = MINUTE_MS;
/** Lambda's waits before it tries an asynchronous event again (Lambda developer guide, "Error handling"). */
const RETRIES_MS = [MINUTE_MS, 2 * MINUTE_MS];
/** Share of the calls that the bad version fails: those of customers who have no address. */
const FAILING_SHARE = 0.45;
const REFUSED_SHARE = 0.015;
const ASYNCHRONOUS_SHARE = 0.6;
const SEED = 8;

/** A call, or another try of one. */
interface Attempt {
  readonly atMs: number;
  readonly id: number;
  /** Tries of an asynchronous event are all of the version that it was given at first. */
  readonly version: string | undefined;
  readonly asynchronous: boolean;
  readonly tries: number;
  readonly fails: boolean;
}

/** Plays it. `namespace` is that of the handler's own metrics. */
export function playIncident(settings: Settings, namespace: string): Incident {
  const random = seeded(SEED);
  const metrics = new Metrics();
  const of = serviceMetrics(settings, namespace);
  const name = functionName(settings);
  const lines: LogEvent[] = [];
  const hookLines: LogEvent[] = [];
  const releases: Moment[] = [];
  const warm = new Set<string>(["7"]);
  let queue: Attempt[] = [];
  let waiting: number[] = [];
  let serving = "7";
  let canary: { readonly version: string; readonly sinceMinute: number } | undefined;
  let memoryMb = 92;
  let made = 0;

  const put = (metric: Metric, atMs: number, value: number): void => {
    metrics.record(metric, { atMs, deliveredMs: atMs + 2 * DELIVERY_MS, value });
  };
  const withVersion = (metric: Metric, version: string): Metric => ({
    ...metric,
    dimensions: { ...metric.dimensions, version },
  });

  const attempt = (call: Attempt): void => {
    const { atMs, asynchronous, tries } = call;
    const weighted = canary !== undefined;
    const version = call.version ?? (canary && random() < CANARY_SHARE ? canary.version : serving);
    const failed = version === "9" && call.fails;
    const refused = !failed && random() < REFUSED_SHARE;
    const isCold = !warm.has(version) || random() < 0.004;
    warm.add(version);
    // Most calls take the same time, some wait for another service.
    const durationMs =
      38 * Math.exp(0.45 * normal(random)) + (random() < 0.02 ? 400 * random() : 0);
    recordInvocation(
      metrics,
      {
        functionName: name,
        qualifier: ALIAS_NAME,
        executedVersion: version,
        weighted,
        failed,
        throttled: false,
        startedMs: atMs,
        endedMs: atMs + durationMs,
        durationMs,
      },
      DELIVERY_MS,
    );
    if (isCold) put(of.own("ColdStart"), atMs, 1);
    if (asynchronous)
      put(
        of.async("AsyncEventAge"),
        atMs,
        tries === 0 ? 15 + 60 * random() : RETRIES_MS.slice(0, tries).reduce((a, b) => a + b, 0),
      );
    const outcome = failed ? "FailedCount" : refused ? "RefusedCount" : "SuccessCount";
    put(of.own(outcome), atMs, 1);
    put(withVersion(of.own(outcome), version), atMs, 1);
    if (!failed && !refused) {
      put(of.own("ProcessedEvents"), atMs, 1);
      put(of.own("ProcessingDuration"), atMs, durationMs * 0.8);
    }
    if (!failed) return;
    lines.push(errorLine(call, version));
    if (!asynchronous) return;
    const waitMs = RETRIES_MS[tries];
    if (waitMs !== undefined) {
      queue.push({ ...call, version, tries: tries + 1, atMs: atMs + waitMs });
      return;
    }
    waiting.push(atMs);
    put(of.deadLetters("NumberOfMessagesSent"), atMs, 1);
    put(of.async("AsyncEventsDropped"), atMs, 1);
  };

  for (let minute = 0; minute < MINUTES; minute++) {
    const startMs = START_MS + minute * MINUTE_MS;
    for (const [at, version] of [
      [GOOD_RELEASE, "8"],
      [BAD_RELEASE, "9"],
    ] as const) {
      if (minute !== at) continue;
      canary = { version, sinceMinute: minute };
      releases.push({ atMs: startMs, label: `release of version ${version}` });
      hookLines.push(trialLine(startMs - 40_000, version));
    }
    if (canary && minute - canary.sinceMinute === CANARY_MINUTES) {
      serving = canary.version;
      canary = undefined;
    }
    if (canary && isRed(settings, namespace, canary.version, metrics, startMs)) {
      releases.push({ atMs: startMs, label: `back to version ${serving}` });
      canary = undefined;
    }

    const calls = Math.round(70 + 18 * Math.sin(minute / 17) + 8 * normal(random));
    const fresh = Array.from({ length: calls }, (_, index): Attempt => {
      made += 1;
      return {
        atMs: startMs + Math.floor(((index + random()) / calls) * MINUTE_MS),
        id: made,
        version: undefined,
        asynchronous: random() < ASYNCHRONOUS_SHARE,
        tries: 0,
        fails: random() < FAILING_SHARE,
      };
    });
    const due = queue.filter(({ atMs }) => atMs < startMs + MINUTE_MS);
    queue = queue.filter(({ atMs }) => atMs >= startMs + MINUTE_MS);
    for (const call of [...fresh, ...due].toSorted((a, b) => a.atMs - b.atMs)) attempt(call);

    memoryMb = Math.min(memoryMb + random() * 0.6, 140);
    put(of.memoryUsed, startMs, memoryMb);
    put(of.logBytes, startMs, calls * 880);
    const concurrent = 3 + Math.round(4 * random());
    put({ ...of.lambda("ConcurrentExecutions") }, startMs, concurrent);
    put(of.accountConcurrency, startMs, 34 + concurrent + Math.round(6 * random()));
    put(of.async("DeadLetterErrors"), startMs, 0);
    if (waiting.length > 0 || minute % 5 === 0) {
      put(of.deadLetters("ApproximateNumberOfMessagesVisible"), startMs, waiting.length);
      const oldestMs = Math.min(...waiting, startMs);
      put(of.deadLetters("ApproximateAgeOfOldestMessage"), startMs, (startMs - oldestMs) / 1000);
    }
  }
  waiting = [];
  return {
    span: { fromMs: START_MS, toMs: END_MS },
    metrics,
    logs: { [logGroupName(settings)]: lines, [hookLogGroupName(settings)]: hookLines },
    releases,
  };
}

/** Whether one of the alarms that a release brings has turned red by then. */
function isRed(
  settings: Settings,
  namespace: string,
  version: string,
  metrics: Metrics,
  nowMs: number,
): boolean {
  const scope = {
    ...settings,
    functionName: functionName(settings),
    aliasName: ALIAS_NAME,
    metricsNamespace: namespace,
  };
  return canaryAlarms(scope, version).some(
    (alarm) => alarmState(alarm, metrics, { nowMs, minuteMs: MINUTE_MS }, "OK") === "ALARM",
  );
}

/** A number of a normal distribution, by the Box-Muller transform. */
const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

const hex = (id: number): string =>
  Math.imul(id, 0x9e3779b1).toString(16).replace("-", "").padStart(8, "0");

const errorLine = ({ id, atMs }: Attempt, version: string): LogEvent => ({
  timestamp: atMs,
  message: JSON.stringify({
    level: "ERROR",
    message: "Event failed",
    timestamp: new Date(atMs).toISOString(),
    correlation_id: `${hex(id)}-${hex(id + 1).slice(0, 4)}`,
    function_version: version,
    error: {
      name: "TypeError",
      message: "Cannot read properties of undefined (reading 'address')",
    },
  }),
});

const trialLine = (atMs: number, version: string): LogEvent => ({
  timestamp: atMs,
  message: JSON.stringify({
    level: "INFO",
    message: "trial",
    timestamp: new Date(atMs).toISOString(),
    version,
    calls: 20,
    slowestMs: 164,
    faults: [],
  }),
});
