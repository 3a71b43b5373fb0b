/** A release from its plan to its report. */
import { Refused } from "../support/refused.ts";
import { followActive, move, type MoveOptions, tryFirst } from "./actions.ts";
import type { ReleaseContext } from "../support/session.ts";
import { finishRelease } from "./finish.ts";
import { planRelease, type ReleaseOptions } from "./plan.ts";
import type { ReleaseReport } from "./report.ts";
import { readReleaseState } from "./state.ts";

/** A release ends with this, whatever it did. */
export type ReleaseResult =
  | ReleaseReport
  | { readonly verdict: "released" | "nothing to do"; readonly summary: string };

/** Throws `Refused` where nothing was begun. */
export async function releaseStack(
  context: ReleaseContext,
  options: ReleaseOptions & MoveOptions,
): Promise<ReleaseResult> {
  const { functionName, functionVersion } = context.outputs;
  const { reason } = options;
  if ((options.overrideAlarms || options.retry) && !reason) {
    throw new Refused('--override-alarms and --retry need --reason "…", which is recorded');
  }
  const state = await readReleaseState(context.clients, context.outputs);
  const plan = planRelease(state.snapshot, options);
  switch (plan.kind) {
    case "refuse":
      throw new Refused(`${plan.fault}; ${plan.remedy}`);
    case "nothing":
      return {
        verdict: "nothing to do",
        summary: `nothing to do: ${functionName} serves version ${functionVersion}, which ${plan.why}`,
      };
    case "try":
      return { verdict: "released", summary: await tryFirst(context, state, plan.version) };
    case "follow": {
      const followed = await followActive(context, plan);
      return finishRelease(context, state, followed, { overriddenAlarms: [], reason });
    }
    case "move":
      break;
  }
  const followed = await move(context, plan, options);
  return finishRelease(context, state, followed, { overriddenAlarms: plan.unwatched, reason });
}
