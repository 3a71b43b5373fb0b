/**
 * Your service's own alarms, by metric; the name of each is `{service}-{metric}-{environment}`.
 * They do not stop a release.
 */
import type { Alarm } from "../observability/alarms.ts";
import type { Settings } from "../settings.ts";

export const ownAlarms = (_settings: Settings): Readonly<Record<string, Alarm>> => ({});
