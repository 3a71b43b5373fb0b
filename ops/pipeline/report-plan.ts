/**
 * For the workflows: says what a plan changes.
 *
 *   node ops/pipeline/report-plan.ts --stack production --saved plan.json
 *   node ops/pipeline/report-plan.ts --stack production --offline preview.json
 *
 * Prints Markdown: one sentence, the table of changes, and what differs (`--text FILE` of the engine's own).
 * `--kind` says in words what the plan was made with. `--row FILE` and `--details FILE` write the parts of a
 * pull request's comment. Where GITHUB_OUTPUT is set, it gets `changes`, and `identity` where something changes that
 * only an administrator may change.
 */
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { needsAdministrator } from "../identity/changes.ts";
import {
  changesTable,
  hasChanges,
  offlineText,
  type OfflinePlan,
  readOfflinePlan,
  readSavedPlan,
  type SavedPlan,
  sentenceOf,
  tableRow,
} from "./plan.ts";

/** Longest details of one stack in the comment, which cuts off after 26,000 bytes, and longest text in a summary, which holds 1 MiB. */
const DETAILS_CHARACTERS = 24_000;
const SUMMARY_CHARACTERS = 800_000;

const { values } = parseArgs({
  options: {
    stack: { type: "string", default: "" },
    saved: { type: "string" },
    offline: { type: "string" },
    text: { type: "string" },
    kind: { type: "string", default: "" },
    row: { type: "string" },
    details: { type: "string" },
  },
});
/** The end of a text in a fence that it cannot close: the totals are there, and what is cut is in the summary. */
const fenced = (text: string, limit: number): string => {
  const safe = text.replaceAll("~~~", "~ ~ ~");
  if (safe === "" || limit <= 0) return "";
  const note = "… the summary of the run has the rest\n";
  const shown = safe.length > limit ? `${note}${safe.slice(-limit)}` : safe;
  return ["~~~~~~", shown, "~~~~~~"].join("\n");
};
const read = (file: string): unknown => JSON.parse(readFileSync(file, "utf8"));
const offline = values.offline === undefined ? undefined : (read(values.offline) as OfflinePlan);
const plan = offline
  ? readOfflinePlan(offline)
  : readSavedPlan(read(values.saved ?? "") as SavedPlan);
const { stack } = values;
const title = `${stack}: ${sentenceOf(plan)}`;
const table = changesTable(plan);
const text = offline
  ? offlineText(offline)
  : values.text === undefined
    ? ""
    : readFileSync(values.text, "utf8");
const forAdministrator = plan.changes.some(({ operation: op, urn }) =>
  needsAdministrator({ op, urn }),
);

if (values.row !== undefined) writeFileSync(values.row, `${tableRow(stack, plan)}\n`);
if (values.details !== undefined) {
  // A comment holds 65,536 characters for both stacks; the table comes first, and the text gives way.
  const body = [
    `<details><summary>${title} (${values.kind})</summary>`,
    table.slice(0, DETAILS_CHARACTERS),
    fenced(text, DETAILS_CHARACTERS - table.length),
    "</details>",
  ];
  writeFileSync(values.details, `${body.filter((part) => part !== "").join("\n\n")}\n`);
}
const output = process.env["GITHUB_OUTPUT"];
if (output) {
  appendFileSync(output, `changes=${hasChanges(plan)}\nidentity=${forAdministrator}\n`);
}
console.log(
  [`### Plan of ${title}`, values.kind, table, fenced(text, SUMMARY_CHARACTERS), ""]
    .filter((part) => part !== "")
    .join("\n\n"),
);
