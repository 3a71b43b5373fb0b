/** What the handler gets to know of its stack, as plain values. */
import { functionPrefix } from "../names.ts";
import type { Settings } from "../settings.ts";

/** The handler's environment. The names that start with POWERTOOLS are Powertools' own. */
export function environmentVariables(
  settings: Settings,
  metricsNamespace: string,
): Record<string, string> {
  const { environment, logLevel } = settings;
  // Tells the metrics, log lines and traces of the service's functions apart.
  const service = functionPrefix(settings);
  return {
    ENVIRONMENT: environment,
    SERVICE_NAME: service,
    LOG_LEVEL: logLevel,
    POWERTOOLS_SERVICE_NAME: service,
    POWERTOOLS_METRICS_NAMESPACE: metricsNamespace,
    POWERTOOLS_LOG_LEVEL: logLevel,
  };
}

/**
 * Lambda's own filter on log lines, never quieter than INFO: metrics are log lines without a level,
 * count as INFO, and a WARN filter would drop them all. Powertools' level quietens the handler instead.
 * It is not louder than the handler's level either, because it wins over that one.
 */
export const lambdaLogLevel = (logLevel: Settings["logLevel"]): "TRACE" | "DEBUG" | "INFO" =>
  logLevel === "trace" ? "TRACE" : logLevel === "debug" ? "DEBUG" : "INFO";
