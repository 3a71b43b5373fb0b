/**
 * What is watched of the API. Runbooks: docs/operations.md#runbooks. What callers see beyond the function's own
 * metrics: a gateway that cannot call it, and what it waits for.
 */
import { type Alarm, math, share, SHARE_CALLS, watch } from "../observability/alarms.ts";
import type { Settings } from "../settings/parse.ts";
import { apiMetric } from "./metrics.ts";

/** Requests within a minute from which "all of them fail" says something. */
const OUTAGE_REQUESTS = 5;
const OUTAGE_PERCENT = 90;
/** Percent of requests that may be answered with 5xx. */
const FAILED_PERCENT = 5;
/** Callers make mistakes; when half of the requests are wrong, something else may be. */
const REFUSED_PERCENT = 50;
/** Percent of what the limit lets through in a minute. */
const LIMIT_PERCENT = 80;

export function apiAlarms(settings: Settings): Readonly<Record<string, Alarm>> {
  if (settings.api === "none") return {};
  const { durationAlarmMs, apiRequestsPerSecond } = settings;
  const metric = apiMetric(settings);
  const calls = [metric("Count"), "Sum"] as const;
  const lasting = { window: 300, windows: 3, datapoints: 2 };
  return {
    "api-all-failing": {
      severity: "P1",
      part: true,
      runbook: "api-errors",
      meaning: `At least ${OUTAGE_PERCENT} % of ${OUTAGE_REQUESTS} or more requests to the API within a minute were answered with 5xx.`,
      rule: math(
        "Requests answered with 5xx in percent",
        share("failed", OUTAGE_REQUESTS),
        { calls, failed: [metric("5XXError"), "Sum"] },
        { atLeast: OUTAGE_PERCENT, window: 60, windows: 3, datapoints: 1 },
      ),
    },
    "api-errors": {
      severity: "P2",
      part: true,
      runbook: "api-errors",
      meaning: `The API answered more than ${FAILED_PERCENT} % of at least ${SHARE_CALLS} requests with 5xx within five minutes.`,
      // No longer than the errors of the function: what is over with them must not ring after them.
      rule: math(
        "Requests answered with 5xx in percent",
        share("failed", SHARE_CALLS),
        { calls, failed: [metric("5XXError"), "Sum"] },
        { above: FAILED_PERCENT, window: 300 },
      ),
    },
    "api-slow": {
      severity: "P3",
      part: true,
      runbook: "api-slow",
      meaning: `The slowest hundredth of requests to the API took more than ${durationAlarmMs} ms, cold starts included, in two of three five-minute windows.`,
      rule: watch(metric("Latency"), "p99", { above: durationAlarmMs, ...lasting }),
    },
    "api-limit": {
      severity: "P4",
      runbook: "api-limit",
      meaning: `More than ${LIMIT_PERCENT} % of what apiRequestsPerSecond (${apiRequestsPerSecond}) lets through was asked of the API for three minutes; beyond, it answers 429.`,
      rule: watch(metric("Count"), "Sum", {
        above: (apiRequestsPerSecond * 60 * LIMIT_PERCENT) / 100,
        window: 60,
        windows: 3,
      }),
    },
    "api-refusals": {
      severity: "P4",
      runbook: "api-refusals",
      meaning: `The API answered more than ${REFUSED_PERCENT} % of at least ${SHARE_CALLS} requests with 4xx in two of three five-minute windows.`,
      rule: math(
        "Requests answered with 4xx in percent",
        share("refused", SHARE_CALLS),
        { calls, refused: [metric("4XXError"), "Sum"] },
        { above: REFUSED_PERCENT, ...lasting },
      ),
    },
  };
}
