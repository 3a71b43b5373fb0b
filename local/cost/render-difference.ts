/** A difference of two estimates as people read it. Pure. */
import type { Difference, DifferenceLine } from "./difference.ts";
import { otherRegion, signed, SMALLEST_USD, table, usageText } from "./render.ts";
import type { Usage } from "./usage.ts";

/** The difference, line by line; `title` says of what. */
export function renderDifference(
  difference: Difference,
  usage: Usage,
  title: string,
  region: string,
): string {
  const { beforeUsd, afterUsd, usd, notPriced } = difference;
  const shown = difference.lines.filter((line) => Math.abs(line.usd) >= SMALLEST_USD);
  const rest = difference.lines.length - shown.length;
  const total =
    difference.lines.length === 0
      ? `no difference: $${afterUsd.toFixed(2)} a month`
      : `${signed(usd)} a month: $${beforeUsd.toFixed(2)} before, $${afterUsd.toFixed(2)} after`;
  return [
    title,
    usageText(usage),
    "",
    ...table(shown.map((line) => [signed(line.usd), `${line.resource}: ${line.what}`, how(line)])),
    ...(rest > 0 ? [`${rest} more below a cent each`] : []),
    ...(difference.lines.length > 0 ? [""] : []),
    total,
    ...otherRegion(region),
    ...Object.entries(notPriced).map(
      ([type, { before, after }]) => `not priced: ${type}, ${before} before, ${after} after`,
    ),
  ].join("\n");
}

function how({ before, after, beforeUsd, afterUsd }: DifferenceLine): string {
  const sides = [
    [before, beforeUsd],
    [after, afterUsd],
  ] as const;
  const texts = sides.map(([detail, usd]) => {
    if (usd === 0) return "none";
    return detail === undefined ? `$${usd.toFixed(2)}` : `$${usd.toFixed(2)} (${detail})`;
  });
  return texts.join(" → ");
}
