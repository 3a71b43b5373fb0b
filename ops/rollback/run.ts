/**
 * A rollback, immediate and safe against others: an active deployment is stopped, the alias is moved under its
 * revision id, and the version that loses its traffic is recorded so that no release picks it again.
 *
 * The record gets a head start of two seconds, which is far more than it needs: a run that is killed after it is
 * simply run again, while a move without a record would let the next release bring the bad version back. When it
 * takes longer, traffic does not wait for it.
 */
import { setTimeout } from "node:timers/promises";
import {
  DeploymentAlreadyCompletedException,
  StopDeploymentCommand,
} from "@aws-sdk/client-codedeploy";
import { PreconditionFailedException, UpdateAliasCommand } from "@aws-sdk/client-lambda";
import { readDeployment } from "../release/deployments.ts";
import { isActive, type PastDeployment } from "../release/history.ts";
import { record } from "../release/records.ts";
import { wasRefused } from "../support/aws.ts";
import { hasWeights, readAlias } from "../support/alias.ts";
import { unlessInterrupted } from "../support/interrupt.ts";
import { stackArgument } from "../support/function-argument.ts";
import { nextPoll } from "../support/pace.ts";
import { Refused } from "../support/refused.ts";
import type { Session } from "../support/session.ts";
import { asksFirst, confirmed } from "../support/terminal.ts";
import { planRollback, type RollbackOptions, type RollbackPlan } from "./plan.ts";
import { readRollbackState, versionLines } from "./state.ts";

export interface RollbackResult {
  readonly verdict: "rolled back" | "nothing to do";
  /** One line: what is true now. */
  readonly summary: string;
  /** Version that the alias is at now. */
  readonly version: string;
  /** Version that it was at before. */
  readonly before: string;
  /** Versions that no release picks again. */
  readonly recorded: readonly string[];
  readonly stoppedDeployment: string | null;
  readonly reason: string;
  /** From the decision to the alias being where it should be. */
  readonly durationSeconds: number;
}

type Back = Extract<RollbackPlan, { kind: "back" }>;

/** How long traffic waits for the record. */
const HEAD_START_MS = 2_000;

/** Throws `Refused` where it cannot be done, or somebody else was faster. */
export async function rollBackStack(
  session: Session,
  options: RollbackOptions & { readonly reason: string; readonly yes?: true },
): Promise<RollbackResult> {
  const { clients, outputs, terminal, interrupted } = session;
  const { functionName, environment } = outputs;
  const { reason } = options;
  const { snapshot, alias, code } = await unlessInterrupted(interrupted, () =>
    readRollbackState(clients, outputs, options),
  );
  const plan = planRollback(snapshot, options);
  if (plan.kind === "refuse") {
    for (const line of await versionLines(clients, outputs, snapshot)) terminal.say(line);
    throw new Refused(plan.problem, plan.remedy);
  }
  const before = alias.version;
  if (plan.kind === "nothing") {
    return {
      verdict: "nothing to do",
      summary: `nothing to do: ${plan.why}`,
      version: before,
      before,
      recorded: [],
      stoppedDeployment: null,
      reason,
      durationSeconds: 0,
    };
  }

  terminal.say(describe(plan, before));
  if (asksFirst(outputs)) {
    await confirmed(`Send all ${environment} traffic to version ${plan.to}?`, options.yes);
  }
  const startedMs = performance.now();
  const recording = recordBad(session, plan, code, reason);
  await Promise.race([recording, setTimeout(HEAD_START_MS, undefined, { ref: false })]);
  if (plan.stop) await stop(session, plan.stop);
  await moveAlias(session, plan, alias.revisionId);
  const elapsedMs = performance.now() - startedMs;
  const first = await recording;
  // Traffic is safe now: what was not written while it waited gets a second try.
  const missing = plan.bad.filter((version) => !first.includes(version));
  const second = await recordBad(session, { ...plan, bad: missing }, code, reason);
  const recorded = [...first, ...second];
  const unrecorded = plan.bad.filter((version) => !recorded.includes(version));
  const afterwards =
    unrecorded.length > 0
      ? `; version ${unrecorded.join(", ")} could not be recorded as bad: do not release it`
      : recorded.length > 0
        ? `; no release picks version ${recorded.join(", ")} again`
        : "";
  return {
    verdict: "rolled back",
    summary: `rolled back: ${functionName} serves version ${plan.to} alone, in ${(elapsedMs / 1000).toFixed(1)} s${afterwards}`,
    version: plan.to,
    before,
    recorded,
    stoppedDeployment: plan.stop?.id ?? null,
    reason,
    durationSeconds: Math.round(elapsedMs / 100) / 10,
  };
}

