/**
 * A rollback, immediate and safe against others: an active deployment is stopped, the alias is moved
 * under its revision id, and the bad version is marked so that no release picks it again.
 *
 * The mark comes before the move: a run that is killed in between is simply run again, while a move
 * without a mark would let the next release bring the bad version back.
 */
import {
  DeploymentAlreadyCompletedException,
  StopDeploymentCommand,
} from "@aws-sdk/client-codedeploy";
import { PreconditionFailedException, UpdateAliasCommand } from "@aws-sdk/client-lambda";
import type { ReleaseContext } from "../support/session.ts";
import { readDeployment, readDeployments } from "../release/deployments.ts";
import { isActive, type PastDeployment, statuses } from "../release/history.ts";
import { record } from "../release/record.ts";
import { readAlias, readCurrentRecords, readVersions } from "../release/state.ts";
import { Refused } from "../support/refused.ts";
import { nextPoll } from "../support/pace.ts";
import { asksFirst, confirmed } from "../support/terminal.ts";
import { planRollback, type RollbackOptions, type RollbackPlan } from "./plan.ts";

export interface RollbackResult {
  readonly verdict: "rolled back" | "nothing to do";
  /** One line: what is true now. */
  readonly summary: string;
  /** Version that the alias is at now. */
  readonly version: string;
  /** Version that it was at before. */
  readonly before: string;
  readonly marked: readonly string[];
  readonly stoppedDeployment: string | null;
  readonly reason: string;
  /** From the decision to the alias being where it should be. */
  readonly durationSeconds: number;
}

type Back = Extract<RollbackPlan, { kind: "back" }>;

/** Throws `Refused` where it cannot be done, or somebody else was faster. */
export async function rollBackStack(
  context: ReleaseContext,
  options: RollbackOptions & { readonly reason: string; readonly yes?: true },
): Promise<RollbackResult> {
  const { clients, outputs, terminal } = context;
  const { functionName, environment } = outputs;
  const { reason } = options;
  const [before, deployments, versions] = await Promise.all([
    readAlias(clients, outputs),
    readDeployments(clients.codeDeploy, outputs),
    readVersions(clients, outputs),
  ]);
  const records = await readCurrentRecords(clients, outputs, versions);
  const plan = planRollback(
    {
      stack: environment,
      published: outputs.functionVersion,
      alias: before,
      deployments,
      known: statuses(deployments, records),
      existing: [...versions.keys()],
    },
    options,
  );
  if (plan.kind === "refuse") throw new Refused(`${plan.fault}; ${plan.remedy}`);
  const result = { before: before.version, reason, marked: [], stoppedDeployment: null };
  if (plan.kind === "nothing") {
    const summary = `nothing to do: ${plan.why}`;
    return {
      ...result,
      verdict: "nothing to do",
      summary,
      version: before.version,
      durationSeconds: 0,
    };
  }

  terminal.say(describe(plan, before.version));
  if (asksFirst(outputs)) {
    await confirmed(`Send all ${environment} traffic to version ${plan.to}?`, options.yes);
  }
  const startedMs = Date.now();
  const marked = await releaseRecord(context, plan, versions, reason);
  if (plan.stop) await stop(context, plan.stop);
  await moveAlias(context, plan, before.revisionId);
  const elapsedMs = Date.now() - startedMs;
  const unmarked = plan.bad.filter((version) => !marked.includes(version));
  const afterwards =
    unmarked.length > 0
      ? `; version ${unmarked.join(", ")} could not be marked: do not release it`
      : marked.length > 0
        ? `; no release picks version ${marked.join(", ")} again`
        : "";
  return {
    ...result,
    verdict: "rolled back",
    summary: `rolled back: ${functionName} serves version ${plan.to} alone, in ${(elapsedMs / 1000).toFixed(1)} s${afterwards}`,
    version: plan.to,
    marked,
    stoppedDeployment: plan.stop?.id ?? null,
    durationSeconds: Math.round(elapsedMs / 100) / 10,
  };
}

function describe({ to, stop }: Back, from: string): string {
  const what = from === to ? `all traffic to version ${to}` : `version ${from} → ${to}`;
  return stop ? `${what}; deployment ${stop.id} is stopped first` : what;
}

/** Marks the bad versions; yields those that it could. Traffic matters more than a mark, so a failure does not stop the rollback. */
async function releaseRecord(
  { clients, outputs, terminal }: ReleaseContext,
  { bad, to }: Back,
  versions: ReadonlyMap<string, string>,
  reason: string,
): Promise<readonly string[]> {
  const marked: string[] = [];
  for (const version of bad) {
    const codeSha256 = versions.get(version) ?? "";
    const why = `rolled back to version ${to}: ${reason}`;
    try {
      await record(clients, outputs, { version, codeSha256, outcome: "bad", reason: why });
      marked.push(version);
    } catch (error) {
      terminal.say(`version ${version} could not be marked: ${(error as Error).message}`);
    }
  }
  return marked;
}

/** Looks at a deployment that is being stopped before the alias is moved regardless. */
const MOST_POLLS = 12;

/** Stops a deployment and lets CodeDeploy take it back, so that nothing of its moves the alias afterwards. */
async function stop(
  { clients: { codeDeploy }, terminal, minuteMs }: ReleaseContext,
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

/** Tries of the move while CodeDeploy, which we have stopped, may still be moving the alias itself. */
const TRIES_AFTER_STOP = 5;

async function moveAlias(
  { clients, outputs, terminal, minuteMs }: ReleaseContext,
  { to, stop: stopped }: Back,
  plannedRevision: string,
): Promise<void> {
  const { functionName, aliasName, environment } = outputs;
  for (let attempt = 1; ; attempt++) {
    const alias = await readAlias(clients, outputs);
    const settled = alias.version === to && Object.keys(alias.weights).length === 0;
    if (settled) return terminal.quiet();
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
      if (!(error instanceof PreconditionFailedException)) throw error;
      if (!stopped || attempt === TRIES_AFTER_STOP) {
        const now = await readAlias(clients, outputs);
        throw new Refused(
          `somebody else has moved the alias meanwhile: it is at version ${now.version}; look, then run the command again: npm run rollback -- --stack ${environment} --reason "…"`,
        );
      }
      await nextPoll(minuteMs);
    }
  }
}
