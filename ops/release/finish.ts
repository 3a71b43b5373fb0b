/** The end of a release: gathers the evidence, gives the verdict, records and reports it. */
import type { Session } from "../support/session.ts";
import { isRefusal } from "../support/refused.ts";
import { type Calls, callsByVersion } from "./calls.ts";
import { canaryAlarmNames } from "./canary-alarms.ts";
import { changesBetween } from "./changes.ts";
import type { Followed } from "./follow.ts";
import { record } from "./records.ts";
import { type ReleaseReport, reportOf } from "./report.ts";
import type { ReleaseState } from "./state.ts";
import { tryByHook } from "./trial.ts";
import { type Evidence, outcomeOf, verdictOf, whyNot } from "./verdict.ts";
import { alarmFault, readCanaryAlarms } from "./watch.ts";

const NONE: Calls = { invocations: 0, errors: 0, failingMinutes: 0 };

const HOOK_FAILED = "HOOK_EXECUTION_FAILURE";

/** CodeDeploy only says that the hook failed. Asked once more, the hook itself says what is wrong with the version. */
async function whatTheHookSays(
  session: Session,
  version: string,
): Promise<Pick<Evidence, "hookFaults" | "guardFault">> {
  try {
    const { faults } = await tryByHook(session, version);
    if (faults.length > 0) return { hookFaults: faults };
    return {
      hookFaults: [],
      guardFault: `the pre-traffic hook failed the deployment, and finds nothing wrong with version ${version} when it is asked again; see its logs`,
    };
  } catch (error) {
    const guardFault = isRefusal(error) ? error.problem : (error as Error).message;
    return { hookFaults: [], guardFault };
  }
}

/** Judges a deployment that is over, and remembers the verdict under its id. */
export async function finishRelease(
  session: Session,
  state: ReleaseState,
  followed: Followed,
  reason: string | undefined,
): Promise<ReleaseReport> {
  const { outputs } = session;
  const { deployment } = followed;
  const { evidence, old } = await gather(session, followed);
  const verdict = verdictOf(evidence);
  const { published, serving } = state;
  const ended = reportOf({
    stack: outputs.environment,
    functionId: outputs.functionId,
    functionName: outputs.functionName,
    evidence,
    verdict,
    rollback: followed.rollback,
    hook: followed.hook,
    changes: changesBetween(serving, published),
    calls: { old, new: evidence.counted },
    endedMs: Math.max(
      deployment.completedMs ?? deployment.createdMs,
      followed.rollback?.completedMs ?? 0,
    ),
    reason,
  });
  await remember(session, state, evidence, ended);
  return ended;
}

async function gather(
  { clients, outputs, ...session }: Session,
  followed: Followed,
): Promise<{ evidence: Evidence; old: Calls }> {
  const { shift, deployment } = followed;
  const names = canaryAlarmNames(outputs, deployment.to);
  const watched = shift.windowMinutes > 0;
  const [fault, alarms] = watched
    ? await Promise.all([
        alarmFault(clients, outputs, deployment.to),
        readCanaryAlarms(clients, outputs),
      ])
    : [undefined, []];
  const unwatched = names.filter((name) => !deployment.alarmNames.includes(name));
  const [old = NONE, counted = NONE] = watched
    ? await callsByVersion(clients, outputs, [deployment.from, deployment.to], deployment.createdMs)
    : [];
  const hook =
    deployment.errorCode === HOOK_FAILED && followed.guardFault === undefined
      ? await whatTheHookSays({ clients, outputs, ...session }, deployment.to)
      : { hookFaults: [] };
  const evidence: Evidence = {
    shift,
    deployment,
    alias: followed.alias,
    calls: followed.calls,
    counted,
    minimum: outputs.canaryMinimumInvocations,
    faults: followed.faults,
    alarmNames: names,
    redAlarms: alarms.flatMap(({ AlarmName, StateValue }) =>
      AlarmName !== undefined && StateValue === "ALARM" && names.includes(AlarmName)
        ? [AlarmName]
        : [],
    ),
    alarmFault:
      fault ??
      (watched && unwatched.length > 0
        ? `the deployment was started without ${unwatched.join(", ")}`
        : undefined),
    guardFault: followed.guardFault,
    interrupted: followed.interrupted,
    complete: followed.complete,
    ...hook,
  };
  return { evidence, old };
}

async function remember(
  { clients, outputs, terminal }: Session,
  { published, serving }: ReleaseState,
  evidence: Evidence,
  { verdict, summary }: ReleaseReport,
): Promise<void> {
  const { deployment } = evidence;
  const outcome = outcomeOf(verdict, evidence);
  // Only the published version's code is known here; the verdict on another one is whoever follows that one's.
  if (outcome === undefined || deployment.to !== outputs.functionVersion || deployment.rollsBack) {
    return;
  }
  const { from } = deployment;
  await record(clients, outputs, {
    version: deployment.to,
    codeSha256: published?.CodeSha256 ?? "",
    outcome,
    reason:
      outcome === "released"
        ? `deployment ${deployment.id}`
        : `${whyNot(evidence)} (${deployment.id})`,
    deploymentId: deployment.id,
    ...(serving && verdict !== "rolled back" && { from }),
    summary,
  }).catch((error: unknown) => {
    terminal.say(
      `the verdict could not be recorded (${(error as Error).message}); run the command again to record it`,
    );
    throw error;
  });
}
