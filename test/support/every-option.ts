/** Config that turns options on, for tests of the whole program: each option with what makes it do most. */
import { ALL_SOURCES } from "./all-sources.ts";
import type { Value } from "./settings.ts";

export const EVERY_OPTION: Readonly<Record<string, Value>> = {
  sources: ALL_SOURCES,
  reservedConcurrency: 60,
  provisionedConcurrency: 3,
  provisionedConcurrencyMaximum: 9,
  provisionedConcurrencySchedules: [
    { name: "day", cron: "0 7 ? * MON-FRI *", timeZone: "Europe/Lisbon", minimum: 5, maximum: 20 },
    { name: "night", cron: "0 19 ? * MON-FRI *", minimum: 2, maximum: 4 },
  ],
  createKey: true,
};
