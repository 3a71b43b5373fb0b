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
import { identityChanges } from "./identity-changes.ts";
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

/** Longest details of one stack in the comment, and longest text in a summary, which holds 1 MiB. */
const DETAILS_CHARACTERS = 28_000;
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
/** Text of a fence must not be able to close it. */
const fenced = (text: string): string =>
  text === "" ? "" : ["~~~~~~", text.replaceAll("~~~", "~ ~ ~"), "~~~~~~"].join("\n");
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
const identity = identityChanges(plan);

if (values.row !== undefined) writeFileSync(values.row, `${tableRow(stack, plan)}\n`);
if (values.details !== undefined) {
  // A comment holds 65,536 characters for both stacks; the table comes first, and the text gives way.
  const room = Math.max(0, DETAILS_CHARACTERS - table.length);
  const shown =
    text.length > room ? `… the summary of the run has the rest\n${text.slice(-room)}` : text;
  const body = [
    `<details><summary>${title} (${values.kind})</summary>`,
    table.slice(0, DETAILS_CHARACTERS),
    fenced(room > 0 ? shown : ""),
    "</details>",
  ];
  writeFileSync(values.details, `${body.filter((part) => part !== "").join("\n\n")}\n`);
}
const output = process.env["GITHUB_OUTPUT"];
if (output) {
  appendFileSync(output, `changes=${hasChanges(plan)}\nidentity=${identity.length > 0}\n`);
}
console.log(
  [`### Plan of ${title}`, values.kind, table, fenced(text.slice(-SUMMARY_CHARACTERS)), ""]
    .filter((part) => part !== "")
    .join("\n\n"),
);
