/** The option `sources`: what calls the function besides direct invocations. docs/growth.md#event-sources. */
import type { Option } from "../options/option.ts";
import type { Settings } from "../settings/parse.ts";
import { sourcesAlarms } from "./alarms.ts";
import { allSources } from "./all.ts";
import { longSourceName } from "./names.ts";
import { deployRights, handlerRights, operatorRights, sourcesReserved } from "./rights.ts";
import { sourcesRule } from "./rules.ts";
import {
  isQueued,
  type QueuedSource,
  retentionSeconds,
  type Source,
  visibilitySeconds,
} from "./source.ts";

export const SOURCES_RULES = { sources: sourcesRule } as const;

export const SOURCES: Option = {
  faults: (settings, environment) => [
    ...(settings.sources ?? []).flatMap((source) => faultsOf(source, settings, environment)),
    ...overReserved(settings, environment),
  ],
  rights: (location, settings) => handlerRights(location, settings, allSources(settings)),
  reserved: (location, settings) => sourcesReserved(location, settings, allSources(settings)),
  deployRights: (location, settings) => deployRights(location, settings, allSources(settings)),
  roleRights: (location, settings) => ({
    operator: operatorRights(location, settings, allSources(settings)),
  }),
  alarms: (settings) => sourcesAlarms(settings, allSources(settings)),
  // Every mapping of the program asks for partial failures; schedules are no batches.
  environment: (settings) =>
    allSources(settings).some(({ kind }) => kind !== "schedule")
      ? { PARTIAL_BATCH_RESPONSES: "true" }
      : {},
};

/** What contradicts other keys: names that get too long, and tries that outlast the message. */
function faultsOf(
  source: Source,
  { serviceName, timeoutSeconds, deadLetterRetentionDays }: Partial<Settings>,
  environment: string,
): readonly string[] {
  const faults: string[] = [];
  const long =
    serviceName === undefined ? undefined : longSourceName({ serviceName, environment }, source);
  if (long !== undefined) {
    faults.push(
      `sources "${source.name}" name: ${JSON.stringify(source.name)}; ${long}; choose a shorter one in Pulumi.${environment}.yaml`,
    );
  }
  if (isQueued(source) && timeoutSeconds !== undefined && deadLetterRetentionDays !== undefined) {
    const fault = outlasting(source, timeoutSeconds, deadLetterRetentionDays);
    if (fault !== undefined) faults.push(`${fault} in Pulumi.${environment}.yaml`);
  }
  return faults;
}

/** Pollers that may start more calls than the function can run are throttled, and the messages become dead letters. */
function overReserved(
  { sources = [], reservedConcurrency }: Partial<Settings>,
  environment: string,
): readonly string[] {
  if (typeof reservedConcurrency !== "number") return [];
  const bounded = sources.flatMap((source) =>
    isQueued(source) && source.maxConcurrency !== undefined
      ? [{ name: source.name, most: source.maxConcurrency }]
      : [],
  );
  const sum = bounded.reduce((all, { most }) => all + most, 0);
  if (sum <= reservedConcurrency) return [];
  const shown = bounded.map(({ name, most }) => `${name} ${most}`).join(", ");
  return [
    `sources maxConcurrency: ${sum} in all (${shown}); must not be above reservedConcurrency (${reservedConcurrency}), else throttled messages become dead letters; lower it, or raise reservedConcurrency in Pulumi.${environment}.yaml`,
  ];
}

/** A message that is still being tried when its time is over is deleted, and no dead letter. */
function outlasting(
  source: QueuedSource,
  timeoutSeconds: number,
  deadLetterRetentionDays: number,
): string | undefined {
  const triesSeconds = source.maxReceives * visibilitySeconds(source, timeoutSeconds);
  const keptSeconds = retentionSeconds(deadLetterRetentionDays);
  if (triesSeconds < keptSeconds / 2) return undefined;
  const hours = (seconds: number) => `${Math.round(seconds / 360) / 10} h`;
  return `sources "${source.name}" maxReceives: ${source.maxReceives}; so many tries take up to ${hours(triesSeconds)} (six times timeoutSeconds each), and the queue keeps a message for ${hours(keptSeconds)}, half of deadLetterRetentionDays and at most 4 days: it would be deleted instead of becoming a dead letter; lower it, or raise deadLetterRetentionDays`;
}
