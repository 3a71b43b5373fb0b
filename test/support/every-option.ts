import { ALL_SOURCES } from "./all-sources.ts";
import { TEST_REGION, type Value } from "./settings.ts";

/** Config that turns options on, for tests of the whole program: each option with what makes it do most. */
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
  // One of each kind that the boundary knows beforehand, and one that an administrator lets through.
  secrets: {
    bank: "ledger/production/bank",
    limit: "/ledger/production/limit",
    shared: "shared/mail",
  },
  secretsKeyArns: [
    `arn:aws:kms:${TEST_REGION}:123456789012:key/5ec2e75e-0000-4000-8000-000000000000`,
  ],
};
