/** Questions to the logs of the function and the API, saved in CloudWatch Logs Insights by name. Pure. */

/** Of the function's log, each by a short name; the saved name is `{service}-{environment}/{name}`. */
export const SAVED_QUERIES: Readonly<Record<string, string>> = {
  "one call by its correlation id": `fields @timestamp, level, message, error.name, error.message
| filter correlation_id = "PASTE THE ID HERE" and level like /./
| sort @timestamp asc
| limit 200`,
  "newest errors, grouped": `filter level = "ERROR"
| stats count(*) as errors, latest(@timestamp) as last, latest(correlation_id) as example by error.name, message
| sort errors desc
| limit 50`,
  "slowest calls": `filter type = "platform.report"
| fields @timestamp, record.requestId as requestId, record.metrics.durationMs as durationMs
| sort durationMs desc
| limit 20`,
  "cold starts": `filter type = "platform.report"
| stats count(*) as calls, count(record.metrics.initDurationMs) as coldStarts, pct(record.metrics.initDurationMs, 95) as initP95Ms by bin(1h)
| sort bin(1h) desc`,
  "over-provisioned memory": `filter type = "platform.report"
| stats max(record.metrics.memorySizeMB) as memorySizeMB, max(record.metrics.maxMemoryUsedMB) as maxUsedMB, avg(record.metrics.maxMemoryUsedMB) as averageUsedMB by bin(1d)
| sort bin(1d) desc`,
  // `action` is a label of the domain's, by `annotate`; without it everything is one group.
  "processing time by action": `filter message = "Event processed"
| stats count(*) as calls, sum(durationMs) as totalMs, avg(durationMs) as averageMs by action
| sort totalMs desc`,
  "time-outs": `filter type = "platform.report" and record.status = "timeout"
| fields @timestamp, record.requestId as requestId, record.metrics.durationMs as durationMs
| sort @timestamp desc
| limit 50`,
};

/** Of the API's access log: see infra/api/access-log.ts. */
export const API_QUERIES: Readonly<Record<string, string>> = {
  "requests by route and status": `stats count(*) as requests, pct(latencyMs, 99) as p99Ms by method, route, status
| sort requests desc
| limit 100`,
  "requests that the gateway refused or failed": `filter errorType != "-" or status >= 500
| stats count(*) as requests, latest(requestId) as example by errorType, status, route
| sort requests desc
| limit 50`,
  "one request by its id": `fields @timestamp, method, route, status, errorType, integrationRequestId, latencyMs
| filter requestId = "PASTE THE ID HERE"
| limit 20`,
  "slowest requests": `fields @timestamp, method, route, status, latencyMs, integrationLatencyMs, integrationRequestId
| sort latencyMs desc
| limit 20`,
  "callers that are throttled": `filter status = 429
| stats count(*) as requests by apiKeyId, principal, sourceIp
| sort requests desc
| limit 50`,
};
