/** What `infra/own/functions.ts` says of a function beside the service's own. */
import type { SmokeEvent } from "../../function/platform/smoke.ts";
import type { AwsLocation } from "../arns.ts";
import type { Statement } from "../identity/document.ts";
import type { Scope } from "../names.ts";
import type { Alarm } from "../observability/alarms.ts";
import type { Settings } from "../settings/parse.ts";

/**
 * Settings that a function may have of its own; it shares all others with the service's own function. They mean what
 * Pulumi.yaml says of the config keys. Where they are not stated, they are the service's, but for two:
 * `silenceAlarmMinutes` is 0, so that alarm is off; and `durationAlarmMs` is at most 80 % of the timeout.
 */
export const FUNCTION_SETTINGS = [
  "memoryMb",
  "timeoutSeconds",
  "logLevel",
  "logRetentionDays",
  "deadLetterRetentionDays",
  "errorAlarmThreshold",
  "durationAlarmMs",
  "throttleAlarmThreshold",
  "silenceAlarmMinutes",
  "logVolumeAlarmMb",
  "trafficShift",
  "canaryMinimumInvocations",
  "lowTraffic",
] as const satisfies readonly (keyof Settings)[];
export type FunctionSettings = Partial<Pick<Settings, (typeof FUNCTION_SETTINGS)[number]>>;

export interface OwnFunction {
  /** Letters a-z and digits, a letter first, for example `reports`: part of every name, and of `--function reports`. */
  readonly name: string;
  /** TypeScript file that exports `handler`, relative to the project, for example `function/reports/handler.ts`. */
  readonly entryPoint: string;
  /** Calls that show whether a version works, one or more: releases try it with them, `npm run smoke` sends them. */
  readonly smokeEvents: readonly SmokeEvent[];
  /** Given the stack's settings, what is otherwise here. Default: nothing. */
  readonly settings?: (settings: Settings) => FunctionSettings;
  /** Environment variables beside the template's own. Default none. */
  readonly environment?: (settings: Settings) => Readonly<Record<string, string>>;
  /** What the function may do beyond writing its logs, traces and dead letters. Default nothing. */
  readonly rights?: (location: AwsLocation, scope: Scope) => readonly Statement[];
  /** Alarms by metric, each with its runbook, beside those that every function has. Default none. */
  readonly alarms?: (settings: Settings) => Readonly<Record<string, Alarm>>;
}
