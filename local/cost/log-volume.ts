/** How many KB of log lines a call writes. */
import { groupAt, textAt } from "./inputs.ts";
import { type Context, ofType } from "./pricing.ts";

/**
 * KB a call by log level, Lambda's own lines and the metrics' included: measured by a test on the lines that the
 * handler writes for one event that succeeds. A service that logs more says so with `--log-kb`.
 */
const LOG_KB: Readonly<Record<string, number>> = { trace: 2.3, debug: 2.3, info: 1.8 };
const QUIET_KB = 1.3;

/** KB a call at a level of `logLevel`. */
export const logKbAt = (level: string): number => LOG_KB[level] ?? QUIET_KB;

/** KB a call of the function that users call: as given, else by its log level. */
export function logKbOf({ usage, service, resources }: Context): number {
  if (usage.logKb !== undefined) return usage.logKb;
  const inputs = ofType({ resources }, "aws:lambda/function:Function").find(
    (one) => textAt(one.inputs, "name") === service.main,
  )?.inputs;
  const variables = groupAt(groupAt(inputs ?? {}, "environment"), "variables");
  return logKbAt(textAt(variables, "POWERTOOLS_LOG_LEVEL").toLowerCase() || "info");
}
