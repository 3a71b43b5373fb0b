/** What something that config turns on adds to the tables of the program, beside its resources. */
import type { AwsLocation } from "../arns.ts";
import type { Statement } from "../identity/document.ts";
import type { Alarm } from "../observability/alarms.ts";
import type { Settings } from "../settings/parse.ts";

/** Rights of pipelines on the resources of an option. */
export interface OptionDeployRights {
  /** What the deploy role may do beside reading: create, change, delete. */
  readonly change: readonly Statement[];
  /** What a plan reads, also in pull requests, and people too: nothing that returns secrets or customers' data. */
  readonly read: readonly Statement[];
}

/** Rights of the roles that are neither the handler's nor the deploy role. */
export interface RoleRights {
  readonly hook?: readonly Statement[];
  readonly rollback?: readonly Statement[];
  /** People on call, who have what a plan reads and what releases do besides. */
  readonly operator?: readonly Statement[];
}

/**
 * One option. Every function is pure and answers "nothing" while the option is off, so that a stack without it
 * has not one resource, right or byte of it. Its config keys and their rules stand beside it and are listed in
 * `infra/options.ts`; its resources are made by the component that they belong to.
 */
export interface Option {
  /**
   * What contradicts what, one line a fault: `key: value; rule; remedy`. A key that its own rule refused is absent
   * and asks nothing here.
   */
  readonly faults?: (settings: Partial<Settings>, environment: string) => readonly string[];
  /** What the handler may do. Beyond what docs/security.md lists, an administrator widens the boundary first. */
  readonly rights?: (location: AwsLocation, settings: Settings) => readonly Statement[];
  /** The hook's widen the boundary, as the handler's do. */
  readonly roleRights?: (location: AwsLocation, settings: Settings) => RoleRights;
  /** What nobody under the boundary may do, whatever it is given: denials alone. */
  readonly reserved?: (location: AwsLocation, settings: Settings) => readonly Statement[];
  readonly deployRights?: (location: AwsLocation, settings: Settings) => OptionDeployRights;
  /** Alarms by metric, each with its runbook in docs/operations.md. */
  readonly alarms?: (settings: Settings) => Readonly<Record<string, Alarm>>;
  /** Environment variables of the handler. */
  readonly environment?: (settings: Settings) => Readonly<Record<string, string>>;
}
