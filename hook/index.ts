/**
 * The pre-traffic hook: a Lambda function of its own that tries the new version before it gets traffic.
 *
 * CodeDeploy calls it with a deployment; the version stands in the deployment's AppSpec. The release
 * command calls it with a version, on the first release, where CodeDeploy has nothing to move.
 */
import {
  CodeDeployClient,
  GetDeploymentCommand,
  PutLifecycleEventHookExecutionStatusCommand,
} from "@aws-sdk/client-codedeploy";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { type HookEvent, parseHookEvent } from "./event.ts";
import { deployedAppSpec } from "./revision.ts";
import { SMOKE_EVENTS, type SmokeEvent } from "./smoke-events.ts";
import { targetVersion } from "./target.ts";
import { type Trial, tryVersion } from "./verify.ts";

/** What is left for the answer to CodeDeploy when the trial takes too long. */
const ANSWER_MARGIN_MS = 5_000;

/** Patience with throttling: a trial that fails for it sends a good version back. */
const maxAttempts = 6;

const { FUNCTION_NAME: functionName = "", ROUNDS, SLOWEST_CALL_MS } = process.env;
const lambda = new LambdaClient({ maxAttempts });
const codeDeploy = new CodeDeployClient({ maxAttempts });

/** Tries the version and, when a deployment asked, tells CodeDeploy. */
export async function handler(
  input: unknown,
  context: { getRemainingTimeInMillis(): number },
): Promise<Trial> {
  const event = parseHookEvent(input);
  const signal = AbortSignal.timeout(context.getRemainingTimeInMillis() - ANSWER_MARGIN_MS);
  const trial = await runTrial(event, signal);
  // One line an outcome: `npm run release` links to it, and it says why a release went back.
  console.log(JSON.stringify({ level: "INFO", message: "trial", timestamp: new Date(), ...trial }));
  if (event.kind === "deployment") {
    await codeDeploy.send(
      new PutLifecycleEventHookExecutionStatusCommand({
        deploymentId: event.deploymentId,
        lifecycleEventHookExecutionId: event.executionId,
        // Also what the hook could not do is told at once: CodeDeploy would wait an hour for it.
        status: trial.faults.length === 0 && !trial.hookFault ? "Succeeded" : "Failed",
      }),
    );
  }
  return trial;
}

async function runTrial(event: HookEvent, signal: AbortSignal): Promise<Trial> {
  try {
    const version = event.kind === "version" ? event.version : await targetOf(event.deploymentId);
    const call = (smoke: SmokeEvent) => invoke(version, smoke, signal);
    const limits = { rounds: Number(ROUNDS), slowestCallMs: Number(SLOWEST_CALL_MS) };
    return await tryVersion({ version, events: SMOKE_EVENTS, call, ...limits });
  } catch (error) {
    const hookFault = signal.aborted
      ? "it ran out of time"
      : error instanceof Error
        ? error.message
        : String(error);
    return { version: "unknown", calls: 0, slowestMs: 0, faults: [], hookFault };
  }
}

async function targetOf(deploymentId: string): Promise<string> {
  const { deploymentInfo } = await codeDeploy.send(new GetDeploymentCommand({ deploymentId }));
  return targetVersion(functionName, await deployedAppSpec(codeDeploy, deploymentInfo ?? {}));
}

async function invoke(version: string, { event }: SmokeEvent, abortSignal: AbortSignal) {
  const { FunctionError, Payload } = await lambda.send(
    new InvokeCommand({
      FunctionName: functionName,
      Qualifier: version,
      Payload: JSON.stringify(event),
    }),
    { abortSignal },
  );
  return { functionError: FunctionError, payload: Payload?.transformToString() ?? "" };
}
