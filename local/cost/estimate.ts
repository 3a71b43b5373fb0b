/**
 * What a stack costs in a month, computed from its resources. What has no price here is named, so that nothing is
 * left out without a word. Pure.
 */
import { HANDLER_METRICS } from "../../function/platform/metric-names.ts";
import { costOf, type PriceName } from "../../infra/observability/prices.ts";
import type { Context, Part, PricedResource, PricerTable } from "./pricing.ts";
import { DATA_TYPES } from "./types/data.ts";
import { EVENT_TYPES } from "./types/events.ts";
import { isFree } from "./types/free.ts";
import { FUNCTION_TYPES, serviceOf } from "./types/function.ts";
import { NETWORK_TYPES } from "./types/network.ts";
import { OBSERVABILITY_TYPES } from "./types/observability.ts";
import type { Usage } from "./usage.ts";

/** One line of an estimate. */
export interface CostLine {
  /** The resource's name in the program. */
  readonly resource: string;
  readonly type: string;
  /** What is paid for: the same words whatever the size, so that two estimates can be compared. */
  readonly what: string;
  /** What the quantity comes from, for example `512 MB for 100 ms`. */
  readonly detail?: string;
  readonly price: PriceName;
  /** How many of what the price is for. */
  readonly quantity: number;
  readonly usd: number;
}

export interface Estimate {
  readonly lines: readonly CostLine[];
  /** A month in USD. */
  readonly totalUsd: number;
  /** Types that cost something or may, and have no price here; with how many there are. */
  readonly notPriced: Readonly<Record<string, number>>;
}

const PRICERS: PricerTable = {
  ...FUNCTION_TYPES,
  ...OBSERVABILITY_TYPES,
  ...EVENT_TYPES,
  ...DATA_TYPES,
  ...NETWORK_TYPES,
};

/** Custom metrics that the handler emits: the first ten of an account are free, which is not counted here. */
const OWN_METRICS = Object.values(HANDLER_METRICS).reduce(
  (total, metric) => total + ("byVersion" in metric ? 2 : 1),
  0,
);

/** Estimates a month of these resources. `main` is the name in AWS of the function that users call. */
export function estimate(
  resources: readonly PricedResource[],
  usage: Usage,
  main?: string,
): Estimate {
  const lines: CostLine[] = [];
  const notPriced: Record<string, number> = {};
  const add = ({ name, type }: PricedResource, [what, price, quantity, detail]: Part): void => {
    const usd = costOf(price, quantity);
    if (usd <= 0) return;
    const explained = detail === undefined ? {} : { detail };
    lines.push({ resource: name, type, what, ...explained, price, quantity, usd });
  };
  const service = serviceOf(resources, main);
  const context: Context = { usage, service, resources };
  for (const resource of resources.filter(({ type }) => type.startsWith("aws:"))) {
    const { type } = resource;
    const parts = PRICERS[type]?.(resource, context);
    if (parts) for (const part of parts) add(resource, part);
    else if (!isFree(type)) notPriced[type] = (notPriced[type] ?? 0) + 1;
  }
  if (service.main !== "") {
    const handler = { name: "handler", type: "aws:lambda/function:Function", inputs: {} };
    add(handler, ["metrics of its own", "customMetric", OWN_METRICS]);
  }
  const totalUsd = lines.reduce((total, { usd }) => total + usd, 0);
  return { lines: lines.toSorted((a, b) => b.usd - a.usd), totalUsd, notPriced };
}
