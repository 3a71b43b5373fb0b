/** What a release has come to, and whose fault it was where it has not come to what was asked. Pure. */
import type { Shift } from "../../infra/release/shift.ts";
import { hasWeights } from "../support/alias.ts";
import type { Calls } from "./calls.ts";
import type { Outcome, PastDeployment } from "./history.ts";
import { answered, type CanaryCalls } from "./traffic.ts";

/**
 * - `released`: the new version serves, and something has judged it;
 * - `inconclusive`: it serves, but too few calls have judged it;
 * - `rolled back`: the old version serves;
 * - `broken`: the alias is not where it should be, or serves a version that fails; somebody has to act.
 */
export type Verdict = "released" | "inconclusive" | "rolled back" | "broken";

/** Everything that a verdict is made from. */
export interface Evidence {
  readonly shift: Shift;
  readonly deployment: PastDeployment;
  readonly alias: { readonly version: string; readonly weights: Readonly<Record<string, number>> };
  /** Calls that judged the new version. */
  readonly calls: CanaryCalls;
  /** What CloudWatch counted for it, errors too. */
  readonly counted: Calls;
  readonly minimum: number;
  /** What the new version answered wrongly to synthetic calls. */
  readonly faults: readonly string[];
  /** Alarms of exactly this version that are red. */
  readonly redAlarms: readonly string[];
  /** Names of the alarms of exactly this version. */
  readonly alarmNames: readonly string[];
  /** Why the alarms did not judge exactly this version all the time. */
  readonly alarmFault?: string | undefined;
  /** What the hook finds wrong with the version, asked again after it has failed a deployment. */
  readonly hookFaults: readonly string[];
  /** Whether the user stopped it. */
  readonly interrupted: boolean;
  /** Why this command stopped it because what judges did not work. */
  readonly guardFault?: string | undefined;
  /** Whether CloudWatch has delivered everything that was counted in the window. */
  readonly complete: boolean;
}

export function verdictOf(evidence: Evidence): Verdict {
  const { shift, deployment, alias, calls, minimum, faults, counted } = evidence;
  // The alias decides, not what the deployment says of itself.
  if (hasWeights(alias)) return "broken";
  if (deployment.status !== "Succeeded") {
    return alias.version === deployment.from ? "rolled back" : "broken";
  }
  if (alias.version !== deployment.to) return "broken";
  // It was over before it could be stopped for what it did.
  if (faults.length > 0 || counted.failingMinutes > 0) return "broken";
  if (shift.windowMinutes === 0) return "released";
  if (evidence.alarmFault !== undefined || !evidence.complete) return "inconclusive";
  return answered(calls) >= minimum ? "released" : "inconclusive";
}

/** Whether calls of the version itself have failed: only then is it remembered as bad. */
export function versionFailed(evidence: Evidence): boolean {
  const { deployment, faults, hookFaults, counted, alarmNames, redAlarms } = evidence;
  if (faults.length > 0 || hookFaults.length > 0 || counted.failingMinutes > 0) return true;
  if (deployment.errorCode !== "ALARM_ACTIVE") return false;
  const message = deployment.errorMessage ?? "";
  // An alarm that could not be polled is named too, and says nothing.
  const stoppedBy = alarmNames.filter((name) => message.includes(name));
  return evidence.alarmFault === undefined && (stoppedBy.length > 0 || redAlarms.length > 0);
}

/** What is recorded; `undefined` where nothing can be said of the version yet. */
export function outcomeOf(verdict: Verdict, evidence: Evidence): Outcome | undefined {
  if (verdict === "released") return "released";
  if (verdict === "inconclusive") return "unjudged";
  if (versionFailed(evidence)) return "failed";
  if (verdict === "broken") return undefined;
  const byHand = evidence.interrupted || evidence.deployment.errorCode === "MANUAL_STOP";
  return byHand && evidence.guardFault === undefined ? "stopped" : "guard failed";
}

/** Why it is no success, in words. */
export function whyNot(evidence: Evidence): string {
  const { deployment, faults, hookFaults, counted, interrupted, guardFault, alarmFault } = evidence;
  const [fault] = faults;
  if (fault !== undefined)
    return `version ${deployment.to} answered a synthetic call wrongly: ${fault}`;
  if (guardFault !== undefined) return guardFault;
  if (interrupted) return "interrupted";
  if (deployment.status === "Succeeded") {
    if (counted.failingMinutes > 0) {
      return `${counted.errors} of ${counted.invocations} calls that version ${deployment.to} answered in its canary failed, too late to stop it`;
    }
    if (alarmFault !== undefined) return `its alarms did not judge it all the time: ${alarmFault}`;
    if (!evidence.complete) return "its last calls were not waited for";
    return `${answered(evidence.calls)} of ${evidence.minimum} calls judged it`;
  }
  const said = deployment.errorMessage ?? deployment.errorCode ?? deployment.status;
  if (hookFaults.length > 0) return `${said} (${hookFaults.join("; ")})`;
  return alarmFault !== undefined ? `${said} (${alarmFault})` : said;
}
