/** What a plan makes a release do. */
import { Refused } from "../support/refused.ts";
import { asksFirst, confirmed } from "../support/terminal.ts";
import { recentCallsPerMinute } from "./calls.ts";
import type { ReleaseContext } from "../support/session.ts";
import { type Followed, followDeployment } from "./follow.ts";
import type { Plan } from "./plan.ts";
import { caller, record } from "./record.ts";
import { shiftOf } from "./shift.ts";
import { startDeployment } from "./start.ts";
import type { ReleaseState } from "./state.ts";
import { planTraffic, type TrafficPlan } from "./traffic.ts";
import { tryByHook } from "./trial.ts";

/** The first release: nothing is moved, but the version is tried before anybody relies on it. Yields the truth. */
export async function tryFirst(
  { clients, outputs, terminal }: ReleaseContext,
  { published }: ReleaseState,
  version: string,
): Promise<string> {
  terminal.say(`nothing to move: the alias is at version ${version} already; the hook tries it`);
  const { faults, calls } = await tryByHook(clients, outputs, version);
  const [fault] = faults;
  const found = fault ?? `${calls} calls of the pre-traffic hook were answered rightly`;
  await record(clients, outputs, {
    version,
    codeSha256: published?.CodeSha256 ?? "",
    outcome: fault === undefined ? "good" : "bad",
    reason: found,
  });
  if (fault === undefined) {
    return `released: ${outputs.functionName} serves version ${version}, its first; ${found}`;
  }
  throw new Refused(
    `version ${version}, which the alias was made with, failed its trial: ${faults.join("; ")}; let nobody call it yet, deploy a new version and release that`,
  );
}

/** Follows a deployment that is active already, for example one that an earlier run started. */
export async function followActive(
  context: ReleaseContext,
  { deployment, ours }: Extract<Plan, { kind: "follow" }>,
): Promise<Followed> {
  const { outputs, terminal } = context;
  const { id, from, to, configName } = deployment;
  terminal.say(`deployment ${id} (version ${from} → ${to}) is active already; following it`);
  return followDeployment(context, id, {
    shift: shiftOf(configName),
    ours,
    synthetic: ours && outputs.lowTraffic === "synthetic",
    enough: false,
    resumed: true,
  });
}

export interface MoveOptions {
  readonly yes?: true;
  readonly reason?: string;
}

/** Starts a deployment and follows it. */
export async function move(
  context: ReleaseContext,
  plan: Extract<Plan, { kind: "move" }>,
  { yes, reason }: MoveOptions,
): Promise<Followed> {
  const { clients, outputs, terminal, interrupted } = context;
  const { shift, synthetic, enough } = await trafficPlan(context);
  terminal.say(`version ${plan.from} → ${plan.to} by ${shift.configName}`);
  if (plan.unwatched.length > 0) terminal.say(`not watched: ${plan.unwatched.join(", ")}`);
  if (asksFirst(outputs)) {
    await confirmed(`Move ${outputs.environment} traffic to version ${plan.to}?`, yes);
  }
  if (interrupted.aborted) throw new Refused("interrupted; nothing was changed");
  const by = await caller(clients);
  const what = `version ${plan.from} to ${plan.to} by ${by}`;
  const id = await startDeployment(
    context,
    plan,
    shift,
    reason === undefined ? what : `${what}: ${reason}`,
  );
  terminal.say(`deployment ${id} has started`);
  return followDeployment(context, id, { shift, ours: true, synthetic, enough, resumed: false });
}

async function trafficPlan(context: ReleaseContext): Promise<Extract<TrafficPlan, { kind: "go" }>> {
  const { clients, outputs, terminal, minuteMs } = context;
  const shift = shiftOf(outputs.deploymentConfigName);
  const callsPerMinute =
    shift.windowMinutes > 0 ? await recentCallsPerMinute(clients, outputs, minuteMs) : 0;
  const plan = planTraffic({
    shift,
    callsPerMinute,
    minimum: outputs.canaryMinimumInvocations,
    lowTraffic: outputs.lowTraffic,
  });
  if (plan.kind === "refuse") throw new Refused(`${plan.fault}; ${plan.remedy}`);
  if (plan.shift.configName !== shift.configName) {
    terminal.say(
      `a longer canary than ${shift.configName}: ${callsPerMinute.toFixed(1)} calls a minute of late`,
    );
  }
  return plan;
}
