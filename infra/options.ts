/** Every option of the template: its config keys, and what it adds where. docs/options.md describes them. */
import type { AwsLocation } from "./arns.ts";
import type { Statement } from "./identity/document.ts";
import type { Alarm } from "./observability/alarms.ts";
import { concurrency, CONCURRENCY_RULES } from "./options/concurrency.ts";
import { encryption, ENCRYPTION_RULES } from "./options/encryption.ts";
import { network, NETWORK_RULES } from "./options/network.ts";
import type { Option, OptionDeployRights, RoleRights } from "./options/option.ts";
import { secrets, SECRETS_RULES } from "./options/secrets.ts";
import { signing, SIGNING_RULES } from "./options/signing.ts";
import { tracing, TRACING_RULES } from "./options/tracing.ts";
import type { Settings } from "./settings/parse.ts";
import type { Rule } from "./settings/rules.ts";
import { SOURCES, SOURCES_RULES } from "./sources/option.ts";

/** The config keys of all options, each with its rule. */
export const OPTION_RULES = {
  ...CONCURRENCY_RULES,
  ...NETWORK_RULES,
  ...ENCRYPTION_RULES,
  ...SECRETS_RULES,
  ...SIGNING_RULES,
  ...TRACING_RULES,
  ...SOURCES_RULES,
} as const satisfies Readonly<Record<string, Rule<unknown>>>;

const OPTIONS: readonly Option[] = [
  concurrency,
  network,
  encryption,
  secrets,
  signing,
  tracing,
  SOURCES,
];

export const optionFaults = (settings: Partial<Settings>, environment: string): readonly string[] =>
  OPTIONS.flatMap((option) => option.faults?.(settings, environment) ?? []);

export const optionRights = (location: AwsLocation, settings: Settings): readonly Statement[] =>
  OPTIONS.flatMap((option) => option.rights?.(location, settings) ?? []);

/** What options add to a role that is neither the handler's nor the deploy role. */
export const optionRoleRights = (
  role: keyof RoleRights,
  location: AwsLocation,
  settings: Settings,
): readonly Statement[] =>
  OPTIONS.flatMap((option) => option.roleRights?.(location, settings)[role] ?? []);

export const optionReserved = (location: AwsLocation, settings: Settings): readonly Statement[] =>
  OPTIONS.flatMap((option) => option.reserved?.(location, settings) ?? []);

export function optionDeployRights(location: AwsLocation, settings: Settings): OptionDeployRights {
  const rights = OPTIONS.flatMap((option) => option.deployRights?.(location, settings) ?? []);
  return {
    change: rights.flatMap(({ change }) => change),
    read: rights.flatMap(({ read }) => read),
  };
}

export const optionAlarms = (settings: Settings): Readonly<Record<string, Alarm>> =>
  Object.assign({}, ...OPTIONS.map((option) => option.alarms?.(settings)));

export const optionEnvironment = (settings: Settings): Readonly<Record<string, string>> =>
  Object.assign({}, ...OPTIONS.map((option) => option.environment?.(settings)));
