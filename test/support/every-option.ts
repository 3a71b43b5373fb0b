import { ALL_SOURCES } from "./all-sources.ts";
import { TEST_REGION, type Value } from "./settings.ts";

/** Config that turns options on, for tests of the whole program: each option with what makes it do most. */
export const EVERY_OPTION: Readonly<Record<string, Value>> = {
  sources: ALL_SOURCES,
  database: "dynamodb",
  api: "rest",
  apiAuthorization: "key",
  apiUsagePlans: [
    { name: "standard", requestsPerSecond: 10, burstRequests: 20 },
    {
      name: "gold",
      requestsPerSecond: 50,
      burstRequests: 80,
      quotaRequests: 1_000_000,
      quotaPeriod: "month",
    },
  ],
  apiCorsOrigins: ["https://app.example.com", "http://localhost:5173"],
  apiDomainName: "api.example.com",
  apiCertificateArn: `arn:aws:acm:${TEST_REGION}:123456789012:certificate/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f`,
  apiHostedZoneId: "Z0123456789ABC",
  apiDisableExecuteApiEndpoint: true,
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
  tracing: "passThrough",
  traceSampling: [{ front: "ledger-api/live", perSecond: 2, percent: 7.5 }],
  signingProfileVersionArn:
    "arn:aws:signer:eu-central-1:123456789012:/signing-profiles/releases/0a1B2c3D4e",
  network: "create",
  availabilityZones: 3,
  natGateways: "onePerZone",
  interfaceEndpoints: ["bedrock-runtime"],
  egress: [
    { name: "orders database", to: "10.20.0.0/16", port: 5432 },
    { name: "partners", to: "pl-0a1b2c3d", port: 443 },
  ],
  flowLogRetentionDays: 30,
};
