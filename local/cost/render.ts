/** An estimate as people read it. Pure. */
import {
  PRICED_REGION,
  PRICES,
  type Price,
  type PriceName,
} from "../../infra/observability/prices.ts";
import type { Advice } from "./advice.ts";
import type { CostLine, Estimate } from "./estimate.ts";
import type { Usage } from "./usage.ts";

/** Smaller sums are added up in one line. */
export const SMALLEST_USD = 0.01;

export const usd = (value: number): string => `$${value.toFixed(2)}`;

/** `+$3.00` or `−$0.67`. */
export const signed = (value: number): string => `${value < 0 ? "−" : "+"}${usd(Math.abs(value))}`;

const count = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString("en") : Number(value.toPrecision(3)).toString();

export const usageText = ({ requests, durationMs }: Usage): string =>
  `${Math.round(requests).toLocaleString("en")} calls a month of ${Number(durationMs.toPrecision(4))} ms`;

/** What to turn, and what options would add; nothing where there is nothing to say. */
export function renderAdvice({ save, add, already }: Advice): string[] {
  const rows = (turns: Advice["save"]) =>
    turns.map(({ key, value, usd, says }) => [signed(usd), `${key}: ${value}`, says]);
  return [
    ...(save.length > 0 ? ["", "What would save, a month:", ...table(rows(save))] : []),
    ...(already.length > 0 ? [`as cheap as it can be: ${already.join(", ")}`] : []),
    ...(add.length > 0 ? ["", "What options would add, a month:", ...table(rows(add))] : []),
  ];
}

/** Rows in columns: the first to the right, the others to the left. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const width = (column: number): number =>
    Math.max(0, ...rows.map((row) => (row[column] ?? "").length));
  return rows.map(([first = "", ...others]) =>
    [
      first.padStart(width(0)),
      ...others.map((text, index) =>
        index === others.length - 1 ? text : text.padEnd(width(index + 1)),
      ),
    ].join("  "),
  );
}

/** Many alarms of the same price are one line. */
function grouped(lines: readonly CostLine[]): (CostLine & { readonly resources: number })[] {
  const groups = Map.groupBy(lines, ({ what, price, detail }) => `${what} ${price} ${detail}`);
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
export function renderEstimate(
  estimate: Estimate,
  usage: Usage,
  title: string,
  region: string,
): string {
  const lines = grouped(estimate.lines);
  const shown = lines.filter((line) => line.usd >= SMALLEST_USD);
  const rest = lines.length - shown.length;
  const rows = shown.map(({ resource, resources, what, detail, price, quantity, usd: cost }) => {
    const { usd: first, per, tiers }: Price = PRICES[price];
    // Where several tiers apply, what one costs on average.
    const each = tiers && quantity > (tiers[0]?.above ?? 0) ? cost / quantity : first;
    const of = resources > 1 ? `${resources} resources` : resource;
    const full = detail === undefined ? what : `${what}, ${detail}`;
    return [usd(cost), `${of}: ${full}`, `${count(quantity)} × $${plain(each)} a ${per}`] as const;
  });
  const missing = Object.entries(estimate.notPriced).map(
    ([type, number]) => `not priced: ${number} × ${type}`,
  );
  return [
    title,
    usageText(usage),
    "",
    ...table(rows),
    ...(rest > 0 ? [`${rest} more below a cent each`] : []),
    "",
    `${usd(estimate.totalUsd)} a month, list prices of ${PRICED_REGION} without free tiers and taxes`,
    ...otherRegion(region),
    ...missing,
    ...sources(lines.map(({ price }) => price)),
  ].join("\n");
}

/** Prices of other regions are not kept: somebody who is there has to know. */
export const otherRegion = (region: string): readonly string[] =>
  region === PRICED_REGION
    ? []
    : [`the stack is in ${region}, where list prices differ from those of ${PRICED_REGION}`];

const plain = (value: number): string => value.toFixed(10).replace(/\.?0+$/, "");

/** Where the prices are from: each origin once, with the pages that state the prices in force. */
function sources(names: readonly PriceName[]): string[] {
  const origins = Map.groupBy(
    [...new Set(names)].map((name) => PRICES[name]),
    ({ read, source }) => `${read}, ${source}`,
  );
  return [...origins].map(([origin, prices]) => {
    const pages = [...new Set(prices.map(({ page }) => page))].sort();
    return `prices of ${origin}; in force: ${pages.join(", ")}`;
  });
}
