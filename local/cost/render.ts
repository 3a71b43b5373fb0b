/** An estimate as people read it. Pure. */
import type { CostLine, Estimate } from "./estimate.ts";
import { PRICES, type PriceName } from "./prices.ts";
import type { Usage } from "./usage.ts";

/** Smaller sums are added up in one line. */
export const SMALLEST_USD = 0.01;

export const usd = (value: number): string => `$${value.toFixed(2)}`;

const count = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString("en") : Number(value.toPrecision(3)).toString();

export const usageText = ({ requests, durationMs, logKb }: Usage): string =>
  `${requests.toLocaleString("en")} calls a month of ${durationMs} ms, ${logKb} KB of logs each`;

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
  const rows = shown.map(({ resource, resources, what, detail, price, quantity, usd: cost }) => {
    const { usd: each, per } = PRICES[price];
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
