/** What a plan makes a release do. */
import { shiftOf } from "../../infra/release/shift.ts";
import { readAlias } from "../support/alias.ts";
import { readReplay, replayStatus } from "../replay/activity.ts";
import { readCaller } from "../support/caller.ts";
import { unlessInterrupted } from "../support/interrupt.ts";
import { Refused } from "../support/refused.ts";
import type { Session } from "../support/session.ts";
import { asksFirst, confirmed } from "../support/terminal.ts";
import { recentCallsPerMinute } from "./calls.ts";
import { type Followed, followDeployment } from "./follow.ts";
import type { Plan } from "./plan.ts";
import { record } from "./records.ts";
import { startDeployment } from "./start.ts";
import type { ReleaseState } from "./state.ts";
import { checkTime, type TimeAllowed } from "./time-limit.ts";
import { planTraffic, type TrafficPlan } from "./traffic.ts";
import { tryByHook } from "./trial.ts";
import { bringAlarms } from "./watch.ts";

/** Nothing is moved, but the version is tried before anybody relies on it. Yields the summary. */
export async function tryServing(
  session: Session,
  { published }: ReleaseState,
  version: string,
): Promise<string> {
  const { clients, outputs, terminal, interrupted } = session;
  terminal.say(`nothing to move: the alias is at version ${version} already; the hook tries it`);
  const { faults, calls } = await unlessInterrupted(interrupted, () => tryByHook(session, version));
  const [fault] = faults;
  const found = fault ?? `${calls} calls of the pre-traffic hook were answered correctly`;
  const summary = `released: ${outputs.functionName} serves version ${version}; ${found}`;
  await record(clients, outputs, {
    version,
    codeSha256: published?.CodeSha256 ?? "",
    outcome: fault === undefined ? "released" : "failed",
    reason: found,
    ...(fault === undefined && { summary }),
  });
  if (fault === undefined) return summary;
  throw new Refused(
    `version ${version}, which the alias points at, failed its trial: ${faults.join("; ")}`,
    "let nobody call it yet, deploy a new version and release that",
  );
}

/** What `remember` of a deployment's following is. */
const remembering =
  ({ clients, outputs }: Session, { published }: ReleaseState, id: string, version: string) =>
  async (fault: string): Promise<void> => {
    if (version !== outputs.functionVersion) return;
    await record(clients, outputs, {
      version,
      codeSha256: published?.CodeSha256 ?? "",
      outcome: "failed",
      reason: `version ${version} answered a synthetic call wrongly: ${fault} (${id})`,
      deploymentId: id,
    });
  };

/** Follows a deployment that is active already, for example one that an earlier run started. */
export async function followActive(
  session: Session,
  state: ReleaseState,
  { deployment, ours }: Extract<Plan, { kind: "follow" }>,
): Promise<Followed> {
  const { outputs, terminal } = session;
  const { id, from, to, configName } = deployment;
  terminal.say(`deployment ${id} (version ${from} → ${to}) is active already; following it`);
  return followDeployment(session, id, {
    shift: shiftOf(configName),
    ours,
    synthetic: ours && outputs.lowTraffic === "synthetic",
    enough: false,
    remember: remembering(session, state, id, to),
  });
}

/** Takes up a deployment that ended while nobody followed it, to give its verdict. */
export async function takeUp(
  session: Session,
  state: ReleaseState,
  { deployment }: Extract<Plan, { kind: "judge" }>,
): Promise<Followed> {
  const { outputs, terminal } = session;
  const { id, from, to, configName, status } = deployment;
  terminal.say(
    `deployment ${id} (version ${from} → ${to}) ended as ${status} and has no verdict yet; judging it`,
  );
  const { version } = await readAlias(session.clients, outputs);
  return followDeployment(session, id, {
    shift: shiftOf(configName),
    ours: false,
    // What it answers counts as long as it serves.
    synthetic: version === to && outputs.lowTraffic === "synthetic",
    enough: false,
    remember: remembering(session, state, id, to),
  });
}

