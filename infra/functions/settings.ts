/** The settings of one function of a service. Pure. */
import type { Settings } from "../settings/parse.ts";
import type { OwnFunction } from "./own-function.ts";

/** What belongs to the service's own function alone: what calls it, its secrets, and its concurrency. */
const NOT_SHARED = {
  silenceAlarmMinutes: 0,
  sources: [],
  secrets: {},
  api: "none",
  database: "none",
  secretsKeyArns: [],
  traceSampling: [],
  reservedConcurrency: "unreserved",
  provisionedConcurrency: 0,
  provisionedConcurrencyMaximum: 0,
  provisionedConcurrencySchedules: [],
} as const satisfies Partial<Settings>;

/**
 * The settings of one of the functions, to be used in place of the service's. Where it states a timeout and no
 * `durationAlarmMs`, it has the service's, or 80 % of its timeout where that is less: a later alarm could never fire.
 */
export function functionSettings(settings: Settings, own: OwnFunction): Settings {
  const stated = own.settings?.(settings) ?? {};
  const { timeoutSeconds = settings.timeoutSeconds } = stated;
  const durationAlarmMs = Math.min(settings.durationAlarmMs, timeoutSeconds * 800);
  return { ...settings, ...NOT_SHARED, durationAlarmMs, ...stated, functionId: own.name };
}

/** The entry of the function that settings are of; undefined for the service's own. */
export const ownFunctionOf = ({ functions, functionId }: Settings): OwnFunction | undefined =>
  functions.find(({ name }) => name === functionId);
