/** What a change of the contract breaks, as the workflows tell people. Pure, and without packages, like plan.ts. */
import { cut, within } from "./table.ts";

/** What `npm run openapi -- --against REVISION --json` prints, as far as it is read. */
export interface ContractReport {
  readonly before: string | null;
  readonly after: string;
  readonly outcome: "new" | "same" | "compatible" | "accepted" | "unused" | "broken";
  readonly allowedFrom: string | null;
  readonly breaking: readonly ContractChange[];
  readonly other: readonly ContractChange[];
}

export interface ContractChange {
  readonly operation: string;
  readonly what: string;
}

/** Longest table in bytes: a comment holds it beside two plans, and is cut off after 4,000. */
const TABLE_BYTES = 3_000;
const WHAT_CHARACTERS = 160;

/** What to think of it, in one sentence; undefined where nothing changed. */
function sentenceOf({ before, after, outcome, allowedFrom }: ContractReport): string | undefined {
  switch (outcome) {
    case "broken":
      return `Keep what callers use. Or say that it is on purpose: raise the version in package.json to ${allowedFrom}, and run \`npm run openapi\`.`;
    case "accepted":
      return `On purpose: the version is ${after}, and was ${before}.`;
    case "unused":
      return "No stack has an API, so nobody calls by it.";
    case "compatible":
      return "Whoever calls by the contract before can go on.";
    case "new":
    case "same":
    default:
      return undefined;
  }
}

/** A collapsed section of Markdown, open where it breaks; empty where nothing changed. */
export function contractSection(report: ContractReport): string {
  const sentence = sentenceOf(report);
  if (sentence === undefined) return "";
  const { outcome, breaking, other } = report;
  const rows = [
    ...breaking.map((change) => row("**breaking**", change)),
    ...other.map((change) => row("compatible", change)),
  ];
  const shown = within(TABLE_BYTES, rows);
  const rest = rows.length - shown.length;
  const parts = [
    ...(breaking.length > 0 ? [counted(breaking.length, "breaking change")] : []),
    ...(other.length > 0 ? [counted(other.length, "compatible change")] : []),
  ];
  return [
    `<details${outcome === "broken" ? " open" : ""}><summary>Contract of the API: ${parts.join(", ")}</summary>`,
    sentence,
    ["| | operation | what |\n| --- | --- | --- |", ...shown].join("\n"),
    ...(rest > 0 ? [`${rest} more: \`npm run openapi -- --against REVISION\` has all.`] : []),
    "</details>",
  ].join("\n\n");
}

const row = (kind: string, { operation, what }: ContractChange): string =>
  `| ${kind} | ${cut(operation)} | ${cut(what, WHAT_CHARACTERS)} |`;

const counted = (count: number, what: string): string =>
  `${count} ${what}${count === 1 ? "" : "s"}`;
