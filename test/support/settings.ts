/**
 * A project of the tests' own: its name and the whole config of its two stacks. No value is a shipped one where
 * AWS knows another, so that a test which reads the project's own files shows at once.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { OWN_RULES } from "../../infra/own/settings.ts";
import {
  type ConfigKey,
  parseSettings,
  type RawSettings,
  type Settings,
  SettingsError,
} from "../../infra/settings/parse.ts";
import { PROJECT_ROOT } from "../../ops/support/project.ts";
import {
  knownStacks,
  rawSettings,
  readStackConfig,
  type StackConfig,
} from "../../ops/support/stack-config.ts";

/** A value in a stack file. */
export type Value =
  | string
  | number
  | boolean
  | readonly unknown[]
  | Readonly<Record<string, unknown>>;
/** The template's own keys; those of `infra/own` are the team's. */
type TemplateKey = Exclude<ConfigKey, keyof typeof OWN_RULES>;

export const TEST_PROJECT = "ledger-api";
export const TEST_REGION = "eu-central-1";
export const TEST_REPOSITORY = "acme/ledger";

const STAGING: Readonly<Record<TemplateKey, Value>> = {
  serviceName: "ledger",
  memoryMb: 384,
  timeoutSeconds: 25,
  logLevel: "trace",
  runtime: "nodejs24.x",
  architecture: "x86_64",
  logRetentionDays: 7,
  artifactRetentionDays: 45,
  deadLetterRetentionDays: 9,
  errorAlarmThreshold: 6,
  durationAlarmMs: 9000,
  throttleAlarmThreshold: 2,
  silenceAlarmMinutes: 0,
  logVolumeAlarmMb: 700,
  monthlyBudgetUsd: 0,
  anomalyMonitorArn: "",
  urgentEmails: [],
  urgentUrls: [],
  quietEmails: [],
  quietUrls: [],
  slackTeamId: "",
  slackUrgentChannelId: "",
  slackQuietChannelId: "",
  trafficShift: "Linear10PercentEvery1Minute",
  canaryMinimumInvocations: 20,
  lowTraffic: "extend",
  githubRepository: TEST_REPOSITORY,
  oidcProviderArn: "",
  githubSubjectPrefix: "",
  githubRepositoryId: "",
  githubDefaultBranch: "trunk",
  tracing: "active",
  traceSampling: [],
  signingProfileVersionArn: "",
  kmsKeyArn: "",
  createKey: false,
  keyUse: "encrypt",
  network: "none",
  subnetIds: [],
  securityGroupIds: [],
  availabilityZones: 2,
  natGateways: "single",
  interfaceEndpoints: [],
  egress: [],
  flowLogRetentionDays: 0,
  reservedConcurrency: "unreserved",
  provisionedConcurrency: 0,
  provisionedConcurrencyMaximum: 0,
  provisionedConcurrencyTargetPercent: 60,
  provisionedConcurrencySchedules: [],
  sources: [],
  database: "none",
  databaseMaxWriteUnitsPerSecond: 70,
  databaseMaxReadUnitsPerSecond: 90,
  databaseRecoveryDays: 20,
  databaseProtection: true,
  databaseChangesBus: "changes",
  api: "none",
  apiAuthorization: "iam",
  apiJwtIssuer: "",
  apiJwtAudiences: [],
  apiUsagePlans: [],
  apiCorsOrigins: [],
  apiCorsCredentials: false,
  apiRequestsPerSecond: 60,
  apiBurstRequests: 90,
  apiAccessLogs: true,
  apiDetailedMetrics: false,
  apiDomainName: "",
  apiCertificateArn: "",
  apiHostedZoneId: "",
  apiDisableExecuteApiEndpoint: false,
  secrets: {},
  secretsKeyArns: [],
};

/** Keys whose list holds mappings. */
const LISTS_OF_MAPPINGS: readonly string[] = [
  "provisionedConcurrencySchedules",
  "sources",
  "apiUsagePlans",
];

/** What production has otherwise. */
const PRODUCTION: Partial<Record<TemplateKey, Value>> = {
  memoryMb: 640,
  logLevel: "warn",
  errorAlarmThreshold: 2,
  durationAlarmMs: 7000,
  trafficShift: "Canary10Percent10Minutes",
};

