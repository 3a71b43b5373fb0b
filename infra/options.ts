/** Every option of the template: its config keys, and what it adds where. docs/options.md describes them. */
import type { AwsLocation } from "./arns.ts";
import { DATABASE } from "./database/option.ts";
import { DATABASE_RULES } from "./database/settings.ts";
import type { Statement } from "./identity/document.ts";
import type { Alarm } from "./observability/alarms.ts";
import { api, API_RULES } from "./options/api.ts";
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
  ...DATABASE_RULES,
  ...API_RULES,
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

/** Options whose rights have a managed policy of their own: those inside a role have 10,240 characters in all. */
const GROWTH: readonly Option[] = [DATABASE, api];

const ALL: readonly Option[] = [...OPTIONS, ...GROWTH];

export const optionFaults = (settings: Partial<Settings>, environment: string): readonly string[] =>
  ALL.flatMap((option) => option.faults?.(settings, environment) ?? []);

export const optionRights = (location: AwsLocation, settings: Settings): readonly Statement[] =>
  ALL.flatMap((option) => option.rights?.(location, settings) ?? []);

/** What options add to a role that is neither the handler's nor the deploy role. */
export const optionRoleRights = (
  role: keyof RoleRights,
  location: AwsLocation,
  settings: Settings,
): readonly Statement[] =>
  ALL.flatMap((option) => option.roleRights?.(location, settings)[role] ?? []);

export const optionReserved = (location: AwsLocation, settings: Settings): readonly Statement[] =>
  ALL.flatMap((option) => option.reserved?.(location, settings) ?? []);

/** What pipelines may do with what options made; `growth` is a part of what they may change. */
export function optionDeployRights(
  location: AwsLocation,
  settings: Settings,
): OptionDeployRights & { readonly growth: readonly Statement[] } {
  const rightsOf = (options: readonly Option[]) =>
    options.flatMap((option) => option.deployRights?.(location, settings) ?? []);
  return {
    change: rightsOf(OPTIONS).flatMap(({ change }) => change),
    growth: rightsOf(GROWTH).flatMap(({ change }) => change),
    read: rightsOf(ALL).flatMap(({ read }) => read),
  };
}

export const optionAlarms = (settings: Settings): Readonly<Record<string, Alarm>> =>
  Object.assign({}, ...ALL.map((option) => option.alarms?.(settings)));

export const optionEnvironment = (settings: Settings): Readonly<Record<string, string>> =>
  Object.assign({}, ...ALL.map((option) => option.environment?.(settings)));
