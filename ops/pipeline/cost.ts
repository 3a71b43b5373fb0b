/**
 * What a plan adds to a month's cost, as the workflows tell people. Pure, and without packages, like plan.ts
 * beside it.
 */
import { cell } from "./plan.ts";
import { cut, within } from "./table.ts";

/** What `npm run cost -- --against REVISION --json` prints, as far as it is read. */
export interface CostReport {
  readonly usage: { readonly requests: number; readonly durationMs: number };
  readonly difference: {
    readonly lines: readonly {
      readonly resource: string;
      readonly what: string;
      readonly beforeUsd: number;
      readonly afterUsd: number;
      readonly usd: number;
      readonly before?: string;
      readonly after?: string;
    }[];
    readonly beforeUsd: number;
    readonly afterUsd: number;
    readonly usd: number;
    readonly notPriced: Readonly<
      Record<string, { readonly before: number; readonly after: number }>
    >;
  };
}

/** Smaller differences are no difference to anybody. */
const SMALLEST_USD = 0.01;

/** Longest table in bytes: a comment holds both stacks and their plans, and is cut off after 3,500 of each cost. */
const TABLE_BYTES = 2_500;

const dollars = (usd: number): string => `$${usd.toFixed(2)}`;
const signed = (usd: number): string => `${usd < 0 ? "−" : "+"}${dollars(Math.abs(usd))}`;

/** `+$1.10 a month ($17.22 → $18.32)`, and the types that have no price; undefined where nothing differs. */
export function costSentence({ difference }: CostReport): string | undefined {
  const { usd, beforeUsd, afterUsd } = difference;
  const parts = [
    ...(linesOf(difference).length > 0
      ? [`${signed(usd)} a month (${dollars(beforeUsd)} → ${dollars(afterUsd)})`]
      : []),
    ...newTypes(difference).map((type) => `not priced: ${type}`),
  ];
  return parts.length > 0 ? parts.join("; ") : undefined;
}

/** A collapsed section of Markdown; empty where nothing differs. */
export function costSection(stack: string, report: CostReport): string {
  const sentence = costSentence(report);
  if (sentence === undefined) return "";
  const { usage, difference } = report;
  const lines = linesOf(difference);
  const rows = within(TABLE_BYTES, lines.map(row));
  const rest = lines.length - rows.length;
  return [
    `<details><summary>${cell(stack)}, cost: ${cut(sentence, 300)}</summary>`,
    ...(rows.length > 0 ? [[TABLE_HEAD, ...rows].join("\n")] : []),
    ...(rest > 0 ? [`${rest} more, each of at most the last one shown.`] : []),
    `For ${usage.requests.toLocaleString("en")} calls of ${usage.durationMs} ms a month, at list prices of us-east-1: \`npm run cost -- --stack ${cell(stack)} --against REVISION\` takes other figures.`,
    "</details>",
  ].join("\n\n");
}

type Difference = CostReport["difference"];
type Line = Difference["lines"][number];

const TABLE_HEAD =
  "| a month | resource | what | before | after |\n| ---: | --- | --- | --- | --- |";

const row = ({ resource, what, usd, beforeUsd, afterUsd, before, after }: Line): string => {
  const cells = [signed(usd), cut(resource), cut(what)];
  return `| ${[...cells, amount(beforeUsd, before), amount(afterUsd, after)].join(" | ")} |`;
};

const linesOf = ({ lines }: Difference): Difference["lines"] =>
  lines.filter(({ usd }) => Math.abs(usd) >= SMALLEST_USD);

/** Types without a price that the change brings, or brings more of. */
const newTypes = ({ notPriced }: Difference): readonly string[] =>
  Object.entries(notPriced).flatMap(([type, { before, after }]) => (after > before ? [type] : []));

const amount = (usd: number, detail: string | undefined): string => {
  if (usd === 0) return "";
  return detail === undefined ? dollars(usd) : `${dollars(usd)} (${cut(detail)})`;
};
