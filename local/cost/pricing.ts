/** What rules of prices are written in. */
import type { PriceName } from "../../infra/observability/prices.ts";
import type { Inputs } from "./inputs.ts";
import type { Usage } from "./usage.ts";

/** A resource of a stack, as far as its price depends on it. */
export interface PricedResource {
  /** For example `aws:sqs/queue:Queue`. */
  readonly type: string;
  /** Its name in the program. */
  readonly name: string;
  readonly inputs: Inputs;
}

/** One thing that is paid for: what, at which price, how many a month, and what that comes from. */
export type Part = readonly [what: string, price: PriceName, quantity: number, detail?: string];

/** What a rule knows beside its resource. */
export interface Context {
  readonly usage: Usage;
  readonly service: Service;
  /** All resources of the stack. */
  readonly resources: readonly PricedResource[];
}

/** The function that users call, and that the usage is of. */
export interface Service {
  /** Its name in AWS; empty where the stack has none. */
  readonly main: string;
  readonly memoryGb: number;
  readonly arm: boolean;
  /** Instances that are kept ready for it all the time. */
  readonly provisioned: number;
}

/** What one resource costs a month; undefined where there is no price for it in this form. */
export type Pricer = (resource: PricedResource, context: Context) => readonly Part[] | undefined;

/** Rules by type. */
export type PricerTable = Readonly<Record<string, Pricer>>;

/** A thing that costs the same each month. */
export const fixed =
  (what: string, price: PriceName): Pricer =>
  () => [[what, price, 1]];

/** Of a type. */
export const ofType = (
  { resources }: Pick<Context, "resources">,
  type: string,
): readonly PricedResource[] => resources.filter((resource) => resource.type === type);
