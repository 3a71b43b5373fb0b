/**
 * The service's settings: one typed, validated, frozen object, made from raw config by a pure function.
 * Defaults are declared once, in Pulumi.yaml; a key's meaning and unit stand there too.
 */
import { functionFaults } from "../functions/faults.ts";
import type { OwnFunction } from "../functions/own-function.ts";
import { longNames } from "../names.ts";
import { OPTION_RULES, optionFaults } from "../options.ts";
import { OWN_RULES } from "../own/settings.ts";
import { LOG_RETENTION_DAYS } from "./retention.ts";
import { parseProvider, type ProviderSettings } from "./provider.ts";
import { GITHUB_REPOSITORY, GITHUB_SUBJECT_PREFIX, REGION, SERVICE_NAME } from "./forms.ts";
import {
  integer,
  list,
  oneOf,
  oneOfNumbers,
  optional,
  Refusal,
  type Ruled,
  text,
} from "./rules.ts";

/** What the shipped stack files hold until a team writes its own repository there. */
export const PLACEHOLDER_REPOSITORY = "your-organisation/your-repository";

/** CodeDeploy's predefined Lambda configurations, without their common prefix. */
const TRAFFIC_SHIFTS = [
  "AllAtOnce",
  "Canary10Percent5Minutes",
  "Canary10Percent10Minutes",
  "Canary10Percent15Minutes",
  "Canary10Percent30Minutes",
  "Linear10PercentEvery1Minute",
  "Linear10PercentEvery2Minutes",
  "Linear10PercentEvery3Minutes",
  "Linear10PercentEvery10Minutes",
] as const;

/** Powertools' levels, as POWERTOOLS_LOG_LEVEL takes them. */
const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "critical", "silent"] as const;

/** S3 keeps a rule's days as a 32-bit integer (LifecycleExpiration). */
const S3_MAXIMUM_DAYS = 2_147_483_647;

const UNBOUNDED = Number.MAX_SAFE_INTEGER;

/** SNS sends a confirmation there; whether somebody reads it, no form can tell. */
const EMAIL = /^[^\s@]+@[^\s@]+$/;
const HTTPS_URL = /^https:\/\/[^\s]+$/;

