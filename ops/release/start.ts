/** Starts a deployment, exactly once however often its answer is lost. */
import { createHash, randomUUID } from "node:crypto";
import {
  CreateDeploymentCommand,
  type CreateDeploymentCommandInput,
  DeploymentLimitExceededException,
} from "@aws-sdk/client-codedeploy";
import { writeAppSpec } from "../../hook/app-spec.ts";
import type { Shift } from "../../infra/release/shift.ts";
import { explained, HOPELESS, wasRefused } from "../support/aws.ts";
import { nextPoll } from "../support/pace.ts";
import { isRefusal, Refused } from "../support/refused.ts";
import type { Session } from "../support/session.ts";
import { readRecentDeployments } from "./deployments.ts";

/** CodeDeploy's limit of a description. */
const MOST_CHARACTERS = 500;

/** Tries of the start, each after making sure that the one before has not worked. */
const TRIES = 4;

/** AWS's clock and the one of an answer's date differ by less. */
const CLOCK_MARGIN_MS = 60_000;

export interface Start {
  readonly from: string;
  readonly to: string;
  readonly shift: Shift;
  /** Alarms that judge it, and no others; none where there is no canary to judge. */
  readonly alarmNames: readonly string[];
  /** Who does it, and why. */
  readonly description: string;
}

/**
 * Asks CodeDeploy to move the alias; yields the deployment's id.
 *
 * The call is not idempotent, and a lost answer does not say whether it was carried out. So it carries a token in
 * its description, is never repeated blindly, and a deployment with the token is recognised as one's own.
 */
export async function startDeployment(session: Session, start: Start): Promise<string> {
  const { clients, terminal, minuteMs } = session;
  const token = `[release ${randomUUID().slice(0, 8)}]`;
  const command = new CreateDeploymentCommand(inputOf(session, start, token));
  const sinceMs = clients.now() - CLOCK_MARGIN_MS;
  const own = async (): Promise<string | undefined> =>
    (await readRecentDeployments(clients.codeDeploy, session.outputs, sinceMs)).find(
      ({ description }) => description.endsWith(token),
    )?.id;
  for (let attempt = 1; ; attempt++) {
    try {
      const { deploymentId } = await clients.codeDeployOnce.send(command);
      if (deploymentId !== undefined) return deploymentId;
    } catch (error) {
      const reason = explained(error);
      if (isRefusal(reason) && HOPELESS.includes(reason.reason ?? "")) throw error;
      const id = await own();
      if (id !== undefined) return id;
      if (error instanceof DeploymentLimitExceededException) {
        throw new Refused(
          `somebody else has started a release meanwhile (${error.message})`,
          "run the command again to see it",
        );
      }
      if (wasRefused(error) || attempt >= TRIES) throw error;
      terminal.live(
        `AWS did not take the release: ${(error as Error).name}; trying again`,
        "start",
      );
    }
    await nextPoll(minuteMs, session.interrupted);
    if (session.interrupted.aborted) {
      throw new Refused(
        "interrupted before AWS had answered",
        "see whether a release has begun: npm run release",
      );
    }
  }
}

function inputOf(
  { outputs }: Session,
  { from, to, shift, alarmNames, description }: Start,
  token: string,
): CreateDeploymentCommandInput {
  const content = writeAppSpec({
    functionName: outputs.functionName,
    aliasName: outputs.aliasName,
    currentVersion: from,
    targetVersion: to,
    beforeAllowTraffic: outputs.hookFunctionName,
  });
  return {
    applicationName: outputs.codeDeployApplicationName,
    deploymentGroupName: outputs.deploymentGroupName,
    deploymentConfigName: shift.configName,
    description: `${description.slice(0, MOST_CHARACTERS - token.length - 1)} ${token}`,
    revision: {
      revisionType: "AppSpecContent",
      appSpecContent: { content, sha256: createHash("sha256").update(content).digest("hex") },
    },
    overrideAlarmConfiguration: {
      enabled: alarmNames.length > 0,
      alarms: alarmNames.map((name) => ({ name })),
    },
  };
}
