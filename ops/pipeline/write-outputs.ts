/**
 * For the workflow rollback: writes a stack's outputs for `STACK_OUTPUTS_FILE` without asking Pulumi. At night
 * neither the state, nor its key, nor its backend has to be there; and the role for it may read none of them.
 *
 *   node ops/pipeline/write-outputs.ts --stack production --output outputs.json
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import {
  LambdaClient,
  paginateListVersionsByFunction,
  ResourceNotFoundException,
} from "@aws-sdk/client-lambda";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { functionName, functionScopes } from "../../infra/names.ts";
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
const config = readStackConfig(PROJECT_ROOT, values.stack);
const settings = parseSettings(rawSettings(config));
const { region } = settings;
const { Account } = await new STSClient({ region }).send(new GetCallerIdentityCommand({}));
if (Account === undefined) throw new Error("STS did not say who calls");
const lambda = new LambdaClient({ region });

/** The version that was published last. */
async function newestOf(name: string): Promise<string> {
  let newest = 0;
  const pages = paginateListVersionsByFunction({ client: lambda }, { FunctionName: name });
  try {
    for await (const { Versions = [] } of pages) {
      // `$LATEST` is no number.
      for (const { Version } of Versions) newest = Math.max(newest, Number(Version) || 0);
    }
  } catch (error) {
    // One that this commit adds and no deployment has made must not keep another from going back.
    if (name === functionName(settings) || !(error instanceof ResourceNotFoundException)) {
      throw error;
    }
  }
  return String(newest);
}

const newest = new Map<string, string>();
for (const scope of functionScopes(settings)) {
  const name = functionName(scope);
  newest.set(name, await newestOf(name));
}
const outputs = derivedOutputs({
  settings,
  project: config.project,
  accountId: Account,
  newestVersion: (name) => newest.get(name) ?? "0",
});
writeFileSync(values.output, JSON.stringify(outputs));
