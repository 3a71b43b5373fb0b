/** What an alarm says to the person it wakes: how urgent, what, where, and where to look. */
import { type AwsLocation, consoleHost } from "../arns.ts";
import { dashboardName, functionPrefix } from "../names.ts";
import type { Settings } from "../settings.ts";
import type { Alarm } from "./alarms.ts";

/** CloudWatch takes descriptions of up to 1,024 characters (PutMetricAlarm). */
export const LONGEST_DESCRIPTION = 1024;

/** The address of a stack's dashboard in the console. */
export const dashboardUrl = (location: AwsLocation, settings: Settings): string =>
  `https://${location.region}.${consoleHost(location)}/cloudwatch/home?region=${location.region}#dashboards/dashboard/${dashboardName(settings)}`;

/** The address of a section of the runbooks. */
export const runbookUrl = ({ githubRepository }: Settings, anchor: string): string =>
  `https://github.com/${githubRepository}/blob/HEAD/docs/operations.md#${anchor}`;

/** For example `P2 lambda in production: More than 3 invocations failed within five minutes. …`. */
export const alarmText = (
  location: AwsLocation,
  settings: Settings,
  { severity, meaning, runbook }: Pick<Alarm, "severity" | "meaning" | "runbook">,
): string =>
  [
    `${severity} ${functionPrefix(settings)} in ${settings.environment} (${location.region}, account ${location.accountId}): ${meaning}`,
    `What to do: ${runbookUrl(settings, runbook)}`,
    `Dashboard: ${dashboardUrl(location, settings)}`,
    `Logs: npm run logs -- --stack ${settings.environment}${settings.functionId === undefined ? "" : ` --function ${settings.functionId}`} --level error`,
  ].join("\n");
