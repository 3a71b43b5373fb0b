/** Starts a deployment. */
import { createHash } from "node:crypto";
import {
  type AlarmConfiguration,
  CreateDeploymentCommand,
  DeploymentLimitExceededException,
} from "@aws-sdk/client-codedeploy";
import { writeAppSpec } from "../../hook/app-spec.ts";
import { Refused } from "../support/refused.ts";
import type { ReleaseContext } from "../support/session.ts";
import type { Plan } from "./plan.ts";
import type { Shift } from "./shift.ts";

/** CodeDeploy's limit of a description. */
const MOST_CHARACTERS = 500;

/** Asks CodeDeploy to move the alias; yields the deployment's id. */
export async function startDeployment(
  { clients, outputs }: ReleaseContext,
  move: Extract<Plan, { kind: "move" }>,
  { configName }: Shift,
  description: string,
): Promise<string> {
  const content = writeAppSpec({
    functionName: outputs.functionName,
    aliasName: outputs.aliasName,
    currentVersion: move.from,
    targetVersion: move.to,
    beforeAllowTraffic: outputs.hookFunctionName,
  });
  const command = new CreateDeploymentCommand({
    applicationName: outputs.codeDeployApplicationName,
    deploymentGroupName: outputs.deploymentGroupName,
    deploymentConfigName: configName,
    description: description.slice(0, MOST_CHARACTERS),
    revision: {
      revisionType: "AppSpecContent",
      appSpecContent: { content, sha256: createHash("sha256").update(content).digest("hex") },
    },
    ...(move.unwatched.length > 0 && {
      overrideAlarmConfiguration: withoutAlarms(outputs.releaseAlarmNames, move.unwatched),
    }),
  });
  try {
    const { deploymentId } = await clients.codeDeploy.send(command);
    return deploymentId ?? "unknown";
  } catch (error) {
    if (!(error instanceof DeploymentLimitExceededException)) throw error;
    throw new Refused(
      `somebody else has started a release meanwhile (${error.message}); run the command again to see it`,
    );
  }
}

/** Only the red alarms are left out: the others still judge the release. */
export function withoutAlarms(
  all: readonly string[],
  unwatched: readonly string[],
): AlarmConfiguration {
  const watched = all.filter((name) => !unwatched.includes(name));
  return { enabled: watched.length > 0, alarms: watched.map((name) => ({ name })) };
}
