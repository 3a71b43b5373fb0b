/** A release from its plan to its report. */
import { unlessInterrupted } from "../support/interrupt.ts";
import { Refused } from "../support/refused.ts";
import type { Session } from "../support/session.ts";
import { followActive, move, type MoveOptions, takeUp, tryServing } from "./actions.ts";
import { finishRelease } from "./finish.ts";
import type { Followed } from "./follow.ts";
import type { ReleaseRecord } from "./history.ts";
import { type Plan, planRelease, type ReleaseOptions } from "./plan.ts";
import type { ReleaseReport } from "./report.ts";
import { readReleaseState, type ReleaseState } from "./state.ts";
import type { Verdict } from "./verdict.ts";

/** A release ends with this, whatever it did. */
export type ReleaseResult =
  | ReleaseReport
  | {
      readonly verdict: Verdict | "nothing to do";
      readonly summary: string;
      /** The deployment whose verdict is repeated. */
      readonly repeats?: string | undefined;
    };

/** Throws `Refused` where nothing was begun. */
export async function releaseStack(
  session: Session,
  options: ReleaseOptions & MoveOptions,
): Promise<ReleaseResult> {
  const { clients, outputs, interrupted } = session;
  const { functionName, functionVersion } = outputs;
  if (options.retry && !options.reason) {
    throw new Refused("--retry needs a reason, which is recorded", 'add --reason "…"');
  }
  const state = await unlessInterrupted(interrupted, () => readReleaseState(clients, outputs));
  const plan = planRelease(state.snapshot, options);
  switch (plan.kind) {
    case "refuse":
      throw new Refused(plan.problem, plan.remedy);
    case "nothing":
      return {
        verdict: "nothing to do",
        summary: `nothing to do: ${functionName} serves version ${functionVersion}, which ${plan.why}`,
      };
    case "repeat":
      return repeated(plan.record);
    case "try":
      return { verdict: "released", summary: await tryServing(session, state, plan.version) };
    case "follow":
    case "judge":
    case "move":
      break;
  }
  return finishRelease(session, state, await follow(session, state, plan, options), options.reason);
}

type Followable = Extract<Plan, { kind: "follow" | "judge" | "move" }>;

function follow(
  session: Session,
  state: ReleaseState,
  plan: Followable,
  options: MoveOptions,
): Promise<Followed> {
  if (plan.kind === "follow") return followActive(session, state, plan);
  if (plan.kind === "judge") return takeUp(session, state, plan);
  return move(session, state, plan, options);
}

/** A version that nothing has judged stays that when the command is run again. */
const repeated = ({ summary, reason, version, deploymentId }: ReleaseRecord): ReleaseResult => ({
  verdict: "inconclusive",
  summary:
    summary ?? `inconclusive: version ${version} serves, and nothing has judged it: ${reason}`,
  repeats: deploymentId,
});