/** Every config key of the project and the rule for its value. */
const RULES = {
  ...OWN_RULES,
  serviceName: text(
    SERVICE_NAME,
    "must start with a-z or 0-9, hold only a-z, 0-9 and -, and not begin with what S3 keeps for itself (xn--, sthree-, amzn-s3-demo-)",
  ),
  memoryMb: integer(128, 10240, "MB"),
  timeoutSeconds: integer(1, 900, "seconds"),
  logLevel: oneOf(LOG_LEVELS),
  runtime: oneOf(["nodejs22.x", "nodejs24.x"]),
  architecture: oneOf(["arm64", "x86_64"]),
  logRetentionDays: oneOfNumbers(LOG_RETENTION_DAYS, "a retention that CloudWatch Logs knows"),
  artifactRetentionDays: integer(1, S3_MAXIMUM_DAYS, "days"),
  deadLetterRetentionDays: integer(1, 14, "days"),
  errorAlarmThreshold: integer(0, UNBOUNDED, "errors"),
  durationAlarmMs: integer(1, 900_000, "ms"),
  throttleAlarmThreshold: integer(1, UNBOUNDED, "throttles"),
  silenceAlarmMinutes: integer(0, 60, "minutes"),
  logVolumeAlarmMb: integer(1, UNBOUNDED, "MB"),
  monthlyBudgetUsd: integer(0, UNBOUNDED, "USD"),
  anomalyMonitorArn: optional(
    text(
      /^arn:aws[a-z-]*:ce::\d{12}:anomalymonitor\/\S+$/,
      "must be the ARN of the account's cost anomaly monitor",
    ),
  ),
  urgentEmails: list(EMAIL, UNBOUNDED, "must be a list of email addresses"),
  urgentUrls: list(HTTPS_URL, UNBOUNDED, "must be a list of https:// addresses"),
  quietEmails: list(EMAIL, UNBOUNDED, "must be a list of email addresses"),
  quietUrls: list(HTTPS_URL, UNBOUNDED, "must be a list of https:// addresses"),
  slackTeamId: optional(text(/^[0-9A-Z]{1,255}$/, "must be a workspace's id such as T07EA123LEP")),
  slackUrgentChannelId: optional(
    text(/^[A-Za-z0-9]+$/, "must be a channel's id such as C07EZ1ABC23"),
  ),
  slackQuietChannelId: optional(
    text(/^[A-Za-z0-9]+$/, "must be a channel's id such as C07EZ1ABC23"),
  ),
  trafficShift: oneOf(TRAFFIC_SHIFTS),
  canaryMinimumInvocations: integer(1, 10_000, "invocations"),
  lowTraffic: oneOf(["synthetic", "extend", "refuse"]),
  githubRepository: text(GITHUB_REPOSITORY, "must be owner/name, as in github.com/owner/name"),
  oidcProviderArn: optional(
    text(
      /^arn:aws[a-z-]*:iam::\d{12}:oidc-provider\/token\.actions\.githubusercontent\.com$/,
      "must be the ARN of the provider for token.actions.githubusercontent.com",
    ),
  ),
  githubSubjectPrefix: optional(
    text(
      GITHUB_SUBJECT_PREFIX,
      "must be what GitHub's tokens begin with where they carry ids, such as repo:owner@123/name@456",
    ),
  ),
  githubRepositoryId: optional(text(/^\d+$/, "must be the repository's number on GitHub")),
  githubDefaultBranch: text(/^[^\s~^:?*[\\]+$/, "must be the name of a branch, such as main"),
  ...OPTION_RULES,
} as const;

export type ConfigKey = keyof typeof RULES;

/** Every config key that the program reads, in the order of the rules. */
export const CONFIG_KEYS = Object.keys(RULES) as readonly ConfigKey[];

type Values = { readonly [K in ConfigKey]: Ruled<(typeof RULES)[K]> };

/** The validated settings of one stack, with its name and region. */
export interface Settings extends Values {
  /** The stack's name, for example `staging`. */
  readonly environment: string;
  /** AWS region, config key `aws:region`. */
  readonly region: string;
  /** What else the `aws:` keys say of the provider: accounts, profile, roles, tags. */
  readonly provider: ProviderSettings;
  /** The functions beside the service's own: infra/own/functions.ts. */
  readonly functions: readonly OwnFunction[];
  /** The one of them that these settings are for; absent: the service's own. */
  readonly functionId?: string | undefined;
}

/** Raw config as text, by key without its namespace; `region` is that of `aws:region`. */
export interface RawSettings {
  readonly environment: string;
  readonly region: string | undefined;
  readonly values: Readonly<Partial<Record<ConfigKey, string>>>;
  /** The other keys of the `aws:` namespace. Default none. */
  readonly provider?: Readonly<Record<string, string>>;
  /** The functions beside the service's own. Default none. */
  readonly functions?: readonly OwnFunction[];
}

/** Config that cannot be used: the message holds one line a fault. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
  readonly faults: readonly string[];
  constructor(environment: string, faults: readonly string[]) {
    const count = faults.length === 1 ? "1 fault" : `${faults.length} faults`;
    const lines = faults.map((fault) => `  ${fault}`);
    super([`${count} in the configuration of stack ${environment}:`, ...lines].join("\n"));
    this.faults = faults;
  }
}

/** Parses raw config. Throws one `SettingsError` that lists all faults, those across keys too. */
export function parseSettings(raw: RawSettings): Settings {
  const { environment, region, values } = raw;
  const parsed = Object.entries(RULES).map(([key, rule]) => {
    const value = values[key as ConfigKey];
    return { key, raw: value, value: rule(value) };
  });
  const remedy = `set it in Pulumi.${environment}.yaml`;
  const faults = parsed.flatMap(({ key, raw, value }) =>
    value instanceof Refusal
      ? (value.faults?.map((fault) => `${fault} in Pulumi.${environment}.yaml`) ?? [
          `${key}: ${raw ? JSON.stringify(raw) : "no value"}; ${value.rule}; ${remedy}`,
        ])
      : [],
  );
  if (!region || !REGION.test(region)) {
    const shown = region ? JSON.stringify(region) : "no value";
    faults.push(`aws:region: ${shown}; must be an AWS region such as us-east-1; ${remedy}`);
  }
  const valid = Object.fromEntries(
    parsed.filter(({ value }) => !(value instanceof Refusal)).map(({ key, value }) => [key, value]),
  ) as Partial<Values>;
  faults.push(
    ...faultsAcrossKeys(environment, valid),
    ...optionFaults({ ...valid, ...(region && { region }) }, environment),
  );
  const { provider, faults: providerFaults } = parseProvider(environment, raw.provider);
  faults.push(...providerFaults);
  if (faults.length > 0 || !region) throw new SettingsError(environment, faults);
  const { functions = [] } = raw;
  const settings = { ...(valid as Values), environment, region, provider, functions };
  const functionsAtFault = functionFaults(settings, faultOfValue);
  if (functionsAtFault.length > 0) throw new SettingsError(environment, functionsAtFault);
  return Object.freeze(settings);
}

/** What is wrong with the value of a key that is not from config, in words; undefined where it is right. */
function faultOfValue(key: ConfigKey, value: string | number): string | undefined {
  const read = RULES[key](String(value));
  return read instanceof Refusal ? read.rule : undefined;
}

/**
 * What is wrong with the names of config keys, given in full such as `lambda-service:memoryMb`. A misspelt key,
 * or one that another project's name leads, would otherwise go unnoticed and the default be used. Keys of
 * other namespaces are those of providers.
 */
export function unknownKeys(
  { project, environment }: { readonly project: string; readonly environment: string },
  keys: readonly string[],
): string[] {
  const known: readonly string[] = CONFIG_KEYS;
  return keys.flatMap((full) => {
    const [namespace, key] = splitKey(full);
    const remedy = `correct it in Pulumi.${environment}.yaml`;
    if (namespace === project) {
      return known.includes(key)
        ? []
        : [`${key}: no such key; the keys are ${known.join(", ")}; ${remedy}`];
    }
    return known.includes(key)
      ? [`${full}: a key of the project ${namespace}, and this one is ${project}; ${remedy}`]
      : [];
  });
}

const splitKey = (full: string): [namespace: string, key: string] => {
  const colon = full.indexOf(":");
  return [full.slice(0, colon), full.slice(colon + 1)];
};

/** Rules that need more than one key; a key that its own rule refused is absent and asks nothing here. */
function faultsAcrossKeys(environment: string, settings: Partial<Values>): string[] {
  const { serviceName, timeoutSeconds, durationAlarmMs } = settings;
  const faults: string[] = [];
  // Without hyphens, because lambda-*-staging must not stand for anything of an environment pre-staging.
  if (!/^[a-z][a-z0-9]*$/.test(environment)) {
    faults.push(
      `stack name: ${JSON.stringify(environment)}; must start with a lower-case letter and hold only a-z and 0-9; it ends every name, and the roles tell environments apart by that end; choose another name`,
    );
  }
  const { githubRepository, githubSubjectPrefix } = settings;
  if (githubRepository !== undefined && githubSubjectPrefix !== undefined) {
    const named = githubSubjectPrefix.replace(/^repo:/, "").replaceAll(/@\d+/g, "");
    if (named !== githubRepository) {
      faults.push(
        `githubSubjectPrefix: "${githubSubjectPrefix}"; names ${named}, and githubRepository is ${githubRepository}; correct the one that is wrong, or run: npm run bootstrap -- --stack ${environment}`,
      );
    }
  }
  if (serviceName !== undefined) {
    for (const fault of longNames({ serviceName, environment })) {
      faults.push(`serviceName: "${serviceName}"; ${fault}; choose a shorter one`);
    }
  }
  if (timeoutSeconds !== undefined && durationAlarmMs !== undefined) {
    if (durationAlarmMs >= timeoutSeconds * 1000) {
      faults.push(
        `durationAlarmMs: "${durationAlarmMs}"; must be below timeoutSeconds (${timeoutSeconds} s = ${timeoutSeconds * 1000} ms), else the alarm can never fire; lower it or raise the timeout`,
      );
    }
  }
  return faults;
}
