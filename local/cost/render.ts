/** An estimate as people read it. Pure. */
import type { CostLine, Estimate } from "./estimate.ts";
import { PRICES, type PriceName } from "./prices.ts";
import type { Usage } from "./usage.ts";

/** Smaller sums are added up in one line. */
const SMALLEST_USD = 0.01;

export const usd = (value: number): string => `$${value.toFixed(2)}`;

const count = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString("en") : Number(value.toPrecision(3)).toString();

/** Many alarms of the same price are one line. */
function grouped(lines: readonly CostLine[]): (CostLine & { readonly resources: number })[] {
  const groups = Map.groupBy(lines, ({ what, price }) => `${what} ${price}`);
  return [...groups.values()]
    .flatMap((group) => {
      const [first] = group;
      if (first === undefined) return [];
      const sum = (of: (line: CostLine) => number) =>
        group.reduce((total, line) => total + of(line), 0);
      return [
        {
          ...first,
          quantity: sum(({ quantity }) => quantity),
          usd: sum((line) => line.usd),
          resources: group.length,
        },
      ];
    })
    .toSorted((a, b) => b.usd - a.usd);
}

/** The estimate, line by line, with each price, its source and the month in which it was read. */
export function renderEstimate(estimate: Estimate, usage: Usage, title: string): string {
  const lines = grouped(estimate.lines);
  const shown = lines.filter((line) => line.usd >= SMALLEST_USD);
  const rest = lines.length - shown.length;
  const rows = shown.map(({ resource, resources, what, price, quantity, usd: cost }) => {
    const { usd: each, per } = PRICES[price];
    const of = resources > 1 ? `${resources} resources` : resource;
    return [usd(cost), `${of}: ${what}`, `${count(quantity)} × $${plain(each)} a ${per}`];
  });
  const widths = [0, 1].map((column) =>
    Math.max(0, ...rows.map((row) => (row[column] ?? "").length)),
  );
  const table = rows.map(
    ([cost = "", what = "", how = ""]) =>
      `${cost.padStart(widths[0] ?? 0)}  ${what.padEnd(widths[1] ?? 0)}  ${how}`,
  );
  const missing = Object.entries(estimate.notPriced).map(
    ([type, number]) => `not priced: ${number} × ${type}`,
  );
  return [
    title,
    `${usage.requests.toLocaleString("en")} calls a month of ${usage.durationMs} ms, ${usage.logKb} KB of logs each`,
    "",
    ...table,
    ...(rest > 0 ? [`${rest} more below a cent each`] : []),
    "",
    `${usd(estimate.totalUsd)} a month, list prices of us-east-1 without free tiers and taxes`,
    ...missing,
    ...sources(lines.map(({ price }) => price)),
  ].join("\n");
}

const plain = (value: number): string => value.toFixed(10).replace(/\.?0+$/, "");

/** Where the prices are from, each page once. */
function sources(names: readonly PriceName[]): string[] {
  const pages = Map.groupBy(
    [...new Set(names)].map((name) => PRICES[name]),
    ({ read }) => read,
  );
  return [...pages].map(([read, prices]) => {
    const distinct = [...new Set(prices.map(({ source }) => source))].sort();
    return `prices of ${read} from ${distinct.join(", ")}`;
  });
}
