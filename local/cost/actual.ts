/** What was paid beside what the list prices make of the same usage. Pure. */
import type { CostLine } from "./estimate.ts";
import { isTagged, serviceOfPrice } from "./services.ts";
import { HOURS_A_MONTH } from "./usage.ts";

export interface ServiceCost {
  /** Cost Explorer's name. */
  readonly service: string;
  /** In the days that were looked at; absent where figures are by metrics alone. */
  readonly spent?: number;
  /** At list prices, for the same days and usage; without what carries no tags where `spent` is there. */
  readonly estimatedUsd: number;
}

export interface Actual {
  /** `tags`: Cost Explorer, by the stack's tags. `metrics`: usage as CloudWatch counted it, at list prices. */
  readonly by: "tags" | "metrics";
  readonly currency: string;
  /** The largest first. */
  readonly services: readonly ServiceCost[];
  /** At list prices: what carries no tags, and is in no figure of Cost Explorer's by tags. */
  readonly untaggedUsd: number;
}

/** Compares the estimate of a month with what was paid in so many days. `spent` is by service. */
export function compareActual(
  lines: readonly CostLine[],
  days: number,
  spent: { readonly services: Readonly<Record<string, number>>; readonly currency: string },
): Actual {
  const share = (days * 24) / HOURS_A_MONTH;
  const sum = (some: readonly CostLine[]): number =>
    some.reduce((total, { usd }) => total + usd * share, 0);
  const by = Object.keys(spent.services).length > 0 ? "tags" : "metrics";
  const counted = by === "tags" ? lines.filter(({ price }) => isTagged(price)) : lines;
  const estimated = Map.groupBy(counted, ({ price }) => serviceOfPrice(price));
  const names = [...new Set([...estimated.keys(), ...Object.keys(spent.services)])];
  const services = names.map((service) => ({
    service,
    ...(by === "tags" && { spent: spent.services[service] ?? 0 }),
    estimatedUsd: sum(estimated.get(service) ?? []),
  }));
  const size = ({ spent = 0, estimatedUsd }: ServiceCost) => Math.max(spent, estimatedUsd);
  return {
    by,
    currency: spent.currency,
    services: services.toSorted((a, b) => size(b) - size(a)),
    untaggedUsd: by === "tags" ? sum(lines.filter(({ price }) => !isTagged(price))) : 0,
  };
}
