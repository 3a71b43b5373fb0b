/**
 * For the workflow pull-request: a plan needs the state, and a pull request must not have the key of its secrets.
 *
 *   node ops/pipeline/redact.ts --stack production
 *     takes the secrets out of Pulumi.production.yaml in this checkout;
 *   node ops/pipeline/redact.ts --stack production --state export.json --output redacted.json
 *     takes them out of a state, for a new stack of that file, whose secrets a passphrase opens.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { redactedStackFile, saltOf } from "./stack-file.ts";
import { redactedState, type StateExport } from "./state.ts";

const { values } = parseArgs({
  options: {
    stack: { type: "string", default: "" },
    state: { type: "string" },
    output: { type: "string", default: "" },
  },
});
const file = `Pulumi.${values.stack}.yaml`;
const text = readFileSync(file, "utf8");
if (values.state === undefined) {
  writeFileSync(file, redactedStackFile(text));
} else {
  const salt = saltOf(text);
  if (salt === undefined) {
    throw new Error(`${file} has no encryptionsalt; make the stack first: pulumi stack init`);
  }
  const state = JSON.parse(readFileSync(values.state, "utf8")) as StateExport;
  writeFileSync(values.output, JSON.stringify(redactedState(state, salt)));
}
