/**
 * For the workflows: says what a change adds to the month's cost of a stack.
 *
 *   node ops/pipeline/report-cost.ts --stack production --cost cost.json --details report/cost-production.md
 *
 * Reads what `npm run cost -- --against REVISION --json` printed. Prints Markdown for the run's summary, and writes
 * the same to `--details` for the pull request's comment, but only where something differs.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { costSection, type CostReport } from "./cost.ts";

const { values } = parseArgs({
  options: {
    stack: { type: "string", default: "" },
    cost: { type: "string", default: "" },
    details: { type: "string" },
  },
});
const section = costSection(
  values.stack,
  JSON.parse(readFileSync(values.cost, "utf8")) as CostReport,
);
if (section !== "" && values.details !== undefined) writeFileSync(values.details, `${section}\n`);
console.log(section === "" ? `Cost of ${values.stack}: no difference.\n` : `${section}\n`);