function describe({ to, stop }: Back, from: string): string {
  const what = from === to ? `all traffic to version ${to}` : `version ${from} → ${to}`;
  return stop ? `${what}; deployment ${stop.id} is stopped first` : what;
}

/** Records the bad versions; yields those that it could. Traffic matters more than a record: never throws. */
async function recordBad(
  { clients, outputs, terminal }: Session,
  { bad, to, stop: stopped }: Back,
  code: ReadonlyMap<string, string>,
  reason: string,
): Promise<readonly string[]> {
  const recorded: string[] = [];
  for (const version of bad) {
    const codeSha256 = code.get(version) ?? "";
    try {
      await record(clients, outputs, {
        version,
        codeSha256,
        outcome: "rolled back",
        to,
        reason,
        ...(stopped?.to === version && { deploymentId: stopped.id }),
      });
      recorded.push(version);
    } catch (error) {
      terminal.say(`version ${version} could not be recorded as bad: ${(error as Error).message}`);
    }
  }
  return recorded;
}

/** Polls of a deployment that is being stopped before the alias is moved regardless. */
const MOST_POLLS = 12;

/** Stops a deployment and lets CodeDeploy take it back, so that nothing of its moves the alias afterwards. */
async function stop(
  { clients: { codeDeploy }, terminal, minuteMs }: Session,
  { id: deploymentId, rollsBack }: PastDeployment,
): Promise<void> {
  if (!rollsBack) {
    const command = new StopDeploymentCommand({ deploymentId, autoRollbackEnabled: true });
    await codeDeploy.send(command).catch((error: unknown) => {
      if (!(error instanceof DeploymentAlreadyCompletedException)) throw error;
    });
  }
  for (let poll = 0; poll < MOST_POLLS; poll++) {
    const stopped = await readDeployment(codeDeploy, deploymentId);
    const back = stopped.rollbackId && (await readDeployment(codeDeploy, stopped.rollbackId));
    terminal.live(`stopping deployment ${deploymentId}: ${stopped.status}`, stopped.status);
    if (!isActive(stopped) && (rollsBack || stopped.status === "Succeeded")) return;
    if (back && !isActive(back)) return;
    await nextPoll(minuteMs);
  }
}

/** Tries of the move: answers get lost, and CodeDeploy may still be moving the alias that we have stopped it with. */
const MOST_TRIES = 5;

async function moveAlias(
  { clients, outputs, terminal, minuteMs }: Session,
  { to, stop: stopped }: Back,
  plannedRevision: string,
): Promise<void> {
  const { functionName, aliasName, environment } = outputs;
  for (let attempt = 1; ; attempt++) {
    const alias = await readAlias(clients, outputs);
    // Also when the answer to an update was lost.
    if (alias.version === to && !hasWeights(alias)) return terminal.quiet();
    if (attempt > MOST_TRIES || (!stopped && alias.revisionId !== plannedRevision)) {
      throw new Refused(
        `somebody else has moved the alias meanwhile: it is at version ${alias.version}`,
        `see what has happened, then run the command again: npm run rollback -- ${stackArgument(environment, outputs)} --reason "…"`,
      );
    }
    const command = new UpdateAliasCommand({
      FunctionName: functionName,
      Name: aliasName,
      FunctionVersion: to,
      RoutingConfig: { AdditionalVersionWeights: {} },
      // What was planned on must still be true; after a stop, CodeDeploy has changed it itself.
      RevisionId: stopped ? alias.revisionId : plannedRevision,
    });
    try {
      await clients.lambda.send(command);
    } catch (error) {
      const outdated = error instanceof PreconditionFailedException;
      if (wasRefused(error) && !outdated) throw error;
      await nextPoll(minuteMs);
    }
  }
}
