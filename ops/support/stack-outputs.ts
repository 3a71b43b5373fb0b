/** Reads what a stack tells the outside: the only thing that commands know about it. */
import { readFile } from "node:fs/promises";
import { execa } from "execa";
import type { StackOutputs } from "../../infra/outputs.ts";
import { Refused } from "./refused.ts";

/** Names a file that stands in for the engine, for example in the local cloud. */
export const OUTPUTS_FILE_VARIABLE = "STACK_OUTPUTS_FILE";

const TIMEOUT_MS = 60_000;

/**
 * The outputs of a stack: from the file that `STACK_OUTPUTS_FILE` names when it is set, else from
 * `pulumi stack output`. Throws `Refused` when they cannot be had, or are those of another stack.
 */
export async function readStackOutputs(
  stack: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<StackOutputs> {
  const file = environment[OUTPUTS_FILE_VARIABLE];
  const text = file ? await readOutputsFile(file) : await askEngine(stack, environment);
  return parseOutputs(stack, text, file ? `${OUTPUTS_FILE_VARIABLE} ${file}` : `stack ${stack}`);
}

const readOutputsFile = (file: string): Promise<string> =>
  readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new Refused(
      `${OUTPUTS_FILE_VARIABLE}: ${file} cannot be read (${error.code})`,
      "correct or unset it",
    );
  });

async function askEngine(stack: string, environment: NodeJS.ProcessEnv): Promise<string> {
  const result = await execa("pulumi", ["stack", "output", "--json", "--stack", stack], {
    reject: false,
    timeout: TIMEOUT_MS,
    env: environment,
    stdin: "ignore",
  });
  if (result.code === "ENOENT") {
    throw new Refused("pulumi is not on the PATH", "install it, or set STACK_OUTPUTS_FILE");
  }
  if (result.timedOut) {
    throw new Refused(
      `pulumi stack output did not answer in ${TIMEOUT_MS / 1000} s`,
      "check that the state backend can be reached",
    );
  }
  if (result.failed) {
    const reason = result.stderr.split("\n").find((line) => line.startsWith("error:"));
    const shown = reason?.slice("error:".length).trim() ?? result.shortMessage;
    throw new Refused(
      `the outputs of stack ${stack} cannot be read: ${shown}`,
      "see: pulumi stack ls",
    );
  }
  return result.stdout;
}

/** Names of outputs that every command may rely on. */
const TEXTS = [
  "environment",
  "serviceName",
  "region",
  "accountId",
  "functionName",
  "functionVersion",
  "aliasName",
  "deadLetterQueueUrl",
  "artifactsBucketName",
  "codeDeployApplicationName",
  "deploymentGroupName",
  "deploymentConfigName",
  "hookFunctionName",
  "metricsNamespace",
] as const satisfies readonly (keyof StackOutputs)[];

const NUMBERS = [
  "canaryMinimumInvocations",
  "durationAlarmMs",
  "hookTimeoutSeconds",
  "timeoutSeconds",
] as const satisfies readonly (keyof StackOutputs)[];

/** Parses outputs as JSON text. Throws `Refused` when one is missing, or they are those of another stack. */
export function parseOutputs(stack: string, text: string, from: string): StackOutputs {
  const outputs = parseJson(text, from) as Partial<StackOutputs>;
  const missing = [
    ...TEXTS.filter((key) => typeof outputs[key] !== "string" || outputs[key] === ""),
    ...NUMBERS.filter((key) => typeof outputs[key] !== "number"),
  ];
  if (missing.length > 0) {
    throw new Refused(
      `${from} has no output ${missing.join(", ")}`,
      `deploy it first: pulumi up --stack ${stack}`,
    );
  }
  if (outputs.environment !== stack) {
    throw new Refused(
      `--stack ${stack}: ${from} holds the outputs of ${outputs.environment}`,
      "name the right stack",
    );
  }
  return outputs as StackOutputs;
}

function parseJson(text: string, from: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // Said below, together with what is JSON but no object.
  }
  throw new Refused(`${from}: not a JSON object of stack outputs`);
}