export interface MoveOptions {
  readonly yes?: true;
  readonly reason?: string;
  /** Minutes that a release may take. */
  readonly timeLimit?: number;
}

/** Starts a deployment and follows it. */
export async function move(
  session: Session,
  state: ReleaseState,
  plan: Extract<Plan, { kind: "move" }>,
  { yes, reason, timeLimit }: MoveOptions,
): Promise<Followed> {
  const { clients, outputs, terminal, interrupted } = session;
  await unlessInterrupted(interrupted, () => refuseDuringReplay(session));
  const { shift, synthetic, enough } = await unlessInterrupted(interrupted, () =>
    trafficPlan(session),
  );
  const { hookTimeoutSeconds, lowTraffic } = outputs;
  const allowed: TimeAllowed = {
    limitMinutes: timeLimit,
    credentialsMinutes: await credentialsMinutes(session),
  };
  const length = { shift, hookTimeoutSeconds, mayExtend: lowTraffic === "extend" };
  const minutes = checkTime(length, allowed);
  terminal.say(
    `version ${plan.from} → ${plan.to} by ${shift.configName}; it takes ${minutes} minutes at most`,
  );
  if (asksFirst(outputs)) {
    await confirmed(`Move ${outputs.environment} traffic to version ${plan.to}?`, yes);
  }
  const alarmNames = await unlessInterrupted(interrupted, () =>
    shift.windowMinutes > 0 ? bringAlarms(session, plan.to) : Promise.resolve([]),
  );
  const { arn } = await unlessInterrupted(interrupted, () => readCaller(clients.sts));
  const what = `version ${plan.from} to ${plan.to} by ${arn}`;
  const description = reason === undefined ? what : `${what}: ${reason}`;
  const { from, to } = plan;
  const id = await startDeployment(session, { from, to, shift, alarmNames, description });
  terminal.say(`deployment ${id} has started`);
  const remember = remembering(session, state, id, to);
  return followDeployment(session, id, { shift, ours: true, synthetic, enough, remember });
}

/**
 * Messages that a replay sends through the alias while it has weights, and that fail again, would be failures of
 * the new version. What a replay has failed before is the old version's, and does not judge this one.
 */
async function refuseDuringReplay({ clients, outputs, minuteMs }: Session): Promise<void> {
  const seen = await readReplay(clients.s3, outputs);
  const status = replayStatus(seen, minuteMs);
  if (status.kind === "active") {
    throw new Refused(
      `a replay of dead letters is under way, by ${status.by}: what fails again would count against the new version`,
      "wait for its end, or interrupt it",
    );
  }
  if (status.kind === "recent" && seen?.record.asynchronous) {
    throw new Refused(
      `Lambda may still be trying events that ${status.by} has replayed: what fails again would count against the new version`,
      `run the command again in ${status.minutes} minutes`,
    );
  }
}

/** Minutes until the credentials end; `undefined` where nobody says. */
async function credentialsMinutes({ clients }: Session): Promise<number | undefined> {
  const { expiration } = await clients.codeDeploy.config.credentials();
  return expiration && (expiration.getTime() - clients.now()) / 60_000;
}

async function trafficPlan(session: Session): Promise<Extract<TrafficPlan, { kind: "go" }>> {
  const { clients, outputs, terminal, minuteMs } = session;
  const shift = shiftOf(outputs.deploymentConfigName);
  const callsPerMinute =
    shift.windowMinutes > 0 ? await recentCallsPerMinute(clients, outputs, minuteMs) : 0;
  const plan = planTraffic({
    shift,
    callsPerMinute,
    minimum: outputs.canaryMinimumInvocations,
    lowTraffic: outputs.lowTraffic,
  });
  if (plan.kind === "refuse") throw new Refused(plan.problem, plan.remedy);
  if (plan.shift.configName !== shift.configName) {
    terminal.say(
      `a longer canary than ${shift.configName}: ${callsPerMinute.toFixed(1)} calls a minute of late`,
    );
  }
  return plan;
}
