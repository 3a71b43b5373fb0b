/**
 * For the workflow rollback: writes a stack's outputs for `STACK_OUTPUTS_FILE` without asking Pulumi. At night
 * neither the state, nor its key, nor its backend has to be there; and the role for it may read none of them.
 *
 *   node ops/pipeline/write-outputs.ts --stack production --output outputs.json
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { LambdaClient, paginateListVersionsByFunction } from "@aws-sdk/client-lambda";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { functionName } from "../../infra/names.ts";
import { parseSettings } from "../../infra/settings/parse.ts";
import { derivedOutputs } from "../support/derived-outputs.ts";
import { PROJECT_ROOT } from "../support/project.ts";
import { rawSettings, readStackConfig } from "../support/stack-config.ts";

const { values } = parseArgs({
  options: {
    stack: { type: "string", default: "" },
    output: { type: "string", default: "" },
  },
});
const settings = parseSettings(rawSettings(readStackConfig(PROJECT_ROOT, values.stack)));
const { region } = settings;
const { Account } = await new STSClient({ region }).send(new GetCallerIdentityCommand({}));
if (Account === undefined) throw new Error("STS did not say who calls");
let newest = 0;
const pages = paginateListVersionsByFunction(
  { client: new LambdaClient({ region }) },
  { FunctionName: functionName(settings) },
);
for await (const { Versions = [] } of pages) {
  // `$LATEST` is no number.
  for (const { Version } of Versions) newest = Math.max(newest, Number(Version) || 0);
}
const outputs = derivedOutputs(settings, Account, String(newest));
writeFileSync(values.output, JSON.stringify(outputs));
