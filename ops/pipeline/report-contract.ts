/**
 * For the workflows: says what a change of the contract breaks.
 *
 *   node ops/pipeline/report-contract.ts --contract contract.json --details report/contract.md
 *
 * Reads what `npm run openapi -- --against REVISION --json` printed. Prints Markdown for the run's summary, and writes
 * the same to `--details` for the pull request's comment, but only where something changed.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { contractSection, type ContractReport } from "./contract.ts";

const { values } = parseArgs({
  options: {
    contract: { type: "string", default: "" },
    details: { type: "string" },
  },
});
const section = contractSection(
  JSON.parse(readFileSync(values.contract, "utf8")) as ContractReport,
);
if (section !== "" && values.details !== undefined) writeFileSync(values.details, `${section}\n`);
console.log(section === "" ? "Contract of the API: no change.\n" : `${section}\n`);