/** The keys in which the two stacks differ. */
export const DIFFERING_KEYS = Object.keys(PRODUCTION) as readonly TemplateKey[];

const asText = (value: Value): string =>
  typeof value === "string" ? value : JSON.stringify(value);

/** The config of one of the two stacks, as if read from its files, with some keys set otherwise. */
export function testConfig(
  stack = "staging",
  overrides: Readonly<Record<string, Value>> = {},
): StackConfig {
  const own = ownConfig(stack);
  const set: Record<string, Value> = {
    ...STAGING,
    ...(stack === "production" && PRODUCTION),
    ...overrides,
  };
  return {
    project: TEST_PROJECT,
    stack,
    values: {
      "aws:region": TEST_REGION,
      ...ofTestProject(own.values),
      ...ofTestProject(mapValues(set, (value) => asText(value))),
    },
    stackValues: {
      "aws:region": TEST_REGION,
      ...ofTestProject(own.stackValues),
      ...ofTestProject(set),
    },
  };
}

/** The settings of the tests' staging, with some of another value. */
export const testSettings = (overrides: Partial<Settings> = {}): Settings => ({
  ...parseSettings(rawSettings(testConfig(), [])),
  ...overrides,
});

/** What the rules find wrong in the tests' staging with some values, as text, set otherwise. */
export function settingsFaults(
  values: RawSettings["values"],
  functions: RawSettings["functions"] = [],
): readonly string[] {
  const raw = rawSettings(testConfig(), functions);
  try {
    parseSettings({ ...raw, values: { ...raw.values, ...values } });
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.faults;
    throw error;
  }
}

/** The project's `Pulumi.yaml`: every key declared, with the value of staging as its default. */
export const testProjectFile = (): string =>
  stringify({
    name: TEST_PROJECT,
    runtime: { name: "nodejs", options: { typescript: false } },
    main: "index.ts",
    config: {
      "aws:region": TEST_REGION,
      ...ownDeclarations(),
      ...mapValues(STAGING, (value, key) => ({ ...typeOf(value, key), default: value })),
    },
  });

/** The `Pulumi.<stack>.yaml` of one of its stacks. */
export const testStackFile = (stack: string): string =>
  stringify({ config: testConfig(stack).stackValues });

function typeOf(value: Value, key: string): object {
  if (Array.isArray(value)) {
    return {
      type: "array",
      items: { type: LISTS_OF_MAPPINGS.includes(key) ? "object" : "string" },
    };
  }
  if (typeof value === "object") return { type: "object" };
  if (typeof value === "boolean") return { type: "boolean" };
  return { type: typeof value === "number" ? "integer" : "string" };
}

/** A team's own keys are declared and set as the team does it: the tests cannot know any. */
const OWN_KEYS = Object.keys(OWN_RULES);

function ownConfig(stack: string): Pick<StackConfig, "values" | "stackValues"> {
  if (OWN_KEYS.length === 0) return { values: {}, stackValues: {} };
  const known = knownStacks(PROJECT_ROOT);
  const config = readStackConfig(PROJECT_ROOT, known.includes(stack) ? stack : (known[0] ?? stack));
  const ownOf = <T>(all: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(
      OWN_KEYS.flatMap((key) => {
        const value = all[`${config.project}:${key}`];
        return value === undefined ? [] : [[key, value] as const];
      }),
    );
  return { values: ownOf(config.values), stackValues: ownOf(config.stackValues) };
}

function ownDeclarations(): Readonly<Record<string, unknown>> {
  if (OWN_KEYS.length === 0) return {};
  const file = parse(readFileSync(join(PROJECT_ROOT, "Pulumi.yaml"), "utf8")) as {
    readonly config?: Readonly<Record<string, unknown>>;
  };
  return Object.fromEntries(OWN_KEYS.map((key) => [key, file.config?.[key]]));
}

const ofTestProject = <T>(values: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key.includes(":") ? key : `${TEST_PROJECT}:${key}`,
      value,
    ]),
  );

const mapValues = <T, U>(values: Readonly<Record<string, T>>, map: (value: T, key: string) => U) =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value, key)]));
